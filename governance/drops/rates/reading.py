"""Reads a file of exchange rates: those of one day, or a list of several, all or none."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from governance.drops.rates.documents import DayRates, faults
from governance.errors import FieldError, InvalidRequest
from governance.problems import field_errors
from governance.rules.values import parse_date

_DAYS = TypeAdapter(list[DayRates])


def read_file(file: Path, today: date) -> dict[date, DayRates]:
    """The rates by day; raises InvalidRequest, which names every fault with its pointer."""
    try:
        whole = json.loads(file.read_bytes(), object_pairs_hook=_names_once)
    except OSError as error:
        raise InvalidRequest(f"{file}: {error.strerror}") from error
    except (RecursionError, ValueError) as error:
        raise InvalidRequest(f"{file} is not JSON: {error}") from error
    single = not isinstance(whole, list)
    try:
        documents = _DAYS.validate_python([whole] if single else whole)
    except ValidationError as invalid:
        found = field_errors(invalid.errors(include_url=False))
        raise _refused(file, [_placed(one, "", single) for one in found]) from None
    days = {parse_date(document.day): document for document in documents}
    errors = [
        _placed(fault, f"/{place}", single)
        for place, document in enumerate(documents)
        for fault in _faults(documents, place, document, today)
    ]
    if errors:
        raise _refused(file, errors)
    return days


def _faults(
    documents: list[DayRates], place: int, document: DayRates, today: date
) -> Iterator[FieldError]:
    yield from faults(parse_date(document.day), document, today)
    if any(document.day == other.day for other in documents[:place]):
        yield FieldError("/day", f"{document.day} is there twice", "leave one of them out")


def _placed(error: FieldError, before: str, single: bool) -> FieldError:
    """The error with its place in the file: of a single document, that has no number."""
    pointer = before + error.field
    return FieldError(pointer.removeprefix("/0") if single else pointer, error.message, error.hint)


def _refused(file: Path, errors: list[FieldError]) -> InvalidRequest:
    return InvalidRequest(f"{file}: {errors[0].message}", errors=errors)


def _names_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which every name stands once: of two rates, one would be passed over."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"`{twice}` stands there twice")
    return found
