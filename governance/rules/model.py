"""The model of the rulesets: rules, coverage, sources, cases."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Literal

from governance.markets.countries import country_of
from governance.markets.law import Certainty as Certainty
from governance.markets.law import Rank as Rank
from governance.markets.law import Source as Source
from governance.markets.law import Status as Status
from governance.markets.law import in_force
from governance.markets.schemes import Scheme, StandardRate
from governance.rules.conditions import All, Condition, FactValue, attributes
from governance.rules.problems import Place
from governance.rules.vocabulary import Vocabulary

Effect = Literal["prohibit", "require", "review", "oblige", "derive"]
CaseOutcome = Literal["fires", "silent", "undetermined"]

ALWAYS = All(())


@dataclass(frozen=True)
class Deadline:
    """An obligation is due `days` days after `after` (a plain phrase: "first sale")."""

    days: int
    after: str


@dataclass(frozen=True)
class Case:
    """An example beside a rule: these facts, on this day, in this category, have this outcome."""

    outcome: CaseOutcome
    facts: Mapping[str, FactValue]
    written: Mapping[str, str]
    as_of: date | None
    category: str | None
    place: Place


@dataclass(frozen=True, eq=False)
class Rule:
    """One dated, cited statement of law (or of an SLA, or of classification).

    It holds for sales from `start` (inclusive) to `end` (exclusive), in `jurisdiction` and
    `also_in` but not in `not_in`, for the categories below `categories`. A derive rule and a rule
    about drops have no jurisdiction: they hold everywhere.
    """

    id: str
    title: str
    status: Status
    start: date
    end: date | None
    categories: tuple[str, ...]
    condition: Condition
    effect: Effect
    source: Source
    jurisdiction: str | None
    place: Place
    evidence: tuple[str, ...] = ()
    deadline: Deadline | None = None
    sets: Mapping[str, FactValue] = field(default_factory=dict)
    adds_category: str | None = None
    also_in: tuple[str, ...] = ()
    not_in: tuple[str, ...] = ()
    note: str | None = None
    cases: tuple[Case, ...] = ()

    @cached_property
    def attributes(self) -> frozenset[str]:
        """The attributes that the condition looks at."""
        return attributes(self.condition)

    @property
    def unconditional(self) -> bool:
        return self.condition == ALWAYS

    def in_force_on(self, day: date) -> bool:
        """Whether the rule binds a sale on `day`; a suspended rule binds nobody."""
        return in_force(self.status, self.start, self.end, day)

    def binds(self, place: str, jurisdictions: frozenset[str]) -> bool:
        """Whether the rule holds in a country or region with these jurisdictions."""
        if place in self.not_in or country_of(place) in self.not_in:
            return False
        return self.jurisdiction in jurisdictions or not jurisdictions.isdisjoint(self.also_in)


@dataclass(frozen=True)
class Coverage:
    """Somebody looked into a category for a jurisdiction: sales from `start` on can be judged."""

    jurisdiction: str
    category: str
    researched_on: date
    start: date
    certainty: Certainty
    place: Place
    note: str | None = None
    source: Source | None = None


@dataclass(frozen=True, eq=False)
class Library:
    """Everything that the rulesets say, for every gate."""

    vocabulary: Vocabulary
    rules: Mapping[str, tuple[Rule, ...]]  # by gate: sale, provider, drop
    classification: tuple[Rule, ...]
    coverage: tuple[Coverage, ...]
    clearance: tuple[Scheme, ...] = ()
    standard_rates: tuple[StandardRate, ...] = ()

    @cached_property
    def rules_by_id(self) -> dict[str, Rule]:
        every = [*self.classification, *(rule for rules in self.rules.values() for rule in rules)]
        return {rule.id: rule for rule in every}

    @cached_property
    def coverage_by_cell(self) -> dict[tuple[str, str], list[Coverage]]:
        """Coverage rows by (jurisdiction, category)."""
        cells: dict[tuple[str, str], list[Coverage]] = {}
        for row in self.coverage:
            cells.setdefault((row.jurisdiction, row.category), []).append(row)
        return cells

    @cached_property
    def covered_markets(self) -> list[str]:
        """The countries that have coverage of their own, in alphabetical order."""
        codes = {row.jurisdiction for row in self.coverage}
        return sorted(c for c in codes if c not in self.vocabulary.blocs and "-" not in c)

    @cached_property
    def researched_blocs(self) -> frozenset[str]:
        """The blocs that make law here: they have coverage, so their members need it too."""
        return frozenset(
            row.jurisdiction for row in self.coverage if row.jurisdiction in self.vocabulary.blocs
        )

    @cached_property
    def regions(self) -> dict[str, tuple[str, ...]]:
        """The regions with law of their own, by country."""
        named: set[str] = set()
        for rules in self.rules.values():
            for rule in rules:
                named.update((rule.jurisdiction or "", *rule.also_in, *rule.not_in))
        by_country: dict[str, list[str]] = {}
        for region in sorted(code for code in named if "-" in code):
            by_country.setdefault(country_of(region), []).append(region)
        return {country: tuple(regions) for country, regions in by_country.items()}

    def schemes(self, market: str, day: date) -> list[Scheme]:
        """How goods can be cleared into a market on `day`, by its own schemes and by its blocs'.

        A tax at the standard rate has the market's rate of that day; its percentage stays None
        where that is not on file.
        """
        jurisdictions = self.vocabulary.jurisdictions(market, day)
        return [
            replace(scheme, tax=replace(scheme.tax, percent=self.standard_rate(market, day)))
            if scheme.tax.collected != "none" and scheme.tax.percent is None
            else scheme
            for scheme in self.clearance
            if scheme.place in jurisdictions and scheme.in_force_on(day)
        ]

    def standard_rate(self, market: str, day: date) -> float | None:
        """The percentage of a country's import tax on `day`, None where it is not on file."""
        country = country_of(market)
        for rate in self.standard_rates:
            if rate.place == country and rate.holds_on(day):
                return rate.percent
        return None
