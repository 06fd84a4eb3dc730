"""Made-up events of the starter set's providers, the same ones every time.

Each is a CloudEvent in our own shape whose `source` says that it is made up. Nothing here comes
from any provider: shares are those of `flows`, days those of the starter set's own lanes.
"""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any, NamedTuple

from governance.demo.flows import DAYS, FLOWS, Flow
from governance.providers.documents import LaneEntry, LeadDays, ProviderDocument

SOURCE = "urn:governance:demo:made-up"
_NO_LANE = LeadDays(p10=1.5, p50=2, p90=3)
_PRODUCTS = ("hoodie", "lipstick", "speaker", "plush")


class Event(NamedTuple):
    """An event with the instant on which it happened."""

    at: datetime
    body: bytes


def made_up_events(documents: Iterable[ProviderDocument], until: datetime) -> list[Event]:
    """The events of `DAYS` days up to an instant, in the order in which they happened."""
    began = until - timedelta(days=DAYS)
    events = [
        event
        for document in documents
        for flow in FLOWS.get(document.id, ())
        for market in flow.markets or _markets(document, flow.service)
        for event in _of_flow(document, flow, market, began)
    ]
    return sorted(event for event in events if event.at <= until)


def _markets(document: ProviderDocument, service: str) -> Sequence[str]:
    return next(one.markets for one in document.services if one.service == service)


def _of_flow(
    document: ProviderDocument, flow: Flow, market: str, began: datetime
) -> Iterator[Event]:
    name = f"{document.id}-{flow.service}-{market}-{flow.first}".lower().replace("_", "-")
    chance = random.Random(name)  # noqa: S311 - the same history every time, and no secret
    lanes = cycle(_lanes(document, flow.service, market))
    wrong = {
        what: _some(flow.shipments, getattr(flow, what), chance)
        for what in ("late", "lost", "untracked", "cancelled")
    }
    pace = (flow.last - flow.first) / max(flow.shipments, 1)
    for number in range(flow.shipments):
        starts = began + timedelta(days=flow.first + (number + chance.random()) * pace)
        went_wrong = {what for what, numbers in wrong.items() if number in numbers}
        shipment = f"{name}-{number}"
        data = {"provider": document.id, "service": flow.service, "market": market}
        lane = next(lanes)
        for milestone, at, more in _milestones(flow.service, starts, went_wrong, lane, chance):
            said = data | {"shipment": shipment} | more
            yield _event(f"{shipment}-{milestone}", f"governance.shipment.{milestone}.v1", at, said)
    yield from _of_counts(document, flow, market, name, began, chance)


_Milestones = Iterator[tuple[str, datetime, dict[str, Any]]]


def _milestones(
    service: str,
    starts: datetime,
    wrong: set[str],
    lane: LaneEntry | None,
    chance: random.Random,
) -> _Milestones:
    """What happens to one shipment, and when."""
    if service == "customs_brokerage":
        hours = chance.uniform(50, 90) if "late" in wrong else chance.triangular(3, 44, 14)
        yield "customs_submitted", starts, {}
        yield "customs_released", starts + timedelta(hours=hours), {}
        return
    if service == "returns":
        took = chance.uniform(15, 20) if "late" in wrong else chance.triangular(3, 13, 6)
        yield "returned", starts, {}
        yield "return_completed", starts + timedelta(days=took), {}
        return
    days = _NO_LANE if lane is None else lane.lead_days
    promised = starts + timedelta(days=1.2 * days.p90)
    yield (
        "accepted",
        starts,
        {"promised_at": promised.isoformat()} | ({"lane": lane.id} if lane else {}),
    )
    if "cancelled" in wrong:
        yield "cancelled", starts + timedelta(hours=8), {"by": "provider"}
        return
    shipped = starts + timedelta(days=min(0.4, days.p10 / 3))
    yield "shipped", shipped, {}
    if "untracked" not in wrong:
        yield "tracked", shipped + timedelta(hours=chance.uniform(2, 12)), {}
    arrives = starts + timedelta(days=chance.triangular(days.p10, days.p90, days.p50))
    if "lost" in wrong:
        yield chance.choice(("lost", "damaged")), arrives, {}
        opened = arrives + timedelta(hours=chance.uniform(4, 60))
        yield "claim_opened", opened, {}
        yield "claim_answered", opened + timedelta(hours=chance.triangular(4, 72, 20)), {}
        return
    if "late" in wrong:
        arrives = promised + timedelta(days=chance.uniform(0.3, 3))
    yield "delivered", arrives, {}


def _of_counts(
    document: ProviderDocument,
    flow: Flow,
    market: str,
    name: str,
    began: datetime,
    chance: random.Random,
) -> Iterator[Event]:
    """Counts of stock, each of one product in the node that the market is supplied from."""
    wrong = _some(flow.counts, flow.miscounted, chance)
    nodes = [lane.from_node for lane in _lanes(document, flow.service, market) if lane is not None]
    node = next((one for one in nodes if one is not None), document.nodes[0].id)
    for number in range(flow.counts):
        expected = chance.randrange(400, 2400)
        data = {
            "provider": document.id,
            "service": flow.service,
            "market": market,
            "node": node,
            "product": f"{_PRODUCTS[number % len(_PRODUCTS)]}-{market.lower()}",
            "expected": expected,
            "counted": expected - chance.randrange(1, 9) * (number in wrong),
            "unit": "units",
        }
        at = began + timedelta(days=(number + chance.random()) * DAYS / flow.counts)
        yield _event(f"{name}-count-{number}", "governance.inventory.counted.v1", at, data)


def _lanes(document: ProviderDocument, service: str, market: str) -> list[LaneEntry | None]:
    found = [one for one in document.lanes if (one.service, one.to_market) == (service, market)]
    return [*found] or [None]


def _some(of: int, share: float, chance: random.Random) -> set[int]:
    """Which of so many go wrong: exactly the share, to the next whole one."""
    return set(chance.sample(range(of), round(of * share)))


def _event(event_id: str, kind: str, at: datetime, data: dict[str, Any]) -> Event:
    body = {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": kind,
        "time": at.isoformat(),
        "data": data,
    }
    return Event(at, json.dumps(body, separators=(",", ":")).encode())
