"""The tables of drops: documents, plans, where each drop stands, and every step that it took."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from governance.db import SEQUENCE, UtcTimestamp
from governance.providers.models import word_type


class DropState(StrEnum):
    """Where a drop stands. Only a step on the record changes it."""

    DRAFT = "draft"
    PLANNED = "planned"
    NEEDS_REVIEW = "needs_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    LIVE = "live"
    ON_HOLD = "on_hold"
    CLOSED = "closed"


class Drop(SQLModel, table=True):
    """A drop: its document as it was last revised, and where it stands.

    `document` is the JSON text of a `DropDocument`, `document_digest` its SHA-256, `version` counts
    revisions from 1. `created_by` and `submitted_by` are ids of callers. `plan_id` is the plan that
    holds, `judged_decision_id` the latest decision of the drop gate on it.
    """

    __tablename__ = "drop"
    __table_args__ = (
        Index("ix_drop_created_by", "created_by", "id"),
        Index("ix_drop_state", "state", "id"),
    )

    id: str = Field(primary_key=True)
    title: str
    creator_id: str = Field(index=True)
    state: DropState = Field(
        sa_column=Column(word_type("drop_state", DropState, 16), nullable=False)
    )
    document: str = Field(sa_column=Column(Text, nullable=False))
    document_digest: str
    version: int
    created_by: str
    submitted_by: str | None = None
    plan_id: int | None = Field(default=None, sa_column=Column(SEQUENCE))
    judged_decision_id: str | None = Field(
        default=None, sa_column=Column(ForeignKey("decision.decision_id"))
    )
    sale_from: date = Field(sa_column=Column(Date, nullable=False))
    sale_to: date = Field(sa_column=Column(Date, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
    updated_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))


class DropMarket(SQLModel, table=True):
    """A market (ISO 3166-1 alpha-2) that a drop would be sold in: a candidate with an audience."""

    __tablename__ = "drop_market"

    drop_id: str = Field(foreign_key="drop.id", primary_key=True)
    market: str = Field(primary_key=True, index=True)


class PlanProvider(SQLModel, table=True):
    """A provider without which a plan cannot be carried out."""

    __tablename__ = "drop_plan_provider"

    plan_id: int = Field(sa_column=Column(SEQUENCE, ForeignKey("drop_plan.id"), primary_key=True))
    provider_id: str = Field(primary_key=True, index=True)


class DropPlan(SQLModel, table=True):
    """A plan as it was made, never changed. `plan` is its JSON text, `digest` that of the plan."""

    __tablename__ = "drop_plan"
    __table_args__ = (UniqueConstraint("drop_id", "digest"), {"sqlite_autoincrement": True})

    id: int = Field(default=None, sa_column=Column(SEQUENCE, primary_key=True, autoincrement=True))
    drop_id: str = Field(foreign_key="drop.id")
    document_version: int
    digest: str
    plan: str = Field(sa_column=Column(Text, nullable=False))
    made_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
    made_by: str


class DropStep(SQLModel, table=True):
    """A step from one state to another that exists at all; the migration fills it."""

    __tablename__ = "drop_step"

    from_state: str = Field(primary_key=True)
    to_state: str = Field(primary_key=True)


class DropChange(SQLModel, table=True):
    """A step that a drop took: who, why, by which decision. Append-only; read in order.

    The foreign keys let no step be taken that does not exist.
    """

    __tablename__ = "drop_change"
    __table_args__ = (
        ForeignKeyConstraint(
            ["from_state", "to_state"], ["drop_step.from_state", "drop_step.to_state"]
        ),
        Index("ix_drop_change_drop_id", "drop_id", "number"),
        {"sqlite_autoincrement": True},
    )

    number: int = Field(
        default=None, sa_column=Column(SEQUENCE, primary_key=True, autoincrement=True)
    )
    drop_id: str = Field(foreign_key="drop.id")
    from_state: str
    to_state: str
    decision_id: str | None = Field(
        default=None, sa_column=Column(ForeignKey("decision.decision_id"))
    )
    actor: str
    reason: str
    changed_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))


class DropApproval(SQLModel, table=True):
    """A person's approval of a plan, for the reasons (codes) that it names. Append-only.

    `approver` is the person, `caller_id` the key through which the approval came.
    """

    __tablename__ = "drop_approval"
    __table_args__ = (
        ForeignKeyConstraint(["drop_id", "plan_digest"], ["drop_plan.drop_id", "drop_plan.digest"]),
        Index("ix_drop_approval_plan", "drop_id", "plan_digest"),
        {"sqlite_autoincrement": True},
    )

    number: int = Field(
        default=None, sa_column=Column(SEQUENCE, primary_key=True, autoincrement=True)
    )
    drop_id: str
    plan_digest: str
    approver: str
    caller_id: str
    decision_id: str = Field(sa_column=Column(ForeignKey("decision.decision_id"), nullable=False))
    reasons: list[str] = Field(sa_column=Column(JSON, nullable=False))
    comment: str = ""
    approved_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
