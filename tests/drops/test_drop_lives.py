"""Whatever people, providers and the clock do: no drop is live but by what its gate said of it."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from planned_drops import CARRIER, created, drop_document, portal, reviewer
from serving import SOAK
from sqlmodel import col, select
from vetted_providers import standing_of, walk

from governance.db import transaction
from governance.decisions import service as decisions
from governance.drops import registry
from governance.drops import service as drops
from governance.drops.judging import service
from governance.drops.judging.watch import judge_again
from governance.drops.models import DropApproval, DropState
from governance.drops.planner.service import plan_drop
from governance.drops.states import changes_of
from governance.errors import GovernanceError
from governance.gates.pipeline import Pipeline
from governance.providers.models import Standing

PEOPLE = st.sampled_from(["ann", "ben", "portal-key", "creator-9"])
REACHES = st.sampled_from([(20_000, 600_000, 2_000_000), (450_000, 600_000, 750_000)])
PASSED = ("approved", "live")


class Life(RuleBasedStateMachine):
    """One drop, and all who can do something to it."""

    pipeline: Pipeline
    reached: set[str]

    def __init__(self) -> None:
        super().__init__()
        self.drop_id = created(self.pipeline)
        self.now = datetime.now(UTC)
        self.seen: dict[str, Any] = {}
        if standing_of(self.pipeline.engine, CARRIER) is Standing.SUSPENDED:
            walk(self.pipeline.engine, CARRIER, Standing.REINSTATED)

    @property
    def portal(self) -> Any:
        return portal(self.pipeline)

    @rule(seed=st.integers(0, 1))
    def plan(self, seed: int) -> None:
        with suppress(GovernanceError):
            plan_drop(self.pipeline, self.portal, self.drop_id, seed=seed, now=self.now)

    @rule(reach=REACHES)
    def revise(self, reach: tuple[int, int, int]) -> None:
        given = drop_document(reach=dict(zip(("p10", "p50", "p90"), reach, strict=True)))
        with transaction(self.pipeline.engine) as session:
            version = registry.get(session, self.drop_id).version
        with suppress(GovernanceError):
            drops.revise(self.pipeline, self.drop_id, given, version, self.portal)

    @rule(who=PEOPLE)
    def submit(self, who: str) -> None:
        with suppress(GovernanceError):
            service.submit(self.pipeline, self.portal, self.drop_id, who, self.now)

    @rule(who=PEOPLE)
    def approve(self, who: str) -> None:
        with transaction(self.pipeline.engine) as session:
            found = registry.get(session, self.drop_id).judged_decision_id or ""
        with suppress(GovernanceError):
            service.approve(
                self.pipeline, self.portal, self.drop_id, decision_id=found, comment="Seen",
                approver=who, now=self.now,
            )  # fmt: skip

    @rule(who=PEOPLE)
    def reject(self, who: str) -> None:
        with suppress(GovernanceError):
            service.reject(
                self.pipeline, self.portal, self.drop_id, reason="No", approver=who, now=self.now
            )

    @rule()
    def withdraw(self) -> None:
        with suppress(GovernanceError):
            service.withdraw(self.pipeline, self.portal, self.drop_id, "Not yet", self.now)

    @rule()
    def go_live(self) -> None:
        with suppress(GovernanceError):
            service.go_live(self.pipeline, self.portal, self.drop_id, self.now)

    @rule()
    def hold(self) -> None:
        with suppress(GovernanceError):
            service.hold(self.pipeline, reviewer(self.pipeline), self.drop_id, "Wait", self.now)

    @rule(seldom=st.integers(0, 9))
    def close(self, seldom: int) -> None:
        if seldom == 0:  # nothing comes after it
            with suppress(GovernanceError):
                drops.close(self.pipeline, self.drop_id, "Over", self.portal)

    @rule()
    def suspend_or_reinstate(self) -> None:
        suspended = standing_of(self.pipeline.engine, CARRIER) is Standing.SUSPENDED
        to = Standing.REINSTATED if suspended else Standing.SUSPENDED
        walk(self.pipeline.engine, CARRIER, to)

    @rule(days=st.integers(1, 4))
    def days_pass(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule()
    def judged_again(self) -> None:
        """Once the background has looked, nobody who is suspended serves a drop that is on."""
        list(judge_again(self.pipeline, self.seen, self.now))
        suspended = standing_of(self.pipeline.engine, CARRIER) is Standing.SUSPENDED
        with transaction(self.pipeline.engine) as session:
            state = registry.get(session, self.drop_id).state
        assert not (suspended and state.value in PASSED)

    @invariant()
    def whoever_is_approved_or_live_has_passed_the_gate(self) -> None:
        with transaction(self.pipeline.engine) as session:
            drop = registry.get(session, self.drop_id)
            self.reached.add(drop.state.value)
            for change in changes_of(session, drop.id):
                if change.to_state in PASSED:
                    said = decisions.get(session, change.decision_id or "")
                    assert said.gate == "drop"
                    assert json.loads(said.result)["verdict"] == "allowed"
            if drop.state.value in PASSED:
                held = decisions.get(session, drop.judged_decision_id or "")
                asked, result = json.loads(held.input), json.loads(held.result)
                assert result["verdict"] == "allowed"
                assert asked["plan"] == registry.plan_of(session, drop).digest
                assert asked["drop"]["id"] == drop.id
                given = select(DropApproval).where(
                    col(DropApproval.drop_id) == drop.id,
                    col(DropApproval.plan_digest) == asked["plan"],
                )
                others = {one.approver for one in session.exec(given)} - {drop.submitted_by}
                assert not result["approved_reasons"] or others - {"portal-key", "creator-9"}


def _live(pipeline: Pipeline, examples: int, steps: int) -> None:
    Life.pipeline, Life.reached = pipeline, set()
    kept = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Life, settings=kept)


def test_no_path_leads_to_live_but_through_the_gate(pipeline: Pipeline) -> None:
    _live(pipeline, examples=12, steps=20)


@pytest.mark.soak
@pytest.mark.skipif(not SOAK, reason="the full size runs in make soak")
def test_no_path_of_many_leads_to_live_but_through_the_gate(pipeline: Pipeline) -> None:
    _live(pipeline, examples=200, steps=40)
    assert Life.reached == {state.value for state in DropState}
