"""What providers did: events, the shipments and counts folded from them, and what was set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
_MILESTONES = (
    "promised_at",
    "accepted_at",
    "shipped_at",
    "tracked_at",
    "customs_submitted_at",
    "customs_released_at",
    "delivered_at",
    "cancelled_at",
    "lost_at",
    "damaged_at",
    "returned_at",
    "return_completed_at",
    "claim_opened_at",
    "claim_answered_at",
)


def upgrade() -> None:
    """Make the four tables."""
    op.create_table(
        "provider_event",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("type", sa.String, nullable=False),
        _of_provider(),
        sa.Column("shipment_id", sa.String),
        sa.Column("happened_at", sa.BigInteger, nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "shipment",
        sa.Column("provider_id", sa.String, sa.ForeignKey("provider.id"), primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("service", sa.String, nullable=False),
        sa.Column("market", sa.String, nullable=False),
        sa.Column("lane", sa.String),
        sa.Column("first_at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.BigInteger) for name in _MILESTONES),
        sa.Column("cancelled_by", sa.String),
        sa.CheckConstraint("(cancelled_at IS NULL) = (cancelled_by IS NULL)", name="cancelled"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "inventory_count",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        _of_provider(),
        sa.Column("service", sa.String, nullable=False),
        sa.Column("market", sa.String, nullable=False),
        sa.Column("node", sa.String, nullable=False),
        sa.Column("product", sa.String, nullable=False),
        sa.Column("expected", sa.BigInteger, nullable=False),
        sa.Column("counted", sa.BigInteger, nullable=False),
        sa.Column("counted_at", sa.BigInteger, nullable=False),
    )
    op.create_index(
        "ix_inventory_count_provider_id", "inventory_count", ["provider_id", "counted_at"]
    )
    op.create_table(
        "set_aside_event",
        sa.Column("number", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("line", sa.BigInteger, nullable=False),
        sa.Column("pointer", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("message", sa.String, nullable=False),
        sa.Column("hint", sa.String),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("digest"),
        sqlite_autoincrement=True,
    )


def _of_provider() -> sa.Column[str]:
    return sa.Column("provider_id", sa.String, sa.ForeignKey("provider.id"), nullable=False)
