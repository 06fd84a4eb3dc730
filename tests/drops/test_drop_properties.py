"""Whatever happens to a drop: no state is reached but by steps, none approved or live unjudged."""

import json
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from serving import SOAK
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select, update
from test_drop_states import STEPS, WAYS
from tiny_drop import NOW, keep_a_plan, lead, make, record_judgement, step

from governance.db import transaction
from governance.decisions import service as decisions
from governance.decisions.models import DecisionVerdict
from governance.drops import registry
from governance.drops.models import Drop, DropState
from governance.drops.states import IllegalStep, changes_of, take_step

REACHED: set[DropState] = set()
"""Where some drop stood: a search that reaches little proves little."""

OPEN = [state for state in DropState if state is not DropState.CLOSED]
STATES = st.sampled_from([*OPEN, *OPEN, DropState.CLOSED])  # what is closed moves no more


class Drops(RuleBasedStateMachine):
    """A drop that anybody may try to move, with and without the service."""

    engine: Engine  # one database for all examples, each with a drop of its own
    drop_id = ""

    @initialize(state=st.sampled_from([DropState.DRAFT, DropState.APPROVED, DropState.LIVE]))
    def is_made(self, state: DropState) -> None:
        self.drop_id = make(self.engine)
        lead(self.engine, self.drop_id, *WAYS[state])
        self.judgements: list[str] = []

    @rule(which=st.integers(0, 4))
    def is_led_on(self, which: int) -> None:
        further = sorted(STEPS[self.state()] - {DropState.CLOSED})
        if further:
            to = further[which % len(further)]
            step(self.engine, self.drop_id, to)
            assert self.state() is to

    @rule()
    def gets_a_plan(self) -> None:
        try:
            with transaction(self.engine, write=True) as session:
                keep_a_plan(session, registry.locked(session, self.drop_id))
        except IllegalStep:
            assert self.state() in (DropState.LIVE, DropState.CLOSED, DropState.DRAFT)

    @rule(verdict=st.sampled_from(["allowed", "allowed", "needs_review", "prohibited"]))
    def is_judged(self, verdict: str) -> None:
        with transaction(self.engine, write=True) as session:
            drop = registry.get(session, self.drop_id)
            self.judgements.append(record_judgement(session, drop, verdict))

    @rule(to=STATES, which=st.integers(-1, 5), verdict=st.sampled_from(["allowed", "unknown"]))
    def somebody_takes_a_step(self, to: DropState, which: int, verdict: str) -> None:
        before, taken = self.state(), self.taken()
        try:
            with transaction(self.engine, write=True) as session:
                drop = registry.locked(session, self.drop_id)
                if to is DropState.PLANNED and to in STEPS[before]:
                    keep_a_plan(session, drop)
                decision = record_judgement(session, drop, verdict) if which == 0 else None
                if 0 < which <= len(self.judgements):
                    decision = self.judgements[-which]
                take_step(session, drop, to, actor="x", reason="so", decision_id=decision, now=NOW)
        except IllegalStep:
            assert to not in STEPS[before]
        except IntegrityError:
            assert to in STEPS[before]
        else:
            assert to in STEPS[before]
            assert (self.state(), self.taken()) == (to, taken + 1)
            return
        assert (self.state(), self.taken()) == (before, taken)

    @rule(to=STATES)
    def somebody_goes_around(self, to: DropState) -> None:
        before = self.state()
        mine = col(Drop.id) == self.drop_id
        if to is not before:
            with pytest.raises(IntegrityError), transaction(self.engine, write=True) as session:
                session.connection().execute(update(Drop).where(mine).values(state=to))
        assert self.state() is before

    @invariant()
    def every_state_was_reached_by_steps(self) -> None:
        if not self.drop_id:
            return
        with transaction(self.engine) as session:
            drop = registry.get(session, self.drop_id)
            changes = changes_of(session, self.drop_id)
            REACHED.add(drop.state)
            assert drop.state == (changes[-1].to_state if changes else "draft")
            assert [one.from_state for one in changes[:1]] == ["draft"][: len(changes)]
            assert all(a.to_state == b.from_state for a, b in pairwise(changes))
            assert all(one.to_state in STEPS[DropState(one.from_state)] for one in changes)
            if drop.state in (DropState.APPROVED, DropState.LIVE):
                assert drop.judged_decision_id is not None
                passed = decisions.get(session, drop.judged_decision_id)
                row = select(DecisionVerdict).where(DecisionVerdict.sequence == passed.sequence)
                assert session.exec(row).one().verdict == "allowed"
                asked = json.loads(passed.input)
                assert passed.gate == "drop"
                assert asked["drop"]["id"] == drop.id
            if drop.state is DropState.LIVE:
                assert asked["plan"] == registry.plan_of(session, drop).digest

    def state(self) -> DropState:
        with transaction(self.engine) as session:
            return registry.get(session, self.drop_id).state

    def taken(self) -> int:
        with transaction(self.engine) as session:
            return len(changes_of(session, self.drop_id))


def check(engine: Engine, examples: int, steps: int) -> None:
    Drops.engine = engine
    run_state_machine_as_test(
        Drops,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_no_sequence_of_attempts_moves_a_drop_but_by_steps(engine: Engine) -> None:
    REACHED.clear()
    check(engine, examples=10, steps=25)
    assert {DropState.PLANNED, DropState.APPROVED, DropState.LIVE, DropState.REJECTED} <= REACHED


@pytest.mark.soak
@pytest.mark.skipif(not SOAK, reason="a soak test")
def test_no_long_sequence_of_attempts_moves_a_drop_but_by_steps(engine: Engine) -> None:
    REACHED.clear()
    check(engine, examples=300, steps=60)
    assert set(DropState) == REACHED
