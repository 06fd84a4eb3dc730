"""What a plan secures and where it lies: products with profits, stockrooms with units."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from governance.drops.report.bars import Range, longest, range_bar
from governance.drops.report.words import verbal_ratio
from governance.markets.countries import place_name

_LIMITS = {
    "budget": "The budget pays for no more.",
    "in_stock": "This is more, to be in stock as often as was asked for.",
}


@dataclass(frozen=True)
class Secured:
    """The stock of a product; money in minor units, `limit` says what else bound the quantity."""

    title: str
    quantity: int
    why: str
    profit: tuple[float, float, float]
    bar: Range
    sells_out: float
    limit: str | None


@dataclass(frozen=True)
class Location:
    """A stockroom that holds units: which product how many, and the markets it serves most."""

    letter: str
    id: str
    name: str
    country: str
    provider: str
    latitude: float
    longitude: float
    units: int
    capacity: int
    opening_cost: float
    by_product: Mapping[str, int]
    serves: Sequence[tuple[str, int]]

    @property
    def used(self) -> float:
        """The share of its capacity that is taken, 0 to 1."""
        return min(1.0, self.units / self.capacity) if self.capacity else 1.0


def secured(plan: Mapping[str, Any]) -> list[Secured]:
    """The products in their order, their profits on one axis."""
    every = [one["stock"] for one in plan["products"]]
    end = longest(one["profit_p90"] for one in every)
    start = min([0.0, *(one["profit_p10"] for one in every)])
    rows = []
    for product in plan["products"]:
        stock = product["stock"]
        profit = (stock["profit_p10"], stock["profit_p50"], stock["profit_p90"])
        limited = stock["limited_by"]
        rows.append(
            Secured(
                title=product["title"],
                quantity=stock["quantity"],
                why=verbal_ratio(stock["critical_ratio"]) if stock["quantity"] else stock["reason"],
                profit=profit,
                bar=range_bar(profit, end, start),
                sells_out=stock["sells_out"],
                limit=limited and _LIMITS[limited],
            )
        )
    return rows


def locations(plan: Mapping[str, Any]) -> list[Location]:
    """The stockrooms that hold units, the fullest first, lettered for the map."""
    held = {one["node"]: one for one in plan["nodes"] if one["units"]}
    known: dict[str, Mapping[str, Any]] = {}
    units: dict[str, dict[str, int]] = {}
    opening: Counter[str] = Counter()
    serves: dict[str, Counter[str]] = {}
    for product in plan["products"]:
        for node in product["nodes"]:
            known[node["node"]] = node
            units.setdefault(node["node"], {})[product["product"]] = node["units"]
            opening[node["node"]] += node["opening_cost"]
        for one in product["allocations"]:
            serves.setdefault(one["node"], Counter())[one["market"]] += one["units"]
    ranked = sorted(held, key=lambda node: (-held[node]["units"], node))
    return [
        Location(
            letter=_letter(at),
            id=node,
            name=known[node]["name"],
            country=place_name(known[node]["country"]),
            provider=known[node]["provider"],
            latitude=known[node]["latitude"],
            longitude=known[node]["longitude"],
            units=held[node]["units"],
            capacity=held[node]["capacity"],
            opening_cost=opening[node],
            by_product=units[node],
            serves=serves.get(node, Counter()).most_common(),
        )
        for at, node in enumerate(ranked)
    ]


def _letter(at: int) -> str:
    """A, B … Z, AA, AB …"""
    before, this = divmod(at, len(ascii_uppercase))
    return (_letter(before - 1) if before else "") + ascii_uppercase[this]
