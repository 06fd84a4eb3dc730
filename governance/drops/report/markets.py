"""How every candidate market stands in a plan: open or not, for which products, and why not."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance.drops.report.words import MENDS, NOT_SERVED, VERDICTS, gravest, merged, mildest
from governance.markets.countries import country_of, place_name

_TOO_FEW = "Too few orders are expected there to hold a unit for them."
_WOULD_PAY = "A cheaper way, a stockroom with room, or more orders."


@dataclass(frozen=True)
class Offer:
    """A product in a market: how it stands there, and the units that go there."""

    title: str
    verdict: str
    units: int


@dataclass(frozen=True)
class Market:
    """A candidate market; `offers` has every product that is a candidate for it.

    `verdict` is one of `words.VERDICTS`: of the products that the plan brings there the
    gravest, otherwise, where it brings none, the mildest.
    """

    code: str
    name: str
    verdict: str
    offers: Mapping[str, Offer]

    @property
    def units(self) -> int:
        return sum(one.units for one in self.offers.values())

    @property
    def products_open(self) -> int:
        return sum(one.verdict == "allowed" for one in self.offers.values())


@dataclass(frozen=True)
class Closed:
    """Products that are not sold in some markets, all for the same reasons."""

    markets: Sequence[str]
    products: Sequence[str]
    why: Sequence[str]
    would_open: Sequence[str]


@dataclass(frozen=True)
class Regions:
    """A region whose verdict for some products differs from its country's."""

    name: str
    country: str
    verdict: str
    products: Sequence[str]


def markets(plan: Mapping[str, Any], decision: Mapping[str, Any] | None) -> list[Market]:
    """The candidate markets by name: the sale gate's verdicts, made graver by the drop gate's.

    Of the drop gate counts what stands against the market itself, not against the plan as a whole.
    """
    graver = {
        (one["product"], one["market"]): one["verdict"]
        for one in (decision["markets"] if decision else ())
        if one["reasons"]
    }
    offers: dict[str, dict[str, Offer]] = {}
    planned: dict[str, list[str]] = {}
    for product in plan["products"]:
        name, ways = product["product"], {way["market"] for way in product["ways"]}
        for sale in plan["sale"][name]:
            market = sale["market"]
            verdict = gravest([sale["first_day"], sale["last_day"]])
            if verdict == "allowed" and market not in ways:
                verdict = NOT_SERVED
            verdict = gravest([verdict, graver.get((name, market), verdict)])
            units = product["stock"]["by_market"].get(market, 0)
            offers.setdefault(market, {})[name] = Offer(product["title"], verdict, units)
            if market in ways:
                planned.setdefault(market, []).append(verdict)
    found = [
        Market(code, place_name(code), _whole(by.values(), planned.get(code, ())), by)
        for code, by in offers.items()
    ]
    return sorted(found, key=lambda one: one.name)


def tally(every: Iterable[Market]) -> dict[str, int]:
    """How many markets stand how, the mildest first, those that none does left out."""
    verdicts = [one.verdict for one in every]
    return {verdict: verdicts.count(verdict) for verdict in VERDICTS if verdict in verdicts}


def regions(plan: Mapping[str, Any]) -> list[Regions]:
    """The regions of markets whose verdict differs from their country's, grouped by region."""
    found: dict[tuple[str, str], list[str]] = {}
    for product in plan["products"]:
        for sale in plan["sale"][product["product"]]:
            for region, verdict in sale["regions"].items():
                found.setdefault((region, verdict), []).append(product["title"])
    return [
        Regions(place_name(region), place_name(country_of(region)), verdict, products)
        for (region, verdict), products in found.items()
    ]


def closed(plan: Mapping[str, Any]) -> list[Closed]:
    """What is not sold where, grouped by reasons; what is closed in most markets first.

    Where the sale gate bars a product the reasons are the gate's, otherwise the plan's.
    """
    reasons: dict[tuple[Sequence[str], Sequence[str]], dict[str, list[str]]] = {}
    for product in plan["products"]:
        for market, why, would_open in _not_sold(product, plan["sale"][product["product"]]):
            titles = reasons.setdefault((tuple(merged(why)), tuple(would_open)), {})
            titles.setdefault(product["title"], []).append(market)
    groups = []
    for (why, would_open), by_product in reasons.items():
        same: dict[tuple[str, ...], list[str]] = {}
        for title, codes in by_product.items():
            same.setdefault(tuple(sorted(map(place_name, codes))), []).append(title)
        groups += [Closed(names, titles, why, would_open) for names, titles in same.items()]
    return sorted(groups, key=lambda one: (-len(one.markets), one.markets, one.products))


def _not_sold(
    product: Mapping[str, Any], sales: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    """The markets to which the plan brings nothing of a product: each with why, and what would."""
    barred = {one["market"]: one for one in product["closed"]}
    unplaced = {one["market"]: one["reason"] for one in product["unplaced"]}
    served = {way["market"] for way in product["ways"]}
    for sale in sales:
        market, verdict = sale["market"], gravest([sale["first_day"], sale["last_day"]])
        if market in served:
            continue
        if verdict != "allowed":
            yield market, sale["reasons"], (MENDS[verdict],)
        elif market in barred:
            yield market, barred[market]["why"], barred[market]["would_open"]
        else:
            none = product["stock"]["reason"] if not product["stock"]["quantity"] else _TOO_FEW
            yield market, (unplaced.get(market, none),), (_WOULD_PAY,)


def _whole(offers: Iterable[Offer], planned: Sequence[str]) -> str:
    return gravest(planned) if planned else mildest([one.verdict for one in offers])
