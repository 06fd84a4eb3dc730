"""Incidents, latest vettings, and that no standing moves but by a step on the record."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")

# Each guard: when it is asked, what is wrong, and the words of the refusal.
_GUARDS = (
    (
        "provider_begins",
        'INSERT ON "provider"',
        "NEW.standing <> 'applicant'",
        "a provider begins as an applicant",
    ),
    (
        "provider_moves",
        'UPDATE ON "provider"',
        "NEW.standing <> OLD.standing AND NOT EXISTS (SELECT 1 FROM standing_change c WHERE "
        "c.provider_id = NEW.id AND c.from_standing = OLD.standing AND "
        "c.to_standing = NEW.standing AND c.number = (SELECT max(number) FROM standing_change "
        "WHERE provider_id = NEW.id))",
        "a standing moves only by a step that is on the record",
    ),
    (
        "standing_change_follows",
        'INSERT ON "standing_change"',
        "NOT EXISTS (SELECT 1 FROM provider p WHERE p.id = NEW.provider_id AND "
        "p.standing = NEW.from_standing)",
        "a step begins where the provider stands",
    ),
    (
        "standing_change_judged",
        'INSERT ON "standing_change"',
        "NOT EXISTS (SELECT 1 FROM decision d WHERE d.decision_id = NEW.decision_id AND "
        "d.gate = 'provider')",
        "a step needs a vetting by the provider gate",
    ),
)


def upgrade() -> None:
    """Make the tables and the guards; every provider that is known is due for a vetting."""
    op.create_table(
        "provider_incident",
        sa.Column("number", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("provider_id", sa.String, sa.ForeignKey("provider.id"), nullable=False),
        sa.Column("severity", sa.String(8), nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("opened_on", sa.Date, nullable=False),
        sa.Column("opened_by", sa.String, nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.Column("closed_by", sa.String),
        sa.Column("resolution", sa.String),
        sa.CheckConstraint("severity IN ('minor', 'major', 'grave')", name="severity"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_provider_incident_provider_id", "provider_incident", ["provider_id"])
    op.create_table(
        "provider_vetting",
        sa.Column("provider_id", sa.String, sa.ForeignKey("provider.id"), primary_key=True),
        sa.Column("due_since", _INSTANT),
        sa.Column("vetted_at", _INSTANT),
        sa.Column("decision_id", sa.String, sa.ForeignKey("decision.decision_id")),
    )
    op.create_index("ix_provider_vetting_due_since", "provider_vetting", ["due_since"])
    op.execute(
        "INSERT INTO provider_vetting (provider_id, due_since) "
        "SELECT id, registered_at FROM provider"
    )
    guard = _on_postgresql if op.get_context().dialect.name == "postgresql" else _on_sqlite
    for name, when, wrong, words in _GUARDS:
        guard(name, when, wrong, words)


def _on_postgresql(name: str, when: str, wrong: str, words: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {wrong} THEN RAISE EXCEPTION '{words}' "
        "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {when} FOR EACH ROW EXECUTE FUNCTION {name}()")


def _on_sqlite(name: str, when: str, wrong: str, words: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {when} WHEN {wrong} "
        f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
    )
