"""What a comparison gives out: a row a provider."""

from datetime import datetime

from pydantic import BaseModel, Field

from governance.providers.connectors.schemas import ConnectorMessage
from governance.providers.models import Service, Standing
from governance.providers.performance.schemas import DurationOut, EstimateOut
from governance.providers.schemas import LaneOffer, Rate


class ComparedMetric(BaseModel):
    """A metric of the service in the market: a rate as an estimate, hours or days as counted."""

    name: str
    lower_is_better: bool
    estimate: EstimateOut | None = Field(description="Null for hours and days.")
    duration: DurationOut | None = Field(description="Of the latest 90 days; null for a rate.")


class RefusedWord(BaseModel):
    """A word for the goods, and the lanes (of the service, to the market) that refuse it."""

    word: str
    lanes: list[str]


class ComparedNode(BaseModel):
    """A node in the market."""

    id: str
    name: str
    region: str | None
    capacity_units: int
    dangerous_goods: list[str]
    temperatures: list[str]
    bonded: bool


class Promise(BaseModel):
    """A metric's value that the provider declares, for this market or for every one."""

    metric: str
    value: float
    market: str = Field(description="`*`: declared for every market.")


class QuoteOut(BaseModel):
    """What the provider's own system said; null `rates`: nothing, and `messages` say why."""

    from_country: str | None = Field(description="Where the parcel starts that was asked about.")
    rates: list[Rate] | None = Field(description="Empty: it does not take the parcel.")
    messages: list[ConnectorMessage]


class NotKnown(BaseModel):
    """A part of the row of which nothing is known, or not all."""

    field: str
    why: str


class ProviderRow(BaseModel):
    """A provider beside others. What is empty or null is said in `not_known`, with why."""

    id: str
    name: str
    sample: bool = Field(description="Made up, for trying the service out.")
    standing: Standing
    standing_since: datetime
    offers_service: bool
    metrics: list[ComparedMetric]
    slas: list[Promise]
    cheapest: list[LaneOffer] = Field(description="Of the lanes that fit, one a currency.")
    fastest: LaneOffer | None = Field(description="Of the lanes that fit, by days in P90.")
    refuses: list[RefusedWord] = Field(description="What of the goods is refused, and where.")
    nodes: list[ComparedNode]
    quote: QuoteOut | None = Field(description="Null: the provider has no connector.")
    not_known: list[NotKnown]
    best: list[str] = Field(
        description="Where this row is the best, or as good as it: `cheapest.EUR`, `quote.EUR`, "
        "`fastest`, or a metric whose 80 % interval lies wholly on the better side of all others."
    )


class ComparisonOut(BaseModel):
    """Providers side by side, for the same parcel. Nothing is converted between currencies."""

    market: str
    service: Service
    weight_grams: int
    goods: list[str]
    from_country: str | None
    as_of: datetime
    note: str | None = Field(description="Who was left out.")
    providers: list[ProviderRow]
