"""What plans rest on: past drops with their figures, and the exchange rates of a day."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "past_drop",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("creator", sa.String, nullable=False),
        sa.Column("category", sa.String, nullable=False),
        sa.Column("launched_on", sa.Date, nullable=False),
        sa.Column("markets", sa.Text, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
    )
    op.create_index("ix_past_drop_creator", "past_drop", ["creator"])
    op.create_index("ix_past_drop_category", "past_drop", ["category"])
    op.create_table(
        "exchange_rates",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("base", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("rates", sa.JSON, nullable=False),
        sa.Column("put_at", _INSTANT, nullable=False),
    )
