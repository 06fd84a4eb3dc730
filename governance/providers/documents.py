"""A provider as one document: what it offers, where, at what cost, and what it promises."""

from typing import Annotated

from pydantic import Field

from governance.providers.fields import (
    Country,
    CountryOrAll,
    Currency,
    Date,
    Days,
    Grams,
    Latitude,
    Line,
    Longitude,
    Metric,
    MinorUnits,
    Mode,
    Paragraphs,
    Region,
    ServiceName,
    Slug,
    Strict,
    Temperature,
    UnClass,
    Units,
    Website,
    Word,
)


class ServiceEntry(Strict):
    """A service, and the markets in which it is offered."""

    service: ServiceName
    markets: Annotated[list[Country], Field(min_length=1, max_length=250)]


class NodeEntry(Strict):
    """A warehouse: where it is (WGS 84, degrees), how much it takes, what it may hold."""

    id: Slug
    name: Line
    country: Country
    region: Region | None = None
    latitude: Latitude
    longitude: Longitude
    capacity_units: Units
    dangerous_goods: Annotated[list[UnClass], Field(max_length=20)] = Field(default=[])
    temperatures: Annotated[list[Temperature], Field(min_length=1, max_length=3)] = Field(
        default=["ambient"]
    )
    bonded: bool = False


class CostBreak(Strict):
    """What a parcel up to this weight costs, in minor units of the lane's currency."""

    up_to_grams: Grams
    minor_units: MinorUnits


class LeadDays(Strict):
    """Days from hand-over to delivery, by quantile."""

    p10: Days
    p50: Days
    p90: Days


class LaneEntry(Strict):
    """A way to a market, or to a region of it, from a node or from anywhere in a country."""

    id: Slug
    service: ServiceName
    from_node: Slug | None = None
    from_country: Country | None = None
    to_market: Country
    to_region: Region | None = None
    modes: Annotated[list[Mode], Field(min_length=1, max_length=6)]
    currency: Currency
    costs: Annotated[list[CostBreak], Field(min_length=1, max_length=50)]
    lead_days: LeadDays
    refuses: Annotated[list[Word], Field(max_length=100)] = Field(
        default=[],
        description="What the carrier does not take: categories, or words for dangerous goods.",
        examples=[["perfume", "lithium_cells_loose"]],
    )


class LicenceEntry(Strict):
    """A licence that the provider holds; the last day is included, null is no end."""

    id: Slug
    type: Word
    jurisdiction: Word = Field(description="A country, a region or a bloc.", examples=["EU"])
    number: Line
    valid_from: Date
    valid_to: Date | None = None


class SlaEntry(Strict):
    """A value that the provider promises; a rate is a fraction from 0 to 1."""

    service: ServiceName
    market: CountryOrAll
    metric: Metric
    value: float


class ProviderDocument(Strict):
    """A provider with all that belongs to it. The order of its lists means nothing."""

    id: Slug
    name: Line
    description: Paragraphs = ""
    website: Website | None = None
    sample: bool = Field(default=False, description="Made up, for trying the service out.")
    services: Annotated[list[ServiceEntry], Field(min_length=1, max_length=5)]
    nodes: Annotated[list[NodeEntry], Field(max_length=1000)] = Field(default=[])
    lanes: Annotated[list[LaneEntry], Field(max_length=2000)] = Field(default=[])
    licences: Annotated[list[LicenceEntry], Field(max_length=500)] = Field(default=[])
    slas: Annotated[list[SlaEntry], Field(max_length=5000)] = Field(default=[])

    def in_order(self) -> "ProviderDocument":
        """The same document with its lists in the order in which the registry gives them out."""
        services = [
            one.model_copy(update={"markets": sorted(one.markets)})
            for one in sorted(self.services, key=lambda one: one.service)
        ]
        return self.model_copy(
            update={
                "services": services,
                "nodes": sorted(self.nodes, key=lambda one: one.id),
                "lanes": sorted(self.lanes, key=lambda one: one.id),
                "licences": sorted(self.licences, key=lambda one: one.id),
                "slas": sorted(self.slas, key=lambda one: (one.service, one.market, one.metric)),
            }
        )
