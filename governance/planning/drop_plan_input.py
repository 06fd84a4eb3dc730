"""What a drop plan is made from: products, stockrooms, legs, brokers, schemes, and a forecast."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from governance.markets.money import Rates
from governance.markets.schemes import Scheme
from governance.planning.foretelling import RestsOn
from governance.planning.launch import Launch

LeadDays = tuple[float, float, float]
"""Days that are not exceeded with probability 0.1, 0.5 and 0.9."""


@dataclass(frozen=True)
class ProductInput:
    """One product of the drop; money in integer minor units of the plan's currency, net of tax.

    `share` is its part of all orders. `ships_from` is the country where units are secured.
    `categories` is its category with all those above it, the nearest first. `duty_percent` is the
    declared ad valorem duty by country of entry; a country that is not there is not declared.
    `held` are the evidence types in hand. `modes` are the import modes that the sale gate allows,
    by country: one that is not there is closed, for the stock of a node in it as for its buyers.
    `sold_to` is the share of a country's buyers to whom it may be sold, where regions are shut.
    `legs_refused` are (provider, lane), `stockrooms_refused` are ids that may not carry this one.
    """

    id: str
    title: str
    share: float
    price: int
    unit_cost: int
    salvage: int
    resale: int
    return_cost: int
    weight_grams: int
    ships_from: str
    origin: str
    categories: tuple[str, ...]
    duty_percent: Mapping[str, float]
    held: frozenset[str]
    modes: Mapping[str, frozenset[str]]
    sold_to: Mapping[str, float] = field(default_factory=dict)
    legs_refused: frozenset[tuple[str, str]] = frozenset()
    stockrooms_refused: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Stockroom:
    """A node of a provider that can hold stock: its id is "provider/node", its capacity in units.

    A bonded one holds goods that are not yet imported: they are cleared when they leave it.
    """

    id: str
    provider: str
    name: str
    country: str
    region: str | None
    latitude: float
    longitude: float
    capacity: int
    bonded: bool = False


@dataclass(frozen=True)
class Leg:
    """A lane of a provider: `service` is line_haul (in bulk), fulfilment or last_mile (a parcel).

    `from_stockroom` is the id of the one stockroom that it leaves from, None for any place in
    `from_country`. `costs` are (up to so many grams, price of the shipment), the lightest first.
    """

    provider: str
    lane: str
    service: str
    from_stockroom: str | None
    from_country: str
    market: str
    costs: tuple[tuple[int, float], ...]
    lead_days: LeadDays


@dataclass(frozen=True)
class Broker:
    """A provider that clears goods into a market."""

    provider: str
    market: str


@dataclass(frozen=True)
class DropPlanInput:
    """All that `make_plan` reads; whatever is handed in is allowed, and nothing else is used.

    `launch` and `rests_on` come from `foretelling.foretell`. `budget` is the most that stock may
    cost; `in_stock` the least probability with which demand is met, None where profit alone
    decides; `lead_days_limit` the longest P90 from order to door. `schemes` are those of each
    country. `customs_unions` are sets of countries without customs between them.
    """

    currency: str
    launch: Launch
    rests_on: RestsOn
    seed: int
    futures: int
    half_life_weeks: float
    weeks: int
    budget: int
    in_stock: float | None
    lead_days_limit: float | None
    rates: Rates
    day: date
    products: tuple[ProductInput, ...]
    stockrooms: tuple[Stockroom, ...]
    legs: tuple[Leg, ...]
    brokers: tuple[Broker, ...]
    schemes: Mapping[str, Sequence[Scheme]]
    customs_unions: Sequence[frozenset[str]] = field(default=())
