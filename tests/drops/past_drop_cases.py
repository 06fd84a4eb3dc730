"""Past drops for tests, as they are sent."""

import json
from collections.abc import Iterable
from typing import Any


def figures(country: str = "DE", **changes: Any) -> dict[str, Any]:
    """What a drop did in a country."""
    usual = {"audience": 900, "reached": 500, "visits": 60, "orders": 5, "returns": 1}
    return {"country": country, **usual, **changes}


def past_drop(drop: str = "d-1", **changes: Any) -> dict[str, Any]:
    """A line; `changes` are its fields."""
    usual = {
        "drop": drop,
        "creator": "c-1",
        "category": "toys",
        "launched_on": "2026-03-01",
        "markets": [figures("US"), figures("DE")],
    }
    return usual | changes


def ndjson(lines: Iterable[Any]) -> bytes:
    """The lines as an upload."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in lines)
