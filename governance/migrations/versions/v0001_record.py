"""The record: decisions, releases, API keys, remembered answers, and what keeps rows unchanged."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
_APPEND_ONLY = {
    "decision": ("sequence", "decision_id"),
    "release": ("digest",),
    "release_in_force": ("sequence",),
}


def upgrade() -> None:
    """Make every table, then the triggers that refuse to change or delete a row."""
    op.create_table(
        "decision",
        sa.Column("sequence", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("decision_id", sa.String, nullable=False),
        sa.Column("timestamp", _INSTANT, nullable=False),
        sa.Column("gate", sa.String, nullable=False),
        sa.Column("labels", sa.JSON, nullable=False),
        sa.Column("release", sa.String, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("input", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("requested_by", sa.String, nullable=False),
        sa.Column("trace_id", sa.String),
        sa.Column("metrics", sa.JSON, nullable=False),
        sa.Column("erased", sa.JSON, nullable=False),
        sa.Column("masked", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_decision_decision_id", "decision", ["decision_id"], unique=True)
    for column in ("timestamp", "gate", "requested_by", "release"):
        op.create_index(f"ix_decision_{column}", "decision", [column])
    op.create_table(
        "release",
        sa.Column("digest", sa.String, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.String, nullable=False),
        sa.Column("note", sa.String, nullable=False),
    )
    op.create_table(
        "release_in_force",
        sa.Column("sequence", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("digest", sa.String, sa.ForeignKey("release.digest"), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("set_by", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("hmac", sa.String, nullable=False),
        sa.Column("last_four", sa.String, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT),
        sa.CheckConstraint("role IN ('portal', 'reviewer', 'auditor', 'admin')", name="role"),
    )
    op.create_index("ix_api_key_hmac", "api_key", ["hmac"], unique=True)
    op.create_table(
        "idempotent_answer",
        sa.Column("caller_id", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("request_hash", sa.String, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("media_type", sa.String, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
    )
    op.create_index("ix_idempotent_answer_created_at", "idempotent_answer", ["created_at"])
    if op.get_context().dialect.name == "postgresql":
        _refuse_changes_on_postgresql()
    else:
        _refuse_changes_on_sqlite()


def _refuse_changes_on_postgresql() -> None:
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    for table in _APPEND_ONLY:
        op.execute(
            f'CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _refuse_changes_on_sqlite() -> None:
    for table, keys in _APPEND_ONLY.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for change in ("UPDATE", "DELETE"):
            name = f"{table}_append_only_{change.lower()}"
            op.execute(f'CREATE TRIGGER {name} BEFORE {change} ON "{table}" {refuse}')
        # INSERT OR REPLACE deletes the old row without asking the trigger on DELETE.
        taken = " OR ".join(f"{key} = NEW.{key}" for key in keys)
        present = f'SELECT 1 FROM "{table}" WHERE {taken}'  # noqa: S608 - our own names only
        op.execute(
            f'CREATE TRIGGER {table}_append_only_replace BEFORE INSERT ON "{table}" '
            f"WHEN EXISTS ({present}) {refuse}"
        )
