"""Drops, their plans, the steps between their states, and that none moves but by such a step."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
_STEPS = {
    "draft": ("planned", "closed"),
    "planned": ("planned", "draft", "needs_review", "approved", "rejected", "closed"),
    "needs_review": ("planned", "approved", "rejected", "closed"),
    "approved": ("planned", "needs_review", "rejected", "live", "on_hold", "closed"),
    "rejected": ("draft", "planned", "closed"),
    "live": ("on_hold", "closed"),
    "on_hold": ("draft", "planned", "live", "closed"),
}
_STATES = (*_STEPS, "closed")
_APPEND_ONLY = {
    "drop_step": "from_state = NEW.from_state AND to_state = NEW.to_state",
    "drop_plan": "id = NEW.id OR (drop_id = NEW.drop_id AND digest = NEW.digest)",
    "drop_change": "number = NEW.number",
    "drop_approval": "number = NEW.number",
}

# Of a decision `d` and a drop `o`: it was the drop gate's, on this drop and on the plan that holds.
_JUDGED = (
    'SELECT 1 FROM decision d JOIN "drop" o ON o.id = {drop} JOIN drop_plan p ON p.id = o.plan_id '
    "WHERE d.decision_id = {decision} AND d.gate = 'drop' AND {asked_drop} = o.id "
    "AND {asked_plan} = p.digest"
)
_PASSED = (
    f"{_JUDGED} AND EXISTS (SELECT 1 FROM decision_verdict v WHERE "  # noqa: S608 - our own names
    "v.sequence = d.sequence AND v.market = '' AND v.verdict = 'allowed')"
)
_ASKED = {
    "postgresql": {
        "asked_drop": "(d.input::json #>> ARRAY['drop', 'id'])",
        "asked_plan": "(d.input::json ->> 'plan')",
    },
    "sqlite": {
        "asked_drop": "json_extract(d.input, '$.drop.id')",
        "asked_plan": "json_extract(d.input, '$.plan')",
    },
}
_OF_CHANGE = {"drop": "NEW.drop_id", "decision": "NEW.decision_id"}
_OF_DROP = {"drop": "NEW.id", "decision": "NEW.judged_decision_id"}


def upgrade() -> None:
    """Make the tables, fill in the steps, refuse to change what was taken, and set the guards."""
    _create_drops()
    _create_steps()
    dialect = op.get_context().dialect.name
    if dialect == "postgresql":
        _refuse_changes_on_postgresql()
    else:
        _refuse_changes_on_sqlite()
    guard = _on_postgresql if dialect == "postgresql" else _on_sqlite
    for name, when, wrong, words in _guards(_ASKED[dialect]):
        guard(name, when, wrong, words)


def _create_drops() -> None:
    op.create_table(
        "drop",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("creator_id", sa.String, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("document_digest", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_by", sa.String, nullable=False),
        sa.Column("submitted_by", sa.String),
        sa.Column("plan_id", _SEQUENCE),
        sa.Column("judged_decision_id", sa.String, sa.ForeignKey("decision.decision_id")),
        sa.Column("sale_from", sa.Date, nullable=False),
        sa.Column("sale_to", sa.Date, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.CheckConstraint(f"state IN {_STATES}", name="drop_state"),
    )
    op.create_index("ix_drop_created_by", "drop", ["created_by", "id"])
    op.create_index("ix_drop_creator_id", "drop", ["creator_id"])
    op.create_index("ix_drop_state", "drop", ["state", "id"])
    op.create_table(
        "drop_market",
        sa.Column("drop_id", sa.String, sa.ForeignKey("drop.id"), primary_key=True),
        sa.Column("market", sa.String, primary_key=True),
    )
    op.create_index("ix_drop_market_market", "drop_market", ["market"])
    op.create_table(
        "drop_plan",
        sa.Column("id", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("drop_id", sa.String, sa.ForeignKey("drop.id"), nullable=False),
        sa.Column("document_version", sa.Integer, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("made_by", sa.String, nullable=False),
        sa.UniqueConstraint("drop_id", "digest"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "drop_plan_provider",
        sa.Column("plan_id", _SEQUENCE, sa.ForeignKey("drop_plan.id"), primary_key=True),
        sa.Column("provider_id", sa.String, primary_key=True),
    )
    op.create_index("ix_drop_plan_provider_provider_id", "drop_plan_provider", ["provider_id"])
    op.create_table(
        "drop_approval",
        sa.Column("number", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("drop_id", sa.String, nullable=False),
        sa.Column("plan_digest", sa.String, nullable=False),
        sa.Column("approver", sa.String, nullable=False),
        sa.Column("caller_id", sa.String, nullable=False),
        sa.Column("decision_id", sa.String, sa.ForeignKey("decision.decision_id"), nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("comment", sa.String, nullable=False),
        sa.Column("approved_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["drop_id", "plan_digest"], ["drop_plan.drop_id", "drop_plan.digest"]
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_drop_approval_plan", "drop_approval", ["drop_id", "plan_digest"])


def _create_steps() -> None:
    op.create_table(
        "drop_step",
        sa.Column("from_state", sa.String, primary_key=True),
        sa.Column("to_state", sa.String, primary_key=True),
    )
    step = sa.table("drop_step", sa.column("from_state"), sa.column("to_state"))
    rows = [
        {"from_state": start, "to_state": end} for start, ends in _STEPS.items() for end in ends
    ]
    op.bulk_insert(step, rows)
    op.create_table(
        "drop_change",
        sa.Column("number", _SEQUENCE, primary_key=True, autoincrement=True),
        sa.Column("drop_id", sa.String, sa.ForeignKey("drop.id"), nullable=False),
        sa.Column("from_state", sa.String, nullable=False),
        sa.Column("to_state", sa.String, nullable=False),
        sa.Column("decision_id", sa.String, sa.ForeignKey("decision.decision_id")),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["from_state", "to_state"], ["drop_step.from_state", "drop_step.to_state"]
        ),
        sa.CheckConstraint("trim(reason) <> ''", name="reason_given"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_drop_change_drop_id", "drop_change", ["drop_id", "number"])


def _guards(asked: dict[str, str]) -> tuple[tuple[str, str, str, str], ...]:
    """Each guard: when it is asked, what is wrong, and the words of the refusal."""
    return (
        (
            "drop_begins",
            'INSERT ON "drop"',
            "NEW.state <> 'draft' OR NEW.plan_id IS NOT NULL OR NEW.judged_decision_id IS NOT NULL "
            "OR EXISTS (SELECT 1 FROM drop_change WHERE drop_id = NEW.id)",
            "a drop begins as a draft",
        ),
        (
            "drop_moves",
            'UPDATE ON "drop"',
            "NEW.state <> OLD.state AND NOT EXISTS (SELECT 1 FROM drop_change c WHERE "
            "c.drop_id = NEW.id AND c.from_state = OLD.state AND c.to_state = NEW.state AND "
            "c.number = (SELECT max(number) FROM drop_change WHERE drop_id = NEW.id))",
            "a drop moves only by a step that is on the record",
        ),
        (
            "drop_judged",
            'UPDATE ON "drop"',
            "NEW.state IN ('approved', 'live') AND (NEW.state <> OLD.state OR "
            "coalesce(NEW.judged_decision_id, '') <> coalesce(OLD.judged_decision_id, '')) "
            f"AND NOT EXISTS ({_PASSED.format(**_OF_DROP, **asked)})",
            "an approved or live drop keeps a decision that passed its plan",
        ),
        (
            "drop_planned",
            'UPDATE ON "drop"',
            "coalesce(NEW.plan_id, 0) <> coalesce(OLD.plan_id, 0) AND "
            "(NEW.state IN ('live', 'closed') OR NOT EXISTS "
            "(SELECT 1 FROM drop_plan p WHERE p.id = NEW.plan_id AND p.drop_id = NEW.id))",
            "a drop that is live or closed keeps its plan, and another gets one of its own",
        ),
        (
            "drop_revised",
            'UPDATE ON "drop"',
            "NEW.document <> OLD.document AND NEW.state NOT IN ('draft', 'closed')",
            "a document changes only while its drop is a draft",
        ),
        (
            "drop_change_follows",
            'INSERT ON "drop_change"',
            'NOT EXISTS (SELECT 1 FROM "drop" o WHERE o.id = NEW.drop_id AND '
            "o.state = NEW.from_state) OR NEW.from_state <> coalesce((SELECT c.to_state FROM "
            "drop_change c WHERE c.drop_id = NEW.drop_id ORDER BY c.number DESC LIMIT 1), 'draft')",
            "a step begins where the drop stands and where its last step ended",
        ),
        (
            "drop_change_judged",
            'INSERT ON "drop_change"',
            "(NEW.to_state IN ('needs_review', 'rejected') OR "
            "NEW.to_state = 'on_hold' AND NEW.decision_id IS NOT NULL) AND "
            f"NOT EXISTS ({_JUDGED.format(**_OF_CHANGE, **asked)})",
            "a step needs a judgement of its plan by the drop gate",
        ),
        (
            "drop_change_passed",
            'INSERT ON "drop_change"',
            "NEW.to_state IN ('approved', 'live') AND "
            f"NOT EXISTS ({_PASSED.format(**_OF_CHANGE, **asked)})",
            "nothing is approved or goes live that the drop gate did not pass",
        ),
    )


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


def _refuse_changes_on_postgresql() -> None:
    for table in _APPEND_ONLY:
        op.execute(
            f'CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _refuse_changes_on_sqlite() -> None:
    for table, present in _APPEND_ONLY.items():
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
