"""What the endpoints of vetting take in and give out."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from governance.providers.fields import Date, Line, Paragraphs
from governance.providers.models import Standing
from governance.providers.vetting.models import Severity


class _In(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class VettingIn(_In):
    """A vetting that is asked for; with `wanted`, a standing that a person asks for."""

    wanted: Literal["reinstated", "delisted"] | None = Field(
        default=None,
        description="Only these are asked for; every other standing follows from what is found.",
    )


class IncidentIn(_In):
    """Something that went wrong."""

    severity: Literal["minor", "major", "grave"] = Field(description="A grave one suspends.")
    title: Line
    description: Paragraphs = ""
    opened_on: Date | None = Field(default=None, description="Left out: today (UTC).")


class IncidentClosing(_In):
    """How an incident came to its end."""

    resolution: Line
    closed_on: Date | None = Field(default=None, description="Left out: today (UTC).")


class IncidentOut(BaseModel):
    """An incident; open where it has no `closed_on`."""

    number: int
    severity: Severity
    title: str
    description: str
    opened_on: date
    opened_by: str
    closed_on: date | None
    closed_by: str | None
    resolution: str | None


class IncidentList(BaseModel):
    """A provider's incidents, the newest first."""

    incidents: list[IncidentOut]


class CellVerdict(BaseModel):
    """A service in a market, and what the vetting says of it."""

    service: str
    market: str
    verdict: str


class VettingOut(BaseModel):
    """What a vetting came to; `GET /v1/providers/{id}/standing` explains it."""

    provider: str
    decision_id: str
    standing_before: Standing
    standing: Standing
    reasons: list[str]
    cells: list[CellVerdict]


class IncidentAnswer(BaseModel):
    """The incident as it is now, and the vetting that followed in the same transaction."""

    incident: IncidentOut
    vetting: VettingOut


class SaidWhy(BaseModel):
    """A reason: a code for machines, a sentence for people."""

    code: str
    message: str


class LackingProof(BaseModel):
    """What deliveries do not prove yet, as counted over 90 days, and how many more would."""

    metric: str
    rule: str
    asked: str
    successes: int = Field(description="Of cancellation and loss: how often they happened.")
    trials: int
    flawless_needed: int | None = Field(
        description="So many more shipments without a failure would prove it; null: more than "
        "1,000,000."
    )


class Finding(BaseModel):
    """A rule that is not silent, with its source."""

    rule: str
    title: str
    state: str
    source: dict[str, str]


class CellOut(BaseModel):
    """A service in a market: its verdict, what is certain of each metric, and why."""

    service: str
    market: str
    verdict: str
    labels: dict[str, Literal["meets", "breaches", "undecided"]]
    why: list[SaidWhy]
    lacking_proof: list[LackingProof]
    findings: list[Finding]


class LatestVetting(BaseModel):
    """The vetting on which the standing rests, under the release that judged it."""

    decision_id: str
    release: str
    decided_at: datetime
    confirmed_at: datetime | None = Field(
        description="When a vetting last came to the same; its figures may have moved since."
    )
    as_of: str
    reasons: list[SaidWhy]
    cells: list[CellOut]


class LaneTouched(BaseModel):
    """A lane on which nothing may go any more."""

    id: str
    service: str
    to_market: str


class NodeTouched(BaseModel):
    """A node and the stock that was last counted in it."""

    id: str
    country: str
    units: int | None = Field(description="Null where nothing was ever counted.")
    products: int
    counted_at: int | None = Field(description="The oldest count, microseconds since 1970 (UTC).")


class Touched(BaseModel):
    """What a suspension or a delisting hits."""

    lanes: list[LaneTouched]
    nodes: list[NodeTouched]


class StepOut(BaseModel):
    """A step from one standing to another, by the decision that judged it."""

    number: int
    from_standing: Standing
    to_standing: Standing
    decision_id: str
    reasons: list[str]
    touches: Touched | None = Field(description="For a suspension or a delisting.")
    changed_at: datetime


class StandingOut(BaseModel):
    """Where a provider stands, and why."""

    provider: str
    name: str
    sample: bool
    standing: Standing
    since: datetime
    steps_lead_to: list[Standing]
    vetting_due_since: datetime | None
    vetting: LatestVetting | None = Field(description="Null before the first one.")
    steps: list[StepOut]


class StepWithProvider(StepOut):
    """A step, and whose it is."""

    provider: str


class StandingChanged(BaseModel):
    """A CloudEvent: a provider's standing changed."""

    specversion: Literal["1.0"]
    id: str
    source: str
    type: Literal["governance.provider.standing_changed.v1"]
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"]
    data: StepWithProvider


class StandingChanges(BaseModel):
    """Some standing changes in their order, and where the next ones begin."""

    events: list[StandingChanged]
    next_after: int = Field(
        description="Send it as `after` next time; also when there was nothing new."
    )
