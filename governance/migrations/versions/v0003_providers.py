"""The registry of providers, and the steps between their standings."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
_SERVICES = "('fulfilment', 'line_haul', 'customs_brokerage', 'last_mile', 'returns')"
_STANDINGS = (
    "('applicant', 'provisional', 'active', 'probation', 'suspended', 'reinstated', 'delisted')"
)
# Nobody becomes active but from a standing in which deliveries were observed.
_STEPS = {
    "applicant": ("provisional", "delisted"),
    "provisional": ("active", "suspended", "delisted"),
    "active": ("probation", "suspended", "delisted"),
    "probation": ("active", "suspended", "delisted"),
    "suspended": ("reinstated", "delisted"),
    "reinstated": ("active", "probation", "suspended", "delisted"),
}


def upgrade() -> None:
    """Make the tables, fill in the steps, and refuse to change what was taken."""
    _create_registry()
    op.create_table(
        "standing_step",
        sa.Column("from_standing", sa.String, primary_key=True),
        sa.Column("to_standing", sa.String, primary_key=True),
    )
    step = sa.table("standing_step", sa.column("from_standing"), sa.column("to_standing"))
    op.bulk_insert(
        step,
        [
            {"from_standing": start, "to_standing": end}
            for start, ends in _STEPS.items()
            for end in ends
        ],
    )
    op.create_table(
        "standing_change",
        sa.Column("number", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("provider_id", sa.String, sa.ForeignKey("provider.id"), nullable=False),
        sa.Column("from_standing", sa.String, nullable=False),
        sa.Column("to_standing", sa.String, nullable=False),
        sa.Column("decision_id", sa.String, sa.ForeignKey("decision.decision_id"), nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("touches", sa.JSON, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["from_standing", "to_standing"],
            ["standing_step.from_standing", "standing_step.to_standing"],
        ),
        sa.UniqueConstraint("decision_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_standing_change_provider_id", "standing_change", ["provider_id"])
    if op.get_context().dialect.name == "postgresql":
        _refuse_changes_on_postgresql()
    else:
        _refuse_changes_on_sqlite()


def _create_registry() -> None:
    op.create_table(
        "provider",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("website", sa.String),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("standing_since", _INSTANT, nullable=False),
        sa.Column("registered_at", _INSTANT, nullable=False),
        sa.CheckConstraint(f"standing IN {_STANDINGS}", name="standing"),
    )
    op.create_index("ix_provider_standing", "provider", ["standing"])
    op.create_table(
        "provider_service",
        _of_provider(),
        sa.Column("service", sa.String(24), primary_key=True),
        sa.Column("market", sa.String, primary_key=True),
        sa.CheckConstraint(f"service IN {_SERVICES}", name="service"),
    )
    op.create_index("ix_provider_service_market", "provider_service", ["market"])
    op.create_table(
        "provider_node",
        _of_provider(),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("country", sa.String, nullable=False),
        sa.Column("region", sa.String),
        sa.Column("latitude", sa.Float, nullable=False),
        sa.Column("longitude", sa.Float, nullable=False),
        sa.Column("capacity_units", sa.Integer, nullable=False),
        sa.Column("dangerous_goods", sa.JSON, nullable=False),
        sa.Column("temperatures", sa.JSON, nullable=False),
        sa.Column("bonded", sa.Boolean, nullable=False),
    )
    op.create_index("ix_provider_node_country", "provider_node", ["country"])
    op.create_table(
        "provider_lane",
        _of_provider(),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("service", sa.String(24), nullable=False),
        sa.Column("from_node", sa.String),
        sa.Column("from_country", sa.String, nullable=False),
        sa.Column("to_market", sa.String, nullable=False),
        sa.Column("to_region", sa.String),
        sa.Column("modes", sa.JSON, nullable=False),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("costs", sa.JSON, nullable=False),
        sa.Column("lead_days_p10", sa.Float, nullable=False),
        sa.Column("lead_days_p50", sa.Float, nullable=False),
        sa.Column("lead_days_p90", sa.Float, nullable=False),
        sa.Column("refuses", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id", "from_node"], ["provider_node.provider_id", "provider_node.id"]
        ),
        sa.CheckConstraint(f"service IN {_SERVICES}", name="service"),
    )
    op.create_index("ix_provider_lane_to", "provider_lane", ["to_market", "service"])
    op.create_table(
        "provider_licence",
        _of_provider(),
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("jurisdiction", sa.String, nullable=False),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
    )
    op.create_table(
        "provider_sla",
        _of_provider(),
        sa.Column("service", sa.String(24), primary_key=True),
        sa.Column("market", sa.String, primary_key=True),
        sa.Column("metric", sa.String, primary_key=True),
        sa.Column("value", sa.Float, nullable=False),
        sa.CheckConstraint(f"service IN {_SERVICES}", name="service"),
    )


def _of_provider() -> sa.Column[str]:
    return sa.Column("provider_id", sa.String, sa.ForeignKey("provider.id"), primary_key=True)


def _refuse_changes_on_postgresql() -> None:
    for table in ("standing_step", "standing_change"):
        op.execute(
            f'CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _refuse_changes_on_sqlite() -> None:
    taken = {
        "standing_step": "from_standing = NEW.from_standing AND to_standing = NEW.to_standing",
        "standing_change": "number = NEW.number OR decision_id = NEW.decision_id",
    }
    for table, present in taken.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for change in ("UPDATE", "DELETE"):
            name = f"{table}_append_only_{change.lower()}"
            op.execute(f'CREATE TRIGGER {name} BEFORE {change} ON "{table}" {refuse}')
        # INSERT OR REPLACE deletes the old row without asking the trigger on DELETE.
        row = f'SELECT 1 FROM "{table}" WHERE {present}'  # noqa: S608 - our own names only
        op.execute(
            f'CREATE TRIGGER {table}_append_only_replace BEFORE INSERT ON "{table}" '
            f"WHEN EXISTS ({row}) {refuse}"
        )
