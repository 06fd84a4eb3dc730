"""What the endpoints of the registry give out."""

from datetime import datetime

from pydantic import BaseModel, Field

from governance.providers.documents import LeadDays, ProviderDocument, ServiceEntry
from governance.providers.lanes import Offer
from governance.providers.models import Standing


class ProviderOut(BaseModel):
    """A provider: what it says of itself, and where it stands."""

    document: ProviderDocument
    standing: Standing
    standing_since: datetime
    registered_at: datetime


class Cost(BaseModel):
    """An amount in minor units of its currency (ISO 4217)."""

    minor_units: int
    currency: str


class Rate(BaseModel):
    """One way to send a parcel: its price, and days from hand-over to delivery."""

    lane: str
    modes: list[str]
    cost: Cost
    lead_days: LeadDays


class LaneOffer(Rate):
    """What a lane declares for a parcel of the weight that was asked for."""

    from_country: str
    from_node: str | None = Field(description="Null: from anywhere in the country.")
    to_region: str | None = Field(description="Where it goes to a part of the market only.")


def in_words(rate: Rate) -> str:
    """A rate in a line: cost in minor units, days (median to P90), the lane."""
    days = f"{rate.lead_days.p50:g} to {rate.lead_days.p90:g} days"
    return f"{rate.cost.minor_units:,} {rate.cost.currency}, {days} ({rate.lane})"


def lane_offer(offer: Offer) -> LaneOffer:
    """An offer as it is given out."""
    days = LeadDays(p10=offer.lead_days_p10, p50=offer.lead_days_p50, p90=offer.lead_days_p90)
    return LaneOffer(
        lane=offer.lane,
        from_country=offer.from_country,
        from_node=offer.from_node,
        to_region=offer.to_region,
        modes=offer.modes,
        cost=Cost(minor_units=offer.minor_units, currency=offer.currency),
        lead_days=days,
    )


class ProviderSummary(BaseModel):
    """A provider in a list; `GET /v1/providers/{id}` has all of it."""

    id: str
    name: str
    sample: bool = Field(description="Made up, for trying the service out.")
    standing: Standing
    standing_since: datetime
    services: list[ServiceEntry]
    cheapest: list[LaneOffer] | None = Field(
        description="Where `weight_grams` is given: of the lanes that fit, the cheapest in each "
        "currency. Null without it."
    )


class ProviderPage(BaseModel):
    """Some providers in the order of their ids, and where the next ones begin."""

    providers: list[ProviderSummary]
    next_cursor: str | None = Field(
        description="Send it as `cursor` with the same filters; null on the last page."
    )


class ImportOut(BaseModel):
    """The ids of the providers that an import wrote."""

    created: list[str]
    replaced: list[str]
