"""The schemes under which goods clear customs into a market: limits, tax, duty, registrations."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from governance.markets.law import Certainty, Source, Status, in_force

Collected = Literal["at_sale", "at_import", "none"]
DutyKind = Literal["none", "ad_valorem_declared", "flat_percent", "per_item"]
Importer = Literal["buyer", "seller", "local_company"]
Basis = Literal["goods", "goods_and_freight"]
Reach = Literal["consignment", "item"]


@dataclass(frozen=True)
class ValueLimit:
    """What a consignment, or each item in it, may be worth, in minor units of `currency`.

    `over` and `below` are exclusive, `up_to` is inclusive; None: no such bound.
    """

    currency: str
    per: Reach = "consignment"
    of: Basis = "goods"
    over: int | None = None
    up_to: int | None = None
    below: int | None = None


@dataclass(frozen=True)
class Registration:
    """An evidence type that a scheme asks for, with the title that a person knows it by."""

    evidence: str
    title: str


@dataclass(frozen=True)
class Tax:
    """Import, value-added or sales tax, on goods, freight and duty.

    `percent` None: the market's standard rate, which `Library.schemes` fills in where it is known.
    """

    collected: Collected
    percent: float | None = None


@dataclass(frozen=True)
class Duty:
    """How duty is worked out.

    `ad_valorem_declared` takes the percentage that the seller declares, `flat_percent` has its
    own `percent`, less `amount` (minor units of `currency`) where one is given. `per_item` is
    `amount` for an item of the declaration: a tariff line, however many units of it there are.
    """

    kind: DutyKind
    percent: float | None = None
    amount: int | None = None
    currency: str | None = None
    on: Basis = "goods_and_freight"


@dataclass(frozen=True)
class Fee:
    """What customs charges for a consignment: `amount`, or `percent` of the goods' value.

    Amounts are minor units of `currency`; a percentage is never less than `at_least` nor more
    than `at_most`, where these are given.
    """

    title: str
    currency: str
    amount: int = 0
    percent: float = 0.0
    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True)
class Scheme:
    """One dated row of a scheme: how it clears goods from `start` to `end` (exclusive).

    `place` is the country or bloc whose scheme it is. Empty `only`, `origins` and `shipped_from`
    stand for all categories, countries of origin and of dispatch. `days` are the days that
    clearance takes (P10, P50, P90): not law, but the platform's own assumption.
    """

    id: str
    title: str
    place: str
    import_mode: str
    status: Status
    start: date
    end: date | None
    tax: Tax
    duty: Duty
    importer_of_record: Importer
    days: tuple[float, float, float]
    source: Source
    limit: ValueLimit | None = None
    only: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    not_origins: tuple[str, ...] = ()
    shipped_from: tuple[str, ...] = ()
    requires: tuple[Registration, ...] = ()
    fees: tuple[Fee, ...] = ()
    note: str | None = None

    @property
    def certainty(self) -> Certainty:
        return self.source.certainty

    def in_force_on(self, day: date) -> bool:
        """Whether goods can be cleared under this row on `day`."""
        return in_force(self.status, self.start, self.end, day)


@dataclass(frozen=True)
class StandardRate:
    """The standard rate of a market's import tax from `start` to `end` (exclusive)."""

    place: str
    title: str
    percent: float
    start: date
    end: date | None
    source: Source
    note: str | None = None

    def holds_on(self, day: date) -> bool:
        return in_force("in_force", self.start, self.end, day)
