"""What a unit costs on arrival in each market, by scheme, and who brings it there."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance.drops.report.bars import Piece, Quantiles, longest, stack
from governance.drops.report.words import MODES, PARTS, chain_word, word
from governance.markets.countries import place_name


@dataclass(frozen=True)
class Scheme:
    """A customs scheme that was weighed: its landed cost per unit, or why it is not available."""

    title: str
    chosen: bool
    total: float | None
    days: Quantiles
    why_not: Sequence[str]
    importer: str
    certainty: str


@dataclass(frozen=True)
class Landed:
    """A product in a market: the landed cost of a unit by the way that carries most units there.

    Money in minor units; `bar` is the stack on the product's axis. `clears` says how the goods pass
    customs on their way to the buyer.
    """

    market: str
    node: str
    mode: str
    clears: str
    total: float
    parts: Mapping[str, float]
    bar: Sequence[Piece]
    days: Quantiles
    units: int
    reason: str
    schemes: Sequence[Scheme]
    thin: bool


@dataclass(frozen=True)
class Link:
    """What a provider does in a chain."""

    service: str
    provider: str


@dataclass(frozen=True)
class Alternative:
    """A chain that was not chosen, with what it would add to a unit's cost, in minor units.

    Where the links are those that were chosen, it goes by another lane or another customs scheme.
    """

    links: Sequence[Link]
    markets: Sequence[str]
    extra: tuple[float, float]
    days: Quantiles


@dataclass(frozen=True)
class Chain:
    """Providers that hand units on to one another, with all that they carry.

    `costs` are the least and the most per unit in minor units, `days` the slowest way's.
    """

    links: Sequence[Link]
    nodes: Sequence[str]
    markets: Sequence[str]
    units: int
    costs: tuple[float, float]
    days: Quantiles
    alternatives: Sequence[Alternative]


@dataclass(frozen=True)
class Provider:
    """A provider that takes part: its standing, what it does, and the units it touches."""

    id: str
    standing: str
    services: Sequence[str]
    markets: int
    units: int


def landed(product: Mapping[str, Any]) -> list[Landed]:
    """The ways of a product that carry units, one a market, those with most units first."""
    units = carried(product)
    best: dict[str, Mapping[str, Any]] = {}
    for way in sorted(product["ways"], key=lambda one: (-units[one["id"]], one["unit_cost"])):
        if units[way["id"]]:
            best.setdefault(way["market"], way)
    end = longest(way["landed_cost"]["total"] for way in best.values())
    return [_landed(way, units[way["id"]], end) for way in best.values()]


def clearance(plan: Mapping[str, Any]) -> list[tuple[str, float]]:
    """How the units clear customs, with the share of them that do it so; the largest first."""
    units: Counter[str] = Counter()
    for way, many in _used(plan):
        units[_clears(way)] += many
    return [(how, many / units.total()) for how, many in units.most_common()]


def carried(product: Mapping[str, Any]) -> Counter[str]:
    """The units of a product on each of its ways, by the way's id."""
    units: Counter[str] = Counter()
    for one in product["allocations"]:
        units[one["way"]] += one["units"]
    return units


def chains(plan: Mapping[str, Any]) -> list[Chain]:
    """The chains that carry units, over all products, the busiest first."""
    grouped: dict[tuple[Link, ...], list[tuple[Mapping[str, Any], int]]] = {}
    for way, units in _used(plan):
        grouped.setdefault(_links(way["chain"]), []).append((way, units))
    rows = [_chain(links, used) for links, used in grouped.items()]
    return sorted(rows, key=lambda one: -one.units)


def providers(plan: Mapping[str, Any]) -> list[Provider]:
    """Everybody who takes part, who touches most units first."""
    services: dict[str, dict[str, None]] = {}
    markets: dict[str, set[str]] = {}
    units: Counter[str] = Counter()
    for way, many in _used(plan):
        for step in way["chain"]:
            services.setdefault(step["provider"], {})[chain_word(step)] = None
            markets.setdefault(step["provider"], set()).add(way["market"])
        for provider in {step["provider"] for step in way["chain"]}:
            units[provider] += many
    standings = plan["lineage"]["standings"]
    return [
        Provider(
            one, standings[one]["standing"], list(services[one]), len(markets[one]), units[one]
        )
        for one, _ in units.most_common()
    ]


def _used(plan: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], int]]:
    """The ways of all products that carry units, each with how many."""
    found = []
    for product in plan["products"]:
        units = carried(product)
        found += [(way, units[way["id"]]) for way in product["ways"] if units[way["id"]]]
    return found


def _landed(way: Mapping[str, Any], units: int, end: float) -> Landed:
    schemes = [
        Scheme(
            title=one["title"],
            chosen=one["scheme"] in (way["scheme"], way["entry_scheme"]),
            total=one["landed_cost"],
            days=one["lead_days"],
            why_not=one["why_not"],
            importer=word(one["importer_of_record"]),
            certainty=one["certainty"],
        )
        for one in way["schemes"]
    ]
    parts = {part: way["landed_cost"][part] for part in PARTS}
    return Landed(
        market=place_name(way["market"]),
        node=way["node"],
        mode=MODES.get(way["import_mode"], word(way["import_mode"])),
        clears=_clears(way),
        total=way["landed_cost"]["total"],
        parts=parts,
        bar=stack(parts, end),
        days=way["lead_days"],
        units=units,
        reason=way["reason"],
        schemes=schemes,
        thin=any(one.chosen and one.certainty == "low" for one in schemes),
    )


def _clears(way: Mapping[str, Any]) -> str:
    """The scheme of the parcel, after that of the stock; `no border to cross` where there is none.

    A scheme that was not weighed for the way is called by its id.
    """
    titles = {one["scheme"]: one["title"] for one in way["schemes"]}
    parcel, stock = way["scheme"], way["entry_scheme"]
    parts = [titles.get(parcel, word(parcel))] if parcel else []
    if stock:
        parts.append(f"{titles.get(stock, word(stock))} in bulk")
    return ", after ".join(parts) or "no border to cross"


def _chain(links: Sequence[Link], used: Sequence[tuple[Mapping[str, Any], int]]) -> Chain:
    ways = [way for way, _ in used]
    return Chain(
        links=links,
        nodes=sorted({way["node"] for way in ways}),
        markets=_names(ways),
        units=sum(units for _, units in used),
        costs=_span(way["unit_cost"] for way in ways),
        days=_slowest(way["lead_days"] for way in ways),
        alternatives=_alternatives(ways),
    )


def _alternatives(ways: Iterable[Mapping[str, Any]]) -> list[Alternative]:
    grouped: dict[tuple[Link, ...], list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = {}
    for way in ways:
        for other in way["alternatives"]:
            grouped.setdefault(_links(other["chain"]), []).append((way, other))
    return [
        Alternative(
            links=links,
            markets=_names(way for way, _ in found),
            extra=_span(other["unit_cost"] - way["unit_cost"] for way, other in found),
            days=_slowest(other["lead_days"] for _, other in found),
        )
        for links, found in grouped.items()
    ]


def _links(chain: Iterable[Mapping[str, str]]) -> tuple[Link, ...]:
    return tuple(Link(chain_word(step), step["provider"]) for step in chain)


def _names(ways: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted({place_name(way["market"]) for way in ways})


def _span(costs: Iterable[float]) -> tuple[float, float]:
    every = sorted(costs)
    return every[0], every[-1]


def _slowest(every: Iterable[Quantiles]) -> Quantiles:
    return max(every, key=lambda one: (one[2], one[1]))
