"""Events to send, a small registry to send them to, and lines as an upload gives them."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Engine

from governance.db import transaction
from governance.providers.events.lines import Line
from governance.providers.models import Provider, Standing

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOURCE = "https://carrier.example/events"
_numbers = count(1)


def register(engine: Engine, *ids: str) -> None:
    """Make providers with these ids."""
    with transaction(engine, write=True) as session:
        for one in ids:
            session.add(
                Provider(
                    id=one,
                    name=one,
                    standing=Standing.APPLICANT,
                    standing_since=NOW,
                    registered_at=NOW,
                )
            )


def ago(**ages: float) -> str:
    """The instant so long before NOW, as events spell it."""
    return (NOW - timedelta(**ages)).isoformat()


def event(milestone: str = "delivered", **changes: Any) -> dict[str, Any]:
    """An event of a shipment; `time` and `id` are of the envelope, other changes of the data."""
    envelope = {
        "specversion": "1.0",
        "id": changes.pop("id", f"event-{next(_numbers)}"),
        "source": changes.pop("source", SOURCE),
        "type": f"governance.shipment.{milestone}.v1",
        "time": changes.pop("time", ago(days=1)),
    }
    data = {"provider": "acme", "shipment": "s-1", "service": "last_mile", "market": "DE"}
    if milestone == "cancelled":
        data["by"] = "provider"
    return envelope | {"data": data | changes}


def counted(**changes: Any) -> dict[str, Any]:
    """A count of stock."""
    made = event(time=changes.pop("time", ago(days=1)))
    data = {
        "provider": "acme",
        "service": "fulfilment",
        "market": "DE",
        "node": "BER1",
        "product": "hoodie-m",
        "expected": 10,
        "counted": 10,
        "unit": "units",
    }
    return made | {"type": "governance.inventory.counted.v1", "data": data | changes}


def foreign(kind: str, data: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """An event in a foreign shape; its envelope names provider, shipment, service and market."""
    envelope = {
        "specversion": "1.0",
        "id": f"event-{next(_numbers)}",
        "source": SOURCE,
        "type": kind,
        "subject": "s-1",
        "provider": "acme",
        "service": "line_haul",
        "market": "DE",
    }
    return envelope | {"data": dict(data)} | changes


def lines(events: Iterable[Mapping[str, Any] | bytes]) -> list[Line]:
    """The events as numbered lines; bytes stand as they are."""
    return [
        Line(number, one if isinstance(one, bytes) else json.dumps(one).encode())
        for number, one in enumerate(events, start=1)
    ]
