"""A year of made-up events of providers: four a shipment, in the order in which they happened."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from governance.providers.documents import ProviderDocument

PROVIDERS = 200
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

_EVENTS_A_SHIPMENT = 4
_MARKETS = ("DE", "FR", "GB", "US", "CA", "JP", "AU", "BR")
_SERVICES = ("fulfilment", "last_mile")
_LINE = (
    '{{"specversion":"1.0","id":"{id}","source":"https://{provider}.example/events",'
    '"type":"governance.shipment.{milestone}.v1","time":"{time}","data":{{"provider":"{provider}",'
    '"shipment":"{shipment}","service":"{service}","market":"{market}"{more}}}}}\n'
)


@dataclass(frozen=True)
class _Habits:
    """How a provider does: where it works, and which share of its shipments fails how."""

    service: str
    markets: tuple[str, ...]
    late: float
    untracked: float
    lost: float


def provider_ids() -> list[str]:
    """The ids of all providers."""
    return [f"provider-{number:03}" for number in range(PROVIDERS)]


def documents() -> list[ProviderDocument]:
    """The providers, each with the services and markets in which events may happen."""
    services = [{"service": one, "markets": list(_MARKETS)} for one in _SERVICES]
    return [
        ProviderDocument.model_validate(
            {"id": one, "name": one, "sample": True, "services": services}
        )
        for one in provider_ids()
    ]


def write_events(path: Path, count: int, chance: random.Random) -> int:
    """Write so many events as NDJSON, in the order of their instants; how many were written."""
    habits = {one: _habits(chance) for one in provider_ids()}
    shipments = max(1, count // _EVENTS_A_SHIPMENT)
    told: list[tuple[float, str]] = []
    days = sorted((chance.uniform(8, 365) for _ in range(shipments)), reverse=True)
    for number, accepted in enumerate(days):
        provider = chance.choice(list(habits))
        told.extend(_events(number, accepted, provider, habits[provider], chance))
    told.sort()
    with path.open("w", encoding="ascii") as file:
        file.writelines(line for _, line in told)
    return len(told)


def _habits(chance: random.Random) -> _Habits:
    return _Habits(
        service=chance.choice(_SERVICES),
        markets=tuple(chance.sample(_MARKETS, 3)),
        late=chance.betavariate(2, 28),
        untracked=chance.betavariate(1, 60),
        lost=chance.betavariate(1, 150),
    )


def _events(
    number: int, accepted: float, provider: str, habits: _Habits, chance: random.Random
) -> Iterator[tuple[float, str]]:
    """The events of a shipment that was accepted so many days ago."""
    market, shipment = chance.choice(habits.markets), f"{provider}-{number:08}"
    promised = accepted - 5
    shipped = accepted - chance.uniform(0.2, 1.5)
    tracked = shipped + (0.1 if chance.random() < habits.untracked else -chance.uniform(0.2, 1.5))
    arrives = promised + (-1 if chance.random() < habits.late else 1) * chance.uniform(0.01, 1.9)
    last = "lost" if chance.random() < habits.lost else "delivered"
    more = f',"promised_at":"{_spelt(promised)}"'
    for place, (milestone, ago, said) in enumerate(
        (
            ("accepted", accepted, more),
            ("shipped", shipped, ""),
            ("tracked", tracked, ""),
            (last, arrives, ""),
        )
    ):
        line = _LINE.format(
            id=f"{chance.getrandbits(64):016x}{number:08x}{place}",
            provider=provider,
            milestone=milestone,
            time=_spelt(ago),
            shipment=shipment,
            service=habits.service,
            market=market,
            more=said,
        )
        yield -ago, line


def _spelt(days_ago: float) -> str:
    return (NOW - timedelta(days=days_ago)).isoformat(timespec="milliseconds")
