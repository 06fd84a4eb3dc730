"""Whether a record of an export is one that the export's filter means, from the record alone."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from governance.audit.exports.lines import Record
from governance.gates.filing import BY_GATE, Filing

Test = Callable[[Record], bool]

_read = msgspec.json.Decoder().decode


class UnknownFilter(ValueError):
    """A filter says something that this version cannot check; the message names it."""


def tests(described: Mapping[str, str]) -> list[tuple[str, Test]]:
    """A test for each part of a filter as a manifest has it (`filter_query.described`), by name.

    Raises UnknownFilter. A test raises LookupError or TypeError where the record lacks what is
    filtered by, or is of a gate that this version does not know.
    """
    found: list[tuple[str, Test]] = []
    places = {name: described[name] for name in ("market", "verdict") if name in described}
    for name, wanted in described.items():
        if name in places:
            continue
        if name not in _SIMPLE:
            raise UnknownFilter(f"this version knows no filter `{name}`")
        try:
            found.append((f"{name} {wanted}", _SIMPLE[name](wanted)))
        except ValueError as error:
            raise UnknownFilter(f"`{name}`: {error}") from error
    if places:
        found.append((" ".join(f"{k} {v}" for k, v in places.items()), _of_place(**places)))
    return found


def _since(text: str) -> Test:
    first = datetime.fromisoformat(text)
    return lambda record: datetime.fromisoformat(_read(record.timestamp)) >= first


def _until(text: str) -> Test:
    end = datetime.fromisoformat(text)
    return lambda record: datetime.fromisoformat(_read(record.timestamp)) < end


def _category(wanted: str) -> Test:
    return lambda record: _filed(record).category(_read(record.input)) == wanted


def _of_place(market: str | None = None, verdict: str | None = None) -> Test:
    def test(record: Record) -> bool:
        verdicts: Mapping[str, Any] = _filed(record).verdicts(_read(record.result))
        return any(
            market in (None, place) and verdict in (None, given)
            for place, given in verdicts.items()
        )

    return test


def _filed(record: Record) -> Filing:
    return BY_GATE[_read(record.gate)]


_SIMPLE: Mapping[str, Callable[[str], Test]] = {
    "since": _since,
    "until": _until,
    "category": _category,
    "gate": lambda wanted: lambda record: _read(record.gate) == wanted,
    "caller": lambda wanted: lambda record: _read(record.requested_by) == wanted,
    "release": lambda wanted: (
        lambda record: _read(record.bundles)["governance"]["revision"] == wanted
    ),
}
