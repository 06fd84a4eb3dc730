"""The tables of performance: events as they came, and the shipments and counts folded from them.

Instants that SQL reckons with (`…_at` as BIGINT) are whole microseconds since 1970 in UTC: both
databases subtract and compare them alike.
"""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Text
from sqlmodel import Field, SQLModel

from governance.db import SEQUENCE, UtcTimestamp


def _instant(nullable: bool = True) -> Column[int]:
    return Column(BigInteger, nullable=nullable)


class ProviderEvent(SQLModel, table=True):
    """An event that was taken in, once for its source and id, with its text as it came."""

    __tablename__ = "provider_event"

    source: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    type: str
    provider_id: str = Field(foreign_key="provider.id")
    shipment_id: str | None = None
    happened_at: int = Field(sa_column=_instant(nullable=False))
    received_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))


class Shipment(SQLModel, table=True):
    """A shipment of a provider: what all its events say together, in whatever order they came.

    Each milestone is the first of its kind, but for `tracked_at`, the latest. Service and market
    are those of the earliest event; the lane is the first by name, the promise the earliest.
    """

    __tablename__ = "shipment"
    __table_args__ = (
        CheckConstraint("(cancelled_at IS NULL) = (cancelled_by IS NULL)", name="cancelled"),
        {"sqlite_with_rowid": False},
    )

    provider_id: str = Field(foreign_key="provider.id", primary_key=True)
    id: str = Field(primary_key=True)
    service: str
    market: str
    lane: str | None = None
    first_at: int = Field(sa_column=_instant(nullable=False))
    promised_at: int | None = Field(default=None, sa_column=_instant())
    accepted_at: int | None = Field(default=None, sa_column=_instant())
    shipped_at: int | None = Field(default=None, sa_column=_instant())
    tracked_at: int | None = Field(default=None, sa_column=_instant())
    customs_submitted_at: int | None = Field(default=None, sa_column=_instant())
    customs_released_at: int | None = Field(default=None, sa_column=_instant())
    delivered_at: int | None = Field(default=None, sa_column=_instant())
    cancelled_at: int | None = Field(default=None, sa_column=_instant())
    cancelled_by: str | None = None
    lost_at: int | None = Field(default=None, sa_column=_instant())
    damaged_at: int | None = Field(default=None, sa_column=_instant())
    returned_at: int | None = Field(default=None, sa_column=_instant())
    return_completed_at: int | None = Field(default=None, sa_column=_instant())
    claim_opened_at: int | None = Field(default=None, sa_column=_instant())
    claim_answered_at: int | None = Field(default=None, sa_column=_instant())


class InventoryCount(SQLModel, table=True):
    """A count of one product in one node: whole units expected, whole units found."""

    __tablename__ = "inventory_count"
    __table_args__ = (Index("ix_inventory_count_provider_id", "provider_id", "counted_at"),)

    source: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    provider_id: str = Field(foreign_key="provider.id")
    service: str
    market: str
    node: str
    product: str
    expected: int = Field(sa_column=Column(BigInteger, nullable=False))
    counted: int = Field(sa_column=Column(BigInteger, nullable=False))
    counted_at: int = Field(sa_column=_instant(nullable=False))


class SetAsideEvent(SQLModel, table=True):
    """An event that was not taken in, with where and why; the same one for the same reason once."""

    __tablename__ = "set_aside_event"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: int = Field(
        default=None, sa_column=Column(SEQUENCE, primary_key=True, autoincrement=True)
    )
    digest: str = Field(unique=True)
    line: int = Field(sa_column=Column(BigInteger, nullable=False))
    pointer: str
    reason: str
    message: str
    hint: str | None = None
    received_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
