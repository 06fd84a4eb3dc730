"""Reads a line as a past drop, strictly: every fault by its field, and how to mend it."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice

from pydantic import ValidationError

from governance.drops.past.schemas import PastDropLine
from governance.errors import FieldError
from governance.planning.history import PastDrop, PastMarket
from governance.problems import field_errors

MOST_ERRORS = 10
"""So many faults of a line are told."""

_MOST_CHARACTERS = 300
_PLACE = re.compile(r" at line 1 column (\d+)$")


class RefusedLine(ValueError):
    """A line is no past drop; `errors` has its first faults, each with a pointer into the line."""

    def __init__(self, errors: Iterator[FieldError]) -> None:
        self.errors = tuple(_shown(one) for one in islice(errors, MOST_ERRORS))
        super().__init__(self.errors[0].message)


def read(line: bytes, today: date) -> PastDrop:
    """The past drop that a line of JSON says, its markets in the order of their countries.

    Raises RefusedLine: it is no JSON, a field is wrong, a country is there twice, figures that
    cannot be (more orders than visits), or a launch after `today`.
    """
    try:
        found = PastDropLine.model_validate_json(line)
    except ValidationError as invalid:
        raise RefusedLine(iter(field_errors(invalid.errors(include_url=False)))) from None
    markets: dict[str, PastMarket] = {}
    errors: list[FieldError] = []
    for place, one in enumerate(found.markets):
        try:
            market = PastMarket(**dict(one))
        except ValueError as wrong:
            hint = "returns are some of the orders, orders of the visits, visits of the reached"
            errors.append(FieldError(f"/markets/{place}", str(wrong), hint))
            continue
        if market.country in markets:
            message = f"{market.country} is there twice"
            errors.append(FieldError(f"/markets/{place}/country", message, "add its figures up"))
        markets[market.country] = market
    day = date.fromisoformat(found.launched_on)
    if day > today:
        message = f"{day} is after today, {today} (UTC)"
        errors.append(FieldError("/launched_on", message, "send a drop once it is over"))
    if errors:
        raise RefusedLine(iter(errors))
    return PastDrop(
        drop=found.drop,
        creator=found.creator,
        category=found.category,
        launched_on=day,
        markets=tuple(markets[country] for country in sorted(markets)),
        sample=found.sample,
    )


def _shown(error: FieldError) -> FieldError:
    """The error with texts of a length that can be shown: the sender chose the names of fields."""
    message = _PLACE.sub(r" at byte \1", error.message)
    return FieldError(_cut(error.field), _cut(message), error.hint and _cut(error.hint))


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"
