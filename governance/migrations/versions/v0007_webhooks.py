"""The tables of webhooks; events are append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    """Make the tables, then the triggers that refuse to change or delete an event."""
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("kinds", sa.JSON),
        sa.Column("audience", sa.String),
        sa.Column("created_by", sa.String, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("not_before", _INSTANT, nullable=False),
        sa.Column("disabled_at", _INSTANT),
        sa.Column("disabled_why", sa.String),
    )
    op.create_index("ix_webhook_endpoint_created_by", "webhook_endpoint", ["created_by"])
    op.create_table(
        "webhook_secret",
        sa.Column("number", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("endpoint_id", sa.String, sa.ForeignKey("webhook_endpoint.id"), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_webhook_secret_endpoint_id", "webhook_secret", ["endpoint_id"])
    op.create_table(
        "webhook_event",
        sa.Column("number", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("audience", sa.String),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("occurred_at", _INSTANT, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_webhook_event_id", "webhook_event", ["id"], unique=True)
    op.create_index("ix_webhook_event_subject", "webhook_event", ["subject"])
    op.create_table(
        "webhook_delivery",
        sa.Column(
            "event_number", _SEQUENCE, sa.ForeignKey("webhook_event.number"), primary_key=True
        ),
        sa.Column("endpoint_id", sa.String, sa.ForeignKey("webhook_endpoint.id"), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", _INSTANT, nullable=False),
        sa.Column("last_status", sa.Integer),
        sa.Column("last_error", sa.String),
        sa.Column("delivered_at", _INSTANT),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name="delivery_state"),
    )
    op.create_index(
        "ix_webhook_delivery_due",
        "webhook_delivery",
        ["endpoint_id", "state", "next_attempt_at"],
    )
    op.create_index(
        "ix_webhook_delivery_listed", "webhook_delivery", ["endpoint_id", "event_number"]
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER webhook_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "
            '"webhook_event" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()'
        )
    else:
        _refuse_changes_on_sqlite()


def _refuse_changes_on_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'webhook_event is append-only'); END"
    for change in ("UPDATE", "DELETE"):
        name = f"webhook_event_append_only_{change.lower()}"
        op.execute(f'CREATE TRIGGER {name} BEFORE {change} ON "webhook_event" {refuse}')
    # INSERT OR REPLACE deletes the old row without asking the trigger on DELETE.
    present = "SELECT 1 FROM webhook_event WHERE number = NEW.number OR id = NEW.id"
    op.execute(
        'CREATE TRIGGER webhook_event_append_only_replace BEFORE INSERT ON "webhook_event" '
        f"WHEN EXISTS ({present}) {refuse}"
    )
