"""What goes into and comes out of the steps of a drop."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from governance.drops.models import DropState
from governance.eligibility.schemas import Verdict

Person = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class Planned(_Strict):
    """How to make a plan."""

    seed: int = Field(
        1,
        ge=0,
        lt=2**63,
        description="Of the random numbers: the same seed and facts, the same plan.",
    )


class Submitted(_Strict):
    """Who asks for the drop."""

    submitted_by: Person | None = Field(
        None, description="The person for whom a portal submits; others submit for themselves."
    )


class Why(_Strict):
    """A reason, which goes on the record."""

    reason: Text


class Approved(_Strict):
    """An approval of what one decision found."""

    decision_id: str = Field(description="The decision that the approver has seen (`/verdict`).")
    comment: Text
    approver: Person | None = Field(
        None, description="The person for whom a portal speaks; others approve for themselves."
    )


class Rejected(_Strict):
    """A refusal by a person."""

    reason: Text
    approver: Person | None = Field(
        None, description="The person for whom a portal speaks; others reject for themselves."
    )


class GoneBy(BaseModel):
    """Where a drop stands now."""

    id: str
    state: DropState


class Sentence(BaseModel):
    """A code of the drop gate, and what it means."""

    code: str
    message: str


class MarketVerdict(BaseModel):
    """What the gate says of a product in a market."""

    market: str
    product: str
    verdict: Verdict
    reasons: list[Sentence]


class ChangeOut(BaseModel):
    """One of the changes that together make the drop pass."""

    change: str
    market: str | None
    product: str | None
    what: str
    message: str


class StaleOut(BaseModel):
    """Something that has changed since the gate judged."""

    what: Literal["release", "standing", "day", "plan", "document"]
    message: str


class NotSoldIn(BaseModel):
    """Regions of an open market from which no order of a product may be filled."""

    product: str
    market: str
    regions: list[str] = Field(description="ISO 3166-2.")


class VerdictOut(BaseModel):
    """What the drop gate said of a drop, and whether that still holds."""

    id: str
    state: DropState
    decision_id: str
    release: str
    plan: str = Field(description="Digest of the plan that was judged.")
    as_of: str
    judged_on: str
    verdict: Verdict
    reasons: list[Sentence]
    approved_reasons: list[Sentence]
    markets: list[MarketVerdict]
    changes: list[ChangeOut] = Field(
        description="The fewest changes after which it passes; none where nothing is to be done."
    )
    not_sold_in: list[NotSoldIn]
    stale: list[StaleOut] = Field(
        description="What has changed since; drops that are approved or live are judged again soon."
    )
