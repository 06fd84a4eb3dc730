"""What a scorecard gives out: by service and market every metric, with what it was promised."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from governance.planning.trend import Direction
from governance.providers.models import Service, Standing
from governance.providers.performance.schemas import DurationOut, EstimateOut, WindowOut


class ScoredProvider(BaseModel):
    """The provider, where it stands now, and since when."""

    id: str
    name: str
    sample: bool = Field(description="Made up, for trying the service out.")
    standing: Standing
    standing_since: datetime


class CertainOut(BaseModel):
    """Between which two rates it certainly lies (each at one-sided 95 %), by the last 90 days."""

    low: float
    high: float
    sample: int


class DeclaredPromise(BaseModel):
    """A value that the provider promises; for a rate that should be low, at most that."""

    market: str = Field(description="`*`: promised for all markets.")
    value: float
    contradicted: bool | None = Field(
        description="Whether the last 90 days contradict it for certain; null for hours and days, "
        "of which nothing is certain."
    )


class PeriodOut(BaseModel):
    """Counts of a period: after `begins`, up to and with `ends`."""

    begins: datetime
    ends: datetime
    hits: int
    trials: int


class TrendOut(BaseModel):
    """The latest 30 days against the 60 before them, and the latest 13 times 7 days.

    `better` and `worse` are certain with 95 %; `steady` is whatever is not, and `unknown` that
    one of the periods has no trials.
    """

    direction: Direction
    recent: PeriodOut
    before: PeriodOut
    weeks: list[PeriodOut] = Field(description="The earliest first.")


class ScoredMetric(BaseModel):
    """A metric of a service in a market; one of which nothing was counted has 0 shipments."""

    name: str
    unit: Literal["rate", "hours", "days"]
    lower_is_better: bool
    shipments: int = Field(
        description="All that were counted (counts, claims or returns, as the metric says); of "
        "hours and days those that ended in the last 90 days."
    )
    windows: list[WindowOut] = Field(description="Empty for hours and days.")
    estimate: EstimateOut | None = Field(description="Null where nothing was counted.")
    certain: CertainOut | None = Field(description="Null for hours and days.")
    promises: list[DeclaredPromise]
    trend: TrendOut | None = Field(description="Null for hours and days.")
    durations: list[DurationOut] = Field(description="Empty for a rate; empty windows left out.")


class ScoredCell(BaseModel):
    """A service in a market."""

    service: Service
    market: str
    offered: bool = Field(description="Whether the provider says that it serves it.")
    metrics: list[ScoredMetric]


class ScorecardOut(BaseModel):
    """How a provider does, service by service and market by market."""

    provider: ScoredProvider
    as_of: datetime
    cells: list[ScoredCell]
