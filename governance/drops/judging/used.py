"""What a plan uses: units, ways and providers of each product in each market."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_COMMERCIAL = "commercial"
_INTO_THE_STOCKROOM = ("line_haul", "customs_brokerage")


@dataclass(frozen=True)
class Used:
    """A product in a market: its units, and the ways (as the plan has them) that bring them.

    `countries` are those of the stockrooms on these ways, by "provider/node".
    """

    product: str
    market: str
    units: int
    ways: tuple[Mapping[str, Any], ...]
    countries: Mapping[str, str]

    @property
    def import_modes(self) -> list[str]:
        return sorted({way["import_mode"] for way in self.ways})

    @property
    def entered(self) -> list[str]:
        """The countries into which stock is brought for it, for sale."""
        found = {self.countries[way["node"]] for way in self.ways if way["entry_scheme"]}
        return sorted(found)

    def places(self, mode: str) -> list[str]:
        """Where the sale gate has to allow that way in: the market, and where stock comes in."""
        return sorted({self.market, *(self.entered if mode == _COMMERCIAL else ())})

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
    def providers(self) -> set[str]:
        """Who keeps, carries or clears it."""
        return {name.partition("/")[0] for name in self.nodes} | {one for one, _, _ in self.cells}

    @property
    def cells(self) -> list[tuple[str, str, str]]:
        """(provider, service, market) of everything that somebody does on a way."""
        found = set()
        for way in self.ways:
            for leg in way["chain"]:
                inbound = leg["service"] in _INTO_THE_STOCKROOM
                market = self.countries[way["node"]] if inbound else way["market"]
                found.add((leg["provider"], leg["service"], market))
        return sorted(found)

    @property
    def schemes(self) -> list[tuple[str, str]]:
        """(market, scheme id) of every clearance."""
        found = {
            (place, scheme)
            for way in self.ways
            for place, scheme in (
                (way["market"], way["scheme"]),
                (self.countries[way["node"]], way["entry_scheme"]),
            )
            if scheme is not None
        }
        return sorted(found)


def used(plan: Mapping[str, Any]) -> Iterator[Used]:
    """Every product in every market of which the plan places units."""
    for product in plan["products"]:
        ways = {way["id"]: way for way in product["ways"]}
        countries = {node["node"]: node["country"] for node in product["nodes"]}
        units: dict[str, int] = {}
        chosen: dict[str, dict[str, Mapping[str, Any]]] = {}
        for one in product["allocations"]:
            market = one["market"]
            units[market] = units.get(market, 0) + one["units"]
            chosen.setdefault(market, {})[one["way"]] = ways[one["way"]]
        for market in sorted(units):
            yield Used(
                product["product"],
                market,
                units[market],
                tuple(chosen[market].values()),
                countries,
            )
