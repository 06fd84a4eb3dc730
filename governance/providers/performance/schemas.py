"""What the endpoint of a provider's performance gives out."""

from pydantic import BaseModel, Field


class WindowOut(BaseModel):
    """Plain counts of the latest days."""

    days: int
    hits: int = Field(description="Of what should not happen: how often it did.")
    trials: int


class EstimateOut(BaseModel):
    """What is known of the rate, faded with a half-life of 180 days, drawn towards other providers.

    With a probability of 80 % the rate lies from `p10` to `p90`.
    """

    mean: float
    p10: float
    p90: float
    shipments: int = Field(description="All that were counted.")
    weight: float = Field(description="What they weigh now.")


class DurationOut(BaseModel):
    """Hours or days, as the metric's name says, of what ended in the latest days."""

    days: int
    shipments: int
    median: float
    p90: float


class MetricOut(BaseModel):
    """A metric in total, of a service in a market, or of a lane of that."""

    name: str
    service: str | None
    market: str | None
    lane: str | None
    lower_is_better: bool
    windows: list[WindowOut] = Field(description="Empty for a duration.")
    estimate: EstimateOut | None = Field(description="Null for a duration.")
    durations: list[DurationOut] = Field(description="Empty for a rate.")


class PerformanceOut(BaseModel):
    """How a provider performs; a metric without anything to count is left out."""

    provider_id: str
    as_of: str = Field(description="RFC 3339, UTC.")
    metrics: list[MetricOut]
