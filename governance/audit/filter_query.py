"""The filters as they are written in an address or on the command line, read strictly."""

import re
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import Query

from governance.db import can_name
from governance.decisions.filters import Filters
from governance.errors import FieldError, InvalidRequest
from governance.gates.filing import BY_GATE
from governance.gates.sale import VERDICTS
from governance.markets.countries import country_codes, suggest_country
from governance.rules.problems import did_you_mean

NAMES = ("from", "to", "market", "category", "verdict", "gate", "caller", "release")
"""The names of the filters in an address."""

ME = "me"
"""Stands for the id of who is calling."""

_MOST_CHARACTERS = 200
_MARKET_HINT = "ISO 3166-1 alpha-2, as in FR"
_DIGEST = re.compile("sha256:[0-9a-f]{64}")


def filter_query(
    since: Annotated[
        str | None,
        Query(alias="from", description="From this day (UTC) or instant on, inclusive."),
    ] = None,
    until: Annotated[
        str | None,
        Query(alias="to", description="To this day, inclusive, or this instant, exclusive."),
    ] = None,
    market: Annotated[str | None, Query(description="A country, ISO 3166-1 alpha-2.")] = None,
    category: Annotated[str | None, Query(description="A name from GET /v1/categories.")] = None,
    verdict: Annotated[str | None, Query(description=f"One of {', '.join(VERDICTS)}.")] = None,
    gate: Annotated[str | None, Query(description=f"One of {', '.join(BY_GATE)}.")] = None,
    caller: Annotated[str | None, Query(description="Id of the key that asked, or `me`.")] = None,
    release: Annotated[str | None, Query(description="Digest of a release, sha256:….")] = None,
) -> Filters:
    """The filters; raises InvalidRequest that names every wrong one."""
    errors: list[FieldError] = []
    words = {"category": category, "caller": caller}
    for name, word in words.items():
        if word is not None and not (0 < len(word) <= _MOST_CHARACTERS and can_name(word)):
            errors.append(_error(name, "no name has this form", "leave it out for all"))
    if market is not None and market not in country_codes():
        suggestion = suggest_country(market)
        hint = f"did you mean {suggestion}?" if suggestion else _MARKET_HINT
        errors.append(_error("market", f"unknown market `{market}`", hint))
    for name, word, known in (("verdict", verdict, VERDICTS), ("gate", gate, BY_GATE)):
        if word is not None and word not in known:
            hint = did_you_mean(word, known) or ", ".join(known)
            errors.append(_error(name, f"unknown {name} `{word}`", hint))
    if release is not None and not _DIGEST.fullmatch(release):
        errors.append(_error("release", "no digest has this form", "sha256: and 64 hex digits"))
    first = _instant("from", since, timedelta(0), errors.append)
    last = _instant("to", until, timedelta(days=1), errors.append)
    if first is not None and last is not None and first >= last:
        errors.append(_error("to", "ends before it begins", "a later day than `from`"))
    if errors:
        raise InvalidRequest(errors[0].message, errors=errors)
    return Filters(first, last, market, category, verdict, gate, caller, release)


def described(filters: Filters) -> dict[str, str]:
    """The filters that are set, as texts: what a manifest says of an export."""
    found = {}
    for field in fields(filters):
        value = getattr(filters, field.name)
        if value is not None:
            found[field.name] = value.isoformat() if isinstance(value, datetime) else str(value)
    return found


def _instant(
    name: str, text: str | None, whole_day: timedelta, report: Callable[[FieldError], None]
) -> datetime | None:
    """An instant, or the beginning of a day (its end, where the day is included)."""
    if text is None:
        return None
    try:
        if len(text) == len("2026-11-22"):
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, tzinfo=UTC) + whole_day
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is not None:
            return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    report(_error(name, f"`{text}` is no day or instant", "2026-11-22 or 2026-11-22T10:00:00Z"))
    return None


def _error(name: str, message: str, hint: str) -> FieldError:
    return FieldError(name, message, hint)
