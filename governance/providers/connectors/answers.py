"""What a connector answers, one data class a call; each is checked when it is made."""

from datetime import date
from typing import Self

from pydantic import model_validator
from pydantic.dataclasses import dataclass

from governance.providers.connectors.amounts import (
    STRICT,
    Count,
    Country,
    Instant,
    LeadDays,
    Money,
    Name,
)
from governance.providers.models import Service


@dataclass(frozen=True, config=STRICT)
class Coverage:
    """The services on offer in a market; none where the provider is not there."""

    market: Country
    services: tuple[Service, ...]


@dataclass(frozen=True, config=STRICT)
class Rate:
    """One way to send a parcel: its price, and days from hand-over to delivery."""

    lane: Name
    price: Money
    lead_days: LeadDays
    modes: tuple[Name, ...]


@dataclass(frozen=True, config=STRICT)
class Quote:
    """Every way on offer; none where the provider does not take the parcel."""

    rates: tuple[Rate, ...]


@dataclass(frozen=True, config=STRICT)
class Stock:
    """Units of a thing at a node when they were last counted; `available` are not promised yet."""

    node: Name
    sku: Name
    on_hand: Count
    available: Count
    counted_at: Instant


@dataclass(frozen=True, config=STRICT)
class Inventory:
    """The stock that was asked for; a thing that the provider never held is not in it."""

    stock: tuple[Stock, ...]


@dataclass(frozen=True, config=STRICT)
class PlacementOption:
    """A node that takes the units: the price of taking in one, days to the market's buyers."""

    node: Name
    country: Country
    free_units: Count
    inbound_price_per_unit: Money
    lead_days: LeadDays


@dataclass(frozen=True, config=STRICT)
class Placement:
    """Every node with room for all the units."""

    options: tuple[PlacementOption, ...]


@dataclass(frozen=True, config=STRICT)
class Order:
    """An order that the provider took, under the provider's own id."""

    order_id: Name
    accepted_at: Instant


@dataclass(frozen=True, config=STRICT)
class Milestone:
    """What happened to a shipment, in the words of the `governance.shipment.*` events."""

    name: Name
    at: Instant


@dataclass(frozen=True, config=STRICT)
class Tracking:
    """A shipment's milestones, oldest first."""

    shipment: Name
    milestones: tuple[Milestone, ...]


@dataclass(frozen=True, config=STRICT)
class Observed:
    """A rate as the provider counts it: successes of trials over days, both included."""

    metric: Name
    successes: Count
    trials: Count
    first_day: date
    last_day: date

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.successes > self.trials:
            raise ValueError("There are no more successes than trials")
        if self.last_day < self.first_day:
            raise ValueError("The last day is not before the first")
        return self


@dataclass(frozen=True, config=STRICT)
class Performance:
    """What the provider says of itself: to hold against what was observed, never instead of it."""

    service: Service
    market: Country
    metrics: tuple[Observed, ...]
