"""The vocabulary: every category, attribute, evidence type, bloc and way in that rules may name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from governance.markets.blocs import Bloc
from governance.markets.countries import country_of

Namespace = Literal["product", "seller", "offer", "market", "provider", "drop"]
Kind = Literal["goods", "a service", "a drop"]
AttributeType = Literal[
    "boolean", "integer", "number", "string", "choice", "set", "country", "date", "hs_code"
]
# Types whose value is a set of tags to look into: a country and its blocs, an HS code's prefixes.
MEMBERSHIP_TYPES = ("set", "country", "hs_code")
ORDERED_TYPES = ("integer", "number", "date")
# The categories above all services and above all drops; every other category is of goods.
SERVICES_ROOT = "logistics_services"
DROPS_ROOT = "creator_drops"
# Evidence under this name is proven by what was counted: nobody can hand it in.
OBSERVED = "performance"


@dataclass(frozen=True)
class Category:
    """What a product can be; `hs` are prefixes of the Harmonized System, empty: not checked."""

    name: str
    title: str
    parent: str | None
    hs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Attribute:
    """A typed fact; numbers are in `unit`."""

    name: str
    of: Namespace
    type: AttributeType
    title: str
    values: tuple[str, ...] = ()
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    note: str | None = None


@dataclass(frozen=True)
class EvidenceType:
    """A paper that a rule can ask for; `reference_pattern` (RE2) is the form of its number.

    It begins with its jurisdiction, or with `performance.` where counts are the proof.
    """

    name: str
    title: str
    description: str
    jurisdiction: str
    reference_pattern: str | None = None

    @property
    def observed(self) -> bool:
        """Whether it is proven by counts of what happened, and is no paper."""
        return self.jurisdiction == OBSERVED.upper()


@dataclass(frozen=True)
class ImportMode:
    """A way in; `markets` None: every market knows it."""

    name: str
    title: str
    markets: tuple[str, ...] | None


@dataclass(frozen=True)
class Vocabulary:
    """All words of the language, by name."""

    categories: Mapping[str, Category] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    evidence_types: Mapping[str, EvidenceType] = field(default_factory=dict)
    blocs: Mapping[str, Bloc] = field(default_factory=dict)
    import_modes: Mapping[str, ImportMode] = field(default_factory=dict)

    @cached_property
    def _lineages(self) -> dict[str, tuple[str, ...]]:
        lineages = {}
        for name in self.categories:
            lineage: list[str] = []
            current: str | None = name
            while current is not None and current in self.categories and current not in lineage:
                lineage.append(current)
                current = self.categories[current].parent
            lineages[name] = tuple(lineage)
        return lineages

    @cached_property
    def services(self) -> dict[str, Category]:
        """What a provider does, by name; not the category above them all."""
        return {
            name: category
            for name, category in self.categories.items()
            if SERVICES_ROOT in self.lineage(name)[1:]
        }

    @cached_property
    def goods(self) -> dict[str, Category]:
        """What a product can be, by name: every category that is no service and no drop."""
        return {
            name: category
            for name, category in self.categories.items()
            if self.kind(name) == "goods"
        }

    @cached_property
    def papers(self) -> dict[str, EvidenceType]:
        """The evidence that can be handed in, by name."""
        return {name: found for name, found in self.evidence_types.items() if not found.observed}

    def lineage(self, category: str) -> tuple[str, ...]:
        """The category and everything above it, nearest first."""
        return self._lineages[category]

    def kind(self, category: str) -> Kind:
        """What a category is of: goods, a service of a provider, or a drop of a creator."""
        lineage = self.lineage(category)
        if SERVICES_ROOT in lineage:
            return "a service"
        return "a drop" if DROPS_ROOT in lineage else "goods"

    def blocs_of(self, country: str, day: date) -> list[str]:
        """The blocs that `country` belongs to on `day`."""
        return [code for code, bloc in self.blocs.items() if bloc.has(country, day)]

    def jurisdictions(self, place: str, day: date) -> frozenset[str]:
        """Whose law holds in a country or region on `day`: its own, its country's, its blocs'."""
        country = country_of(place)
        return frozenset({place, country, *self.blocs_of(country, day)})

    def modes_of(self, market: str) -> list[str]:
        """The ways in that a market knows, in the vocabulary's order."""
        return [
            mode.name
            for mode in self.import_modes.values()
            if mode.markets is None or market in mode.markets
        ]

    def hs_fits(self, categories: Iterable[str], hs: str) -> bool:
        """Whether an HS code lies under a prefix of one of the categories, or none has any."""
        prefixes = [prefix for name in categories for prefix in self.categories[name].hs]
        return not prefixes or any(hs.startswith(prefix) for prefix in prefixes)
