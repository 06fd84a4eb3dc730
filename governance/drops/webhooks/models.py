"""The tables of webhooks: who is told, under which secrets, what happened, who got it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from governance.db import SEQUENCE, UtcTimestamp
from governance.providers.models import word_type


class DeliveryState(StrEnum):
    """Where a delivery stands. One that failed is not tried again unless somebody asks for it."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class WebhookEndpoint(SQLModel, table=True):
    """An address that is told of events.

    `kinds` are the kinds of events that it wants, None for all. `audience` is the caller whose
    events it may see, None for everybody's. Nothing is sent to it before `not_before`: until then
    it is claimed by a process that sends to it, or it rests after a failure.
    """

    __tablename__ = "webhook_endpoint"

    id: str = Field(primary_key=True)
    url: str
    description: str = ""
    kinds: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    audience: str | None = None
    created_by: str = Field(index=True)
    created_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
    not_before: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
    disabled_at: datetime | None = Field(default=None, sa_column=Column(UtcTimestamp))
    disabled_why: str | None = None


class WebhookSecret(SQLModel, table=True):
    """A secret that signs for an endpoint, encrypted; one that was replaced signs until it ends."""

    __tablename__ = "webhook_secret"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: int = Field(
        default=None, sa_column=Column(SEQUENCE, primary_key=True, autoincrement=True)
    )
    endpoint_id: str = Field(foreign_key="webhook_endpoint.id", index=True)
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
    expires_at: datetime | None = Field(default=None, sa_column=Column(UtcTimestamp))


class WebhookEvent(SQLModel, table=True):
    """Something that happened, with the very text that is signed and sent. Append-only.

    `id` is the `webhook-id`. It is no number: those begin anew when a backup is restored, and a
    receiver would take new events for old ones.
    """

    __tablename__ = "webhook_event"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: int = Field(
        default=None, sa_column=Column(SEQUENCE, primary_key=True, autoincrement=True)
    )
    id: str = Field(unique=True, index=True)
    kind: str
    subject: str = Field(index=True)
    audience: str | None = None
    body: str = Field(sa_column=Column(Text, nullable=False))
    occurred_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))


class WebhookDelivery(SQLModel, table=True):
    """An event on its way to an endpoint; `next_attempt_at` counts while it is waiting."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index("ix_webhook_delivery_due", "endpoint_id", "state", "next_attempt_at"),
        Index("ix_webhook_delivery_listed", "endpoint_id", "event_number"),
    )

    event_number: int = Field(
        sa_type=SEQUENCE, foreign_key="webhook_event.number", primary_key=True
    )
    endpoint_id: str = Field(foreign_key="webhook_endpoint.id", primary_key=True)
    state: DeliveryState = Field(
        default=DeliveryState.WAITING,
        sa_column=Column(word_type("delivery_state", DeliveryState, 16), nullable=False),
    )
    attempts: int = 0
    next_attempt_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
    last_status: int | None = None
    last_error: str | None = None
    delivered_at: datetime | None = Field(default=None, sa_column=Column(UtcTimestamp))
