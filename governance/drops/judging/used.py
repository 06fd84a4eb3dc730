"""What a plan uses: units, ways and providers of each product in each market."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Used:
    """A product in a market: its units, and the ways (as the plan has them) that bring them."""

    product: str
    market: str
    units: int
    ways: tuple[Mapping[str, Any], ...]

    @property
    def import_modes(self) -> list[str]:
        return sorted({way["import_mode"] for way in self.ways})

    @property
    def lead_days_p90(self) -> float:
        """Of the slowest way."""
        return max(float(way["lead_days"][2]) for way in self.ways)

    @property
    def lanes(self) -> list[tuple[str, str]]:
        """(provider, lane) of every leg."""
        legs = {(leg["provider"], leg["lane"]) for way in self.ways for leg in way["chain"]}
        return sorted((provider, lane) for provider, lane in legs if lane is not None)

    @property
    def nodes(self) -> list[str]:
        """ "provider/node" of every stockroom."""
        return sorted({way["node"] for way in self.ways})

    @property
    def cells(self) -> list[tuple[str, str, str]]:
        """(provider, service, market) of everything that somebody does on a way."""
        return sorted(
            {
                (leg["provider"], leg["service"], leg["market"])
                for way in self.ways
                for leg in way["chain"]
            }
        )

    @property
    def schemes(self) -> list[tuple[str, str]]:
        """(market, scheme id) of every clearance."""
        found = {(one["market"], one["scheme"]) for way in self.ways for one in way["clearances"]}
        return sorted(found)


def used(plan: Mapping[str, Any]) -> Iterator[Used]:
    """Every product in every market of which the plan places units."""
    for product in plan["products"]:
        ways = {way["id"]: way for way in product["ways"]}
        units: dict[str, int] = {}
        chosen: dict[str, dict[str, Mapping[str, Any]]] = {}
        for one in product["allocations"]:
            market = one["market"]
            units[market] = units.get(market, 0) + one["units"]
            chosen.setdefault(market, {})[one["way"]] = ways[one["way"]]
        for market in sorted(units):
            yield Used(product["product"], market, units[market], tuple(chosen[market].values()))
