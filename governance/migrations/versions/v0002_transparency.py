"""The transparency log, what decisions are found by, and personal values apart from the record."""

import json

import sqlalchemy as sa
from alembic import op

from governance.decisions.personal import bucket, take_out
from governance.gates import filing

revision = "0002"
down_revision = "0001"

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
_APPEND_ONLY = {
    "decision": ("sequence", "decision_id"),
    "decision_verdict": None,
    "log_entry": ("entry_index", "sequence"),
    "checkpoint": ("number",),
    "log_key": ("number", "verifier_key"),
}


def upgrade() -> None:
    """Make the tables, file the decisions of before like those of today, then refuse changes."""
    on_postgresql = op.get_context().dialect.name == "postgresql"
    op.create_table(
        "decision_verdict",
        sa.Column("sequence", _SEQUENCE, sa.ForeignKey("decision.sequence"), primary_key=True),
        sa.Column("market", sa.String, primary_key=True),
        sa.Column("verdict", sa.String, nullable=False),
    )
    op.create_index(
        "ix_decision_verdict_market", "decision_verdict", ["market", "verdict", "sequence"]
    )
    op.create_table(
        "personal_values",
        sa.Column(
            "sequence",
            _SEQUENCE,
            sa.ForeignKey("decision.sequence"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("bucket", sa.Integer, nullable=False),
        sa.Column("opened", sa.Text, nullable=False),
    )
    op.create_index("ix_personal_values_bucket", "personal_values", ["bucket"])
    _create_log()
    _unlock_decisions(on_postgresql)
    op.add_column("decision", sa.Column("category", sa.String))
    op.create_index("ix_decision_category", "decision", ["category"])
    op.drop_column("decision", "erased")
    op.drop_column("decision", "masked")
    _file_earlier_decisions()
    if on_postgresql:
        _refuse_changes_on_postgresql()
    else:
        _refuse_changes_on_sqlite()


def _create_log() -> None:
    op.create_table(
        "log_entry",
        sa.Column("entry_index", _SEQUENCE, primary_key=True, autoincrement=False),
        sa.Column("sequence", _SEQUENCE, sa.ForeignKey("decision.sequence"), nullable=False),
        sa.UniqueConstraint("sequence"),
    )
    op.create_table(
        "log_tile",
        sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("number", _SEQUENCE, primary_key=True, autoincrement=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "checkpoint",
        sa.Column("number", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("size", _SEQUENCE, nullable=False),
        sa.Column("root", sa.String, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("signed_at", _INSTANT, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_checkpoint_size", "checkpoint", ["size"])
    op.create_table(
        "log_key",
        sa.Column("number", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("verifier_key", sa.String, nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.UniqueConstraint("verifier_key"),
        sqlite_autoincrement=True,
    )


def _unlock_decisions(on_postgresql: bool) -> None:
    if on_postgresql:
        op.execute("DROP TRIGGER decision_append_only ON decision")
        return
    for change in ("update", "delete", "replace"):
        op.execute(f"DROP TRIGGER decision_append_only_{change}")


def _file_earlier_decisions() -> None:
    """Nothing of them is in the tree yet, so that commitments can still take the place of names."""
    connection = op.get_bind()
    decision = sa.table(
        "decision", *map(sa.column, ("sequence", "gate", "input", "result", "category"))
    )
    verdicts = sa.table("decision_verdict", *map(sa.column, ("sequence", "market", "verdict")))
    values = sa.table("personal_values", *map(sa.column, ("sequence", "bucket", "opened")))
    for sequence, gate, text, result in connection.execute(
        sa.select(decision.c.sequence, decision.c.gate, decision.c.input, decision.c.result)
    ).all():
        filed = filing.SALE if gate == "sale" else filing.ACCESS
        request = json.loads(text)
        changed: dict[str, str | None] = {"category": filed.category(request)}
        if filed.personal is not None:
            request, personal = take_out(request, filed.personal)
            changed["input"] = json.dumps(request, sort_keys=True, separators=(",", ":"))
            kept = {
                "sequence": sequence,
                "bucket": bucket(personal.subject),
                "opened": personal.as_json(),
            }
            connection.execute(values.insert(), kept)
        change = decision.update().where(decision.c.sequence == sequence)
        connection.execute(change.values(changed))
        for market, verdict in filed.verdicts(json.loads(result)).items():
            row = {"sequence": sequence, "market": market, "verdict": verdict}
            connection.execute(verdicts.insert(), row)


def _refuse_changes_on_postgresql() -> None:
    for table in _APPEND_ONLY:
        op.execute(
            f'CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        """
        CREATE FUNCTION refuse_shrinking() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.level = OLD.level AND NEW.number = OLD.number
                AND substr(NEW.hashes, 1, length(OLD.hashes)) = OLD.hashes THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'log_tile is append-only' USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER log_tile_grows BEFORE UPDATE ON log_tile "
        "FOR EACH ROW EXECUTE FUNCTION refuse_shrinking()"
    )
    op.execute(
        "CREATE TRIGGER log_tile_append_only BEFORE DELETE OR TRUNCATE ON log_tile "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def _refuse_changes_on_sqlite() -> None:
    for table, keys in _APPEND_ONLY.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for change in ("UPDATE", "DELETE"):
            name = f"{table}_append_only_{change.lower()}"
            op.execute(f'CREATE TRIGGER {name} BEFORE {change} ON "{table}" {refuse}')
        # INSERT OR REPLACE deletes the old row without asking the trigger on DELETE.
        taken = (
            " OR ".join(f"{key} = NEW.{key}" for key in keys)
            if keys
            else "sequence = NEW.sequence AND market = NEW.market"
        )
        present = f'SELECT 1 FROM "{table}" WHERE {taken}'  # noqa: S608 - our own names only
        op.execute(
            f'CREATE TRIGGER {table}_append_only_replace BEFORE INSERT ON "{table}" '
            f"WHEN EXISTS ({present}) {refuse}"
        )
    refuse = "BEGIN SELECT RAISE(ABORT, 'log_tile is append-only'); END"
    op.execute(
        "CREATE TRIGGER log_tile_grows BEFORE UPDATE ON log_tile "
        "WHEN NEW.level <> OLD.level OR NEW.number <> OLD.number "
        f"OR substr(NEW.hashes, 1, length(OLD.hashes)) <> OLD.hashes {refuse}"
    )
    op.execute(f"CREATE TRIGGER log_tile_append_only BEFORE DELETE ON log_tile {refuse}")
    present = "SELECT 1 FROM log_tile WHERE level = NEW.level AND number = NEW.number"
    op.execute(
        "CREATE TRIGGER log_tile_append_only_replace BEFORE INSERT ON log_tile "
        f"WHEN EXISTS ({present}) {refuse}"
    )
