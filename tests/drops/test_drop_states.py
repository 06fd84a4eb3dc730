"""What the database itself refuses: a drop that moves without a step, or goes live unjudged."""

from itertools import product
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import select, text
from tiny_drop import (
    NOW,
    VERDICTS,
    keep_a_plan,
    lead,
    make,
    record_judgement,
    state_of,
)
from tiny_drop import step as judged_step

from governance.db import transaction
from governance.drops import registry
from governance.drops.models import DropApproval, DropChange, DropState
from governance.drops.states import IllegalStep, changes_of, next_states, take_step
from governance.drops.webhooks.models import WebhookEvent
from governance.errors import InvalidRequest

DRAFT, PLANNED, NEEDS_REVIEW, APPROVED, REJECTED, LIVE, ON_HOLD, CLOSED = DropState
STEPS = {
    DRAFT: {PLANNED, CLOSED},
    PLANNED: {DRAFT, PLANNED, NEEDS_REVIEW, APPROVED, REJECTED, CLOSED},
    NEEDS_REVIEW: {PLANNED, APPROVED, REJECTED, CLOSED},
    APPROVED: {PLANNED, NEEDS_REVIEW, REJECTED, LIVE, ON_HOLD, CLOSED},
    REJECTED: {DRAFT, PLANNED, CLOSED},
    LIVE: {ON_HOLD, CLOSED},
    ON_HOLD: {DRAFT, PLANNED, LIVE, CLOSED},
    CLOSED: set(),
}
WAYS: dict[DropState, tuple[DropState, ...]] = {
    DRAFT: (),
    PLANNED: (PLANNED,),
    NEEDS_REVIEW: (PLANNED, NEEDS_REVIEW),
    APPROVED: (PLANNED, APPROVED),
    REJECTED: (PLANNED, REJECTED),
    LIVE: (PLANNED, APPROVED, LIVE),
    ON_HOLD: (PLANNED, APPROVED, LIVE, ON_HOLD),
    CLOSED: (CLOSED,),
}


def led(engine: Engine, to: DropState) -> str:
    """The id of a new drop that was led to a state."""
    drop_id = make(engine)
    lead(engine, drop_id, *WAYS[to])
    assert state_of(engine, drop_id) is to
    return drop_id


def steps_taken(engine: Engine, drop_id: str) -> list[tuple[str, str]]:
    with transaction(engine) as session:
        return [(one.from_state, one.to_state) for one in changes_of(session, drop_id)]


def run(engine: Engine, statement: str, **values: Any) -> None:
    """A statement that goes around the service."""
    with transaction(engine, write=True) as session:
        session.connection().execute(text(statement), values)


def refused(engine: Engine, words: str, statement: str, **values: Any) -> None:
    with pytest.raises(IntegrityError, match=words):
        run(engine, statement, **values)


WRITE_STEP = (
    "INSERT INTO drop_change (drop_id, from_state, to_state, decision_id, actor, reason, "
    "changed_at) VALUES (:drop, :before, :to, :decision, 'x', :reason, "
    "'2026-11-23 12:00:00+00:00')"
)


def write_step(drop_id: str, before: DropState, to: DropState, **more: Any) -> dict[str, Any]:
    step = {"drop": drop_id, "before": before.value, "to": to.value}
    return step | {"decision": None, "reason": "so"} | more


def test_only_the_steps_that_exist_are_taken_and_a_refusal_says_which_do(engine: Engine) -> None:
    for state in DropState:
        check_steps_from(engine, state)


def check_steps_from(engine: Engine, state: DropState) -> None:
    drop_id = led(engine, state)
    with transaction(engine) as session:
        assert set(next_states(session, state)) == STEPS[state]
    before = steps_taken(engine, drop_id)
    for to in DropState:
        if to in STEPS[state]:
            continue
        with (
            pytest.raises(IllegalStep) as illegal,
            transaction(engine, write=True) as session,
        ):
            drop = registry.locked(session, drop_id)
            decision = record_judgement(session, drop, VERDICTS.get(to, "allowed"))
            take_step(session, drop, to, actor="x", reason="so", decision_id=decision, now=NOW)
        assert illegal.value.status == 409
        assert illegal.value.code == "illegal-step"
        assert set(illegal.value.extra["steps"]) == STEPS[state]
        assert state_of(engine, drop_id) is state
    assert steps_taken(engine, drop_id) == before
    for to in STEPS[state]:
        another = led(engine, state)
        judged_step(engine, another, to)
        assert state_of(engine, another) is to
        assert steps_taken(engine, another)[-1] == (state.value, to.value)


def test_a_step_says_who_took_it_why_and_by_which_decision(engine: Engine) -> None:
    drop_id = led(engine, APPROVED)
    with transaction(engine) as session:
        planned, approved = changes_of(session, drop_id)
        drop = registry.get(session, drop_id)
        assert (planned.actor, planned.reason, planned.decision_id) == ("test", "so", None)
        assert approved.decision_id == drop.judged_decision_id is not None
        assert approved.changed_at == NOW
    lead(engine, drop_id, PLANNED)
    with transaction(engine) as session:
        assert registry.get(session, drop_id).judged_decision_id is None


def test_webhooks_hear_of_a_step_in_its_transaction(engine: Engine) -> None:
    drop_id = led(engine, ON_HOLD)
    with pytest.raises(RuntimeError), transaction(engine, write=True) as session:
        drop = registry.locked(session, drop_id)
        take_step(session, drop, CLOSED, actor="x", reason="so", decision_id=None, now=NOW)
        raise RuntimeError
    with transaction(engine) as session:
        events = session.exec(select(WebhookEvent).order_by(WebhookEvent.number)).all()
        kinds = ["drop.planned", "drop.approved", "drop.live", "drop.on_hold"]
        assert [one.kind for one in events] == kinds
        assert {(one.subject, one.audience) for one in events} == {(drop_id, "key_portal")}


def test_a_drop_begins_as_a_draft_without_plan_or_judgement(engine: Engine) -> None:
    make(engine)
    columns = (
        "title, creator_id, document, document_digest, version, created_by, sale_from, sale_to, "
        "created_at, updated_at"
    )
    copy = f'INSERT INTO "drop" (id, state, plan_id, {columns}) SELECT :id, :state, :plan, {columns} FROM "drop"'  # noqa: E501
    refused(engine, "begins as a draft", copy, id="drp_2", state="live", plan=None)
    refused(engine, "begins as a draft", copy, id="drp_2", state="draft", plan=1)


def test_a_drop_moves_by_a_step_and_by_nothing_else(engine: Engine) -> None:
    drop_id = led(engine, PLANNED)
    move = 'UPDATE "drop" SET state = :to WHERE id = :id'
    for to in set(DropState) - {PLANNED}:
        refused(engine, "on the record|passed its plan", move, to=to.value, id=drop_id)
    assert state_of(engine, drop_id) is PLANNED


def test_a_drop_is_not_made_anew_over_one_that_moved(engine: Engine) -> None:
    drop_id = led(engine, PLANNED)
    if engine.dialect.name == "sqlite":
        statement = (
            "INSERT OR REPLACE INTO \"drop\" SELECT id, title, creator_id, 'draft', document, "
            "document_digest, version, created_by, submitted_by, NULL, NULL, sale_from, sale_to, "
            'created_at, updated_at FROM "drop"'
        )
        words = "begins as a draft"
    else:
        statement = (
            'INSERT INTO "drop" SELECT * FROM "drop" ON CONFLICT (id) DO UPDATE SET state = '
            "'draft'"
        )
        words = "begins as a draft|on the record"
    refused(engine, words, statement)
    assert state_of(engine, drop_id) is PLANNED


def test_a_step_begins_where_the_drop_stands_and_follows_the_last_one(engine: Engine) -> None:
    drop_id = led(engine, PLANNED)
    wrong = write_step(drop_id, DRAFT, CLOSED)
    refused(engine, "begins where the drop stands", WRITE_STEP, **wrong)
    with (
        pytest.raises(IntegrityError, match="begins where the drop stands"),
        transaction(engine, write=True) as session,
    ):
        for _ in range(2):  # the drop did not move by the first
            step = write_step(drop_id, PLANNED, CLOSED)
            session.connection().execute(text(WRITE_STEP), step)


def test_a_step_that_does_not_exist_is_not_written(engine: Engine) -> None:
    drop_id = led(engine, LIVE)
    refused(engine, "(?i)foreign key", WRITE_STEP, **write_step(drop_id, LIVE, DRAFT))


def test_nothing_is_approved_or_live_but_by_a_decision_that_passes_its_plan(
    engine: Engine,
) -> None:
    for to in (APPROVED, LIVE):
        check_that_only_a_pass_leads(engine, to)


def check_that_only_a_pass_leads(engine: Engine, to: DropState) -> None:
    drop_id = led(engine, WAYS[to][-2])
    other_id = led(engine, PLANNED)
    before = state_of(engine, drop_id)
    with transaction(engine, write=True) as session:
        drop, other = registry.get(session, drop_id), registry.get(session, other_id)
        decisions = {
            "none": None,
            "another gate": record_judgement(session, drop, "allowed", gate="sale"),
            "another drop": record_judgement(session, other, "allowed"),
            "another plan": record_judgement(session, drop, "allowed", asked={"plan": "sha256:x"}),
            "no plan": record_judgement(session, drop, "allowed", asked={"plan": None}),
            "of a market": record_judgement(session, drop, "", verdicts={"DE": "allowed"}),
        } | {
            verdict: record_judgement(session, drop, verdict)
            for verdict in ("needs_review", "prohibited", "unknown", "needs_facts")
        }
    for decision in decisions.values():
        with (
            pytest.raises(IntegrityError, match="drop gate did not pass"),
            transaction(engine, write=True) as session,
        ):
            drop = registry.locked(session, drop_id)
            take_step(session, drop, to, actor="x", reason="so", decision_id=decision, now=NOW)
        wrong = write_step(drop_id, before, to, decision=decision)
        refused(engine, "drop gate did not pass", WRITE_STEP, **wrong)
    assert state_of(engine, drop_id) is before


def test_a_decision_does_not_pass_the_plan_that_comes_after_it(engine: Engine) -> None:
    drop_id = led(engine, APPROVED)
    with transaction(engine) as session:
        passed = registry.get(session, drop_id).judged_decision_id
    lead(engine, drop_id, PLANNED)
    with (
        pytest.raises(IntegrityError, match="drop gate did not pass"),
        transaction(engine, write=True) as session,
    ):
        drop = registry.locked(session, drop_id)
        take_step(session, drop, APPROVED, actor="x", reason="so", decision_id=passed, now=NOW)


def test_who_is_judged_otherwise_is_judged_by_the_drop_gate(engine: Engine) -> None:
    drop_id = led(engine, PLANNED)
    for to, gate in product((NEEDS_REVIEW, REJECTED), (None, "sale")):
        with (
            pytest.raises(IntegrityError, match="judgement of its plan"),
            transaction(engine, write=True) as session,
        ):
            drop = registry.locked(session, drop_id)
            decision = record_judgement(session, drop, "unknown", gate=gate) if gate else None
            take_step(session, drop, to, actor="x", reason="so", decision_id=decision, now=NOW)


def test_a_person_holds_a_drop_with_a_reason_and_without_a_decision(engine: Engine) -> None:
    drop_id = led(engine, LIVE)
    for blank in ("", " "):
        with pytest.raises(InvalidRequest), transaction(engine, write=True) as session:
            drop = registry.locked(session, drop_id)
            take_step(session, drop, ON_HOLD, actor="x", reason=blank, decision_id=None, now=NOW)
        wrong = write_step(drop_id, LIVE, ON_HOLD, reason=blank)
        refused(engine, "reason_given|CHECK", WRITE_STEP, **wrong)
    with transaction(engine, write=True) as session:
        drop = registry.locked(session, drop_id)
        passed = drop.judged_decision_id
        take_step(session, drop, ON_HOLD, actor="x", reason="a recall", decision_id=None, now=NOW)
        assert drop.judged_decision_id == passed


def test_a_live_drop_keeps_its_plan_its_document_and_what_passed_it(engine: Engine) -> None:
    drop_id = led(engine, LIVE)
    with (
        pytest.raises(IllegalStep),
        transaction(engine, write=True) as session,
    ):
        keep_a_plan(session, registry.locked(session, drop_id))
    changed = 'UPDATE "drop" SET {} WHERE id = :id'
    refused(engine, "keeps its plan", changed.format("plan_id = NULL"), id=drop_id)
    refused(engine, "while its drop is a draft", changed.format("document = '{}'"), id=drop_id)
    unjudged = changed.format("judged_decision_id = NULL")
    refused(engine, "keeps a decision that passed", unjudged, id=drop_id)


def test_a_drop_gets_no_plan_of_another(engine: Engine) -> None:
    drop_id, other = led(engine, PLANNED), led(engine, PLANNED)
    stolen = (
        'UPDATE "drop" SET plan_id = (SELECT plan_id FROM "drop" WHERE id = :other) WHERE id = :id'
    )
    refused(engine, "one of its own", stolen, id=drop_id, other=other)


def test_what_was_taken_or_kept_is_never_changed(engine: Engine) -> None:
    drop_id = led(engine, APPROVED)
    with transaction(engine, write=True) as session:
        drop = registry.get(session, drop_id)
        approval = DropApproval(
            drop_id=drop_id,
            plan_digest=registry.plan_of(session, drop).digest,
            approver="anna",
            caller_id="key_portal",
            decision_id=drop.judged_decision_id,
            reasons=["new_creator"],
            approved_at=NOW,
        )
        session.add(approval)
    columns = {"drop_plan": "digest", "drop_change": "reason", "drop_step": "to_state"}
    for table, column in (columns | {"drop_approval": "approver"}).items():
        refused(engine, "append-only", f'UPDATE "{table}" SET {column} = {column}')
        refused(engine, "append-only", f'DELETE FROM "{table}"')
        if engine.dialect.name == "sqlite":
            again = f'INSERT OR REPLACE INTO "{table}" SELECT * FROM "{table}"'
            refused(engine, "append-only|where the drop stands", again)
        else:
            refused(engine, "append-only", f'TRUNCATE "{table}" CASCADE')


def test_of_two_who_step_at_once_one_is_told_where_the_drop_stands(postgres_engine: Engine) -> None:
    """The row of the drop is locked and read anew: who waited sees the step of the other."""
    drop_id = make(postgres_engine)
    with transaction(postgres_engine, write=True) as late:
        drop = registry.get(late, drop_id)
        assert drop.state is DRAFT
        lead(postgres_engine, drop_id, CLOSED)
        with pytest.raises(IllegalStep, match="is closed"):
            take_step(late, drop, CLOSED, actor="x", reason="so", decision_id=None, now=NOW)
    assert steps_taken(postgres_engine, drop_id) == [("draft", "closed")]


def test_no_step_is_lost_from_the_order_of_the_record(engine: Engine) -> None:
    drop_ids = [led(engine, LIVE) for _ in range(3)]
    with transaction(engine) as session:
        every = session.exec(select(DropChange).order_by(DropChange.number)).all()
    assert [one.drop_id for one in every] == [one for one in drop_ids for _ in WAYS[LIVE]]
