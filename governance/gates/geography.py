"""Where rules bind and what is covered, on a day: worked out once a day of sale, then looked up."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from governance.markets.countries import country_codes, country_of
from governance.rules.model import Coverage, Library, Rule


class Cover(NamedTuple):
    """How well the categories of a product are researched for a market.

    `oldest_days` counts from the oldest research to the day of sale.
    """

    uncovered: tuple[str, ...]
    low_certainty: tuple[str, ...]
    oldest_days: int


class Geography:
    """The law's map on one day of sale."""

    def __init__(self, library: Library, gate: str, day: date) -> None:
        self._library = library
        self._day = day
        regions = [region for found in library.regions.values() for region in found]
        self._jurisdictions = {
            place: library.vocabulary.jurisdictions(place, day)
            for place in [*country_codes(), *regions]
        }
        lawmakers: dict[str, list[str]] = {}
        for place, jurisdictions in self._jurisdictions.items():
            for jurisdiction in jurisdictions:
                lawmakers.setdefault(jurisdiction, []).append(place)
        self._places: dict[str, tuple[str, ...]] = {}
        for rule in library.rules[gate]:
            if rule.in_force_on(day):
                reach = [rule.jurisdiction or "", *rule.also_in]
                bound = {place for name in reach for place in lawmakers.get(name, ())}
                self._places[rule.id] = tuple(
                    sorted(
                        place for place in bound if rule.binds(place, self._jurisdictions[place])
                    )
                )
        self.cover = lru_cache(maxsize=4096)(self._cover)

    def places(self, rule: Rule) -> tuple[str, ...]:
        """The countries and regions that the rule binds on the day; none if it is not in force."""
        return self._places.get(rule.id, ())

    def _cover(self, market: str, categories: tuple[str, ...]) -> Cover:
        """The research behind an answer for a market: its own and that of its blocs."""
        blocs = self._jurisdictions[market] & self._library.researched_blocs
        uncovered: list[str] = []
        low: list[str] = []
        oldest = self._day
        for category in categories:
            rows = [self._row(lawmaker, category) for lawmaker in (market, *sorted(blocs))]
            found = [row for row in rows if row is not None]
            if len(found) < len(rows):
                uncovered.append(category)
                continue
            if any(row.certainty == "low" for row in found):
                low.append(category)
            oldest = min(oldest, *(row.researched_on for row in found))
        return Cover(tuple(uncovered), tuple(low), (self._day - oldest).days)

    def _row(self, jurisdiction: str, category: str) -> Coverage | None:
        for name in self._library.vocabulary.lineage(category):
            for row in self._library.coverage_by_cell.get((jurisdiction, name), ()):
                if row.start <= self._day:
                    return row
        return None


def regions_of(library: Library, market: str) -> Sequence[str]:
    """The regions of a market that have law of their own."""
    return library.regions.get(country_of(market), ())
