"""What the endpoints of drops take in and give out, beside a drop's document."""

import json
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlmodel import Session

from governance.drops import registry
from governance.drops.documents import DropDocument
from governance.drops.models import Drop, DropChange, DropPlan, DropState
from governance.drops.states import next_states
from governance.providers.fields import Line, Strict


class Closing(Strict):
    """Why a drop is closed."""

    reason: Line


class DropSummary(BaseModel):
    """A drop in a list; `GET /v1/drops/{id}` has all of it."""

    id: str
    title: str
    creator: str
    state: DropState
    version: int = Field(description="Counts revisions of the document, from 1.")
    sale_from: date
    sale_to: date
    created_by: str = Field(description="The id of the key through which it came.")
    submitted_by: str | None
    created_at: datetime
    updated_at: datetime


class DropPage(BaseModel):
    """Some drops, the newest first, and where the next ones begin."""

    drops: list[DropSummary]
    next_cursor: str | None = Field(
        description="Send it as `cursor` with the same filters; null on the last page."
    )


class DropOut(DropSummary):
    """A drop: its document, and where it stands."""

    steps_lead_to: list[DropState]
    markets: list[str] = Field(description="Where it would be sold and has an audience.")
    document: DropDocument
    document_digest: str
    plan_digest: str | None = Field(description="Of the plan that holds; null before the first.")
    judged_decision_id: str | None = Field(
        description="The decision of the drop gate on which its state rests."
    )


class DropChangeOut(BaseModel):
    """A step that a drop took: who, why, and by which decision of the drop gate."""

    number: int
    from_state: DropState
    to_state: DropState
    decision_id: str | None
    actor: str
    reason: str
    changed_at: datetime


class DropChanges(BaseModel):
    """The steps that a drop took, the first one first."""

    changes: list[DropChangeOut]


class PlanOut(BaseModel):
    """A plan as it was made."""

    digest: str
    document_version: int = Field(description="The revision of the document that was planned.")
    made_at: datetime
    made_by: str
    plan: dict[str, Any]


def drop_summary(drop: Drop) -> DropSummary:
    """A drop as it is listed."""
    return DropSummary(**_summed_up(drop))


def drop_out(session: Session, drop: Drop) -> DropOut:
    """A drop as it is given out."""
    planned = None if drop.plan_id is None else registry.plan_of(session, drop)
    return DropOut(
        **_summed_up(drop),
        steps_lead_to=next_states(session, drop.state),
        markets=registry.markets_of(session, drop.id),
        document=registry.document_of(drop),
        document_digest=drop.document_digest,
        plan_digest=planned and planned.digest,
        judged_decision_id=drop.judged_decision_id,
    )


def change_out(change: DropChange) -> DropChangeOut:
    """A step as it is given out."""
    return DropChangeOut.model_validate(change, from_attributes=True)


def plan_out(kept: DropPlan) -> PlanOut:
    """A plan as it is given out."""
    return PlanOut(
        digest=kept.digest,
        document_version=kept.document_version,
        made_at=kept.made_at,
        made_by=kept.made_by,
        plan=json.loads(kept.plan),
    )


def _summed_up(drop: Drop) -> dict[str, Any]:
    return {
        "id": drop.id,
        "title": drop.title,
        "creator": drop.creator_id,
        "state": drop.state,
        "version": drop.version,
        "sale_from": drop.sale_from,
        "sale_to": drop.sale_to,
        "created_by": drop.created_by,
        "submitted_by": drop.submitted_by,
        "created_at": drop.created_at,
        "updated_at": drop.updated_at,
    }
