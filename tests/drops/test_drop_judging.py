"""A planned drop is judged, approved by somebody else, goes live, and stops when it has to."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from planned_drops import CARRIER, TODAY, created, planned, portal, put_rates, reviewer
from serving import Opa, dump
from sqlmodel import col, select
from vetted_providers import walk

from governance.db import transaction
from governance.decisions import service as decisions
from governance.decisions.models import Decision
from governance.drops import registry
from governance.drops.judging import service
from governance.drops.judging.errors import NotIndependent, NotPassed, OutOfSeason, SeenBefore
from governance.drops.judging.verdict import verdict
from governance.drops.judging.watch import judge_again
from governance.drops.models import DropApproval, DropState
from governance.drops.planner.service import plan_drop
from governance.drops.states import IllegalStep, changes_of
from governance.errors import EngineUnavailable, InvalidRequest, NotFound
from governance.gates.pipeline import Pipeline
from governance.providers.models import Standing

NOW = datetime.now(UTC)
RISKY: dict[str, Any] = {"reach": {"p10": 20_000, "p50": 600_000, "p90": 2_000_000}}
"""A reach so uncertain that a person has to look at it."""


def state_of(pipeline: Pipeline, drop_id: str) -> DropState:
    with transaction(pipeline.engine) as session:
        return registry.get(session, drop_id).state


def in_review(pipeline: Pipeline) -> tuple[str, str]:
    """A drop that needs a review, and the decision that says so."""
    drop_id = planned(pipeline, **RISKY)
    judged = service.submit(pipeline, portal(pipeline), drop_id, "ann")
    assert (judged.verdict, judged.after) == ("needs_review", DropState.NEEDS_REVIEW)
    return drop_id, judged.decision_id


def approved(pipeline: Pipeline) -> str:
    drop_id = planned(pipeline)
    assert service.submit(pipeline, portal(pipeline), drop_id).after is DropState.APPROVED
    return drop_id


def on_sale(pipeline: Pipeline) -> str:
    drop_id = approved(pipeline)
    assert service.go_live(pipeline, portal(pipeline), drop_id).after is DropState.LIVE
    return drop_id


def suspend(pipeline: Pipeline) -> None:
    walk(pipeline.engine, CARRIER, Standing.SUSPENDED)


def test_a_plan_that_nothing_stands_against_is_approved_and_goes_live(pipeline: Pipeline) -> None:
    drop_id = on_sale(pipeline)
    with transaction(pipeline.engine) as session:
        steps = [(one.from_state, one.to_state) for one in changes_of(session, drop_id)]
        drop = registry.get(session, drop_id)
        live = decisions.get(session, changes_of(session, drop_id)[-1].decision_id or "")
        assert live.decision_id == drop.judged_decision_id
        assert live.gate == "drop"
    assert steps == [("draft", "planned"), ("planned", "approved"), ("approved", "live")]
    assert json.loads(live.result)["verdict"] == "allowed"


def test_every_verdict_that_a_plan_rests_on_is_on_the_record(pipeline: Pipeline) -> None:
    drop_id = approved(pipeline)
    with transaction(pipeline.engine) as session:
        asked = json.loads(
            decisions.get(session, registry.get(session, drop_id).judged_decision_id or "").input
        )
        named = {day["decision_id"] for market in asked["markets"] for day in market["sale"]}
        sold = session.exec(select(Decision).where(col(Decision.gate) == "sale")).all()
        plan = json.loads(registry.plan_of(session, registry.get(session, drop_id)).plan)
    kept = {one.decision_id for one in sold}
    planned_with = {one["decision_id"] for one in plan["sale_decisions"]["hoodie"]}
    assert named <= kept
    assert planned_with <= kept
    assert named.isdisjoint(planned_with)


def test_what_is_uncertain_needs_somebody_else(pipeline: Pipeline) -> None:
    drop_id, decision_id = in_review(pipeline)
    judged = service.approve(
        pipeline, reviewer(pipeline), drop_id, decision_id=decision_id, comment="Seen"
    )
    assert judged.after is DropState.APPROVED
    assert judged.result["approved_reasons"] == ["review:drop.forecast.spread"]
    with transaction(pipeline.engine) as session:
        (approval,) = session.exec(select(DropApproval)).all()
    assert (approval.approver, approval.comment) == ("reviewer-key", "Seen")
    assert approval.decision_id == judged.decision_id


@pytest.mark.parametrize("name", ["ann", "  ANN ", "portal-key", "creator-9"])
def test_who_asks_for_a_drop_does_not_approve_it(pipeline: Pipeline, name: str) -> None:
    drop_id, decision_id = in_review(pipeline)
    with pytest.raises(NotIndependent):
        service.approve(
            pipeline,
            portal(pipeline),
            drop_id,
            decision_id=decision_id,
            comment="Mine",
            approver=name,
        )
    assert state_of(pipeline, drop_id) is DropState.NEEDS_REVIEW


def test_a_portal_names_the_person_who_approves(pipeline: Pipeline) -> None:
    drop_id, decision_id = in_review(pipeline)
    asked = {"decision_id": decision_id, "comment": "Seen"}
    with pytest.raises(InvalidRequest) as nobody:
        service.approve(pipeline, portal(pipeline), drop_id, **asked)
    assert nobody.value.errors[0].field == "/approver"
    judged = service.approve(pipeline, portal(pipeline), drop_id, **asked, approver="ben")
    assert judged.after is DropState.APPROVED


def test_who_has_a_key_approves_for_nobody_else(pipeline: Pipeline) -> None:
    drop_id, decision_id = in_review(pipeline)
    with pytest.raises(InvalidRequest) as another:
        service.approve(
            pipeline,
            reviewer(pipeline),
            drop_id,
            decision_id=decision_id,
            comment="For Ben",
            approver="ben",
        )
    assert another.value.errors[0].field == "/approver"


def test_nobody_approves_what_they_have_not_seen(pipeline: Pipeline) -> None:
    drop_id, _ = in_review(pipeline)
    with pytest.raises(SeenBefore):
        service.approve(
            pipeline, reviewer(pipeline), drop_id, decision_id="01ANOTHER", comment="Seen"
        )


def test_an_approval_lifts_nothing_that_is_hard(pipeline: Pipeline) -> None:
    drop_id, decision_id = in_review(pipeline)
    suspend(pipeline)
    with pytest.raises(NotPassed) as refused:
        service.approve(
            pipeline, reviewer(pipeline), drop_id, decision_id=decision_id, comment="Seen"
        )
    assert refused.value.extra["verdict"] == "prohibited"
    assert state_of(pipeline, drop_id) is DropState.REJECTED
    with transaction(pipeline.engine) as session:
        assert not session.exec(select(DropApproval)).all()


def test_an_approval_is_of_one_plan(pipeline: Pipeline) -> None:
    drop_id, decision_id = in_review(pipeline)
    service.approve(pipeline, reviewer(pipeline), drop_id, decision_id=decision_id, comment="Seen")
    service.withdraw(pipeline, portal(pipeline), drop_id, "Another seed")
    plan_drop(pipeline, portal(pipeline), drop_id, seed=2)
    assert service.submit(pipeline, portal(pipeline), drop_id).after is DropState.NEEDS_REVIEW


def test_who_approved_a_plan_cannot_submit_it_as_their_own(pipeline: Pipeline) -> None:
    drop_id, decision_id = in_review(pipeline)
    asked = {"decision_id": decision_id, "comment": "Seen", "approver": "ben"}
    service.approve(pipeline, portal(pipeline), drop_id, **asked)
    service.withdraw(pipeline, portal(pipeline), drop_id, "Ben submits it now")
    judged = service.submit(pipeline, portal(pipeline), drop_id, "ben")
    assert judged.after is DropState.NEEDS_REVIEW


def test_a_reviewer_rejects_with_a_reason(pipeline: Pipeline) -> None:
    drop_id, _ = in_review(pipeline)
    with pytest.raises(InvalidRequest):
        service.reject(pipeline, reviewer(pipeline), drop_id, reason=" ")
    service.reject(pipeline, reviewer(pipeline), drop_id, reason="Too much at risk")
    assert state_of(pipeline, drop_id) is DropState.REJECTED
    with transaction(pipeline.engine) as session:
        assert "Too much at risk" in changes_of(session, drop_id)[-1].reason


@pytest.mark.parametrize(("first", "last"), [(1, 20), (-30, -1)])
def test_a_drop_is_live_in_its_season_only(pipeline: Pipeline, first: int, last: int) -> None:
    days = {
        "sale_from": (TODAY + timedelta(days=first)).isoformat(),
        "sale_to": (TODAY + timedelta(days=last)).isoformat(),
    }
    drop_id = planned(pipeline, **days)
    service.submit(pipeline, portal(pipeline), drop_id)
    with pytest.raises((OutOfSeason, IllegalStep, NotPassed)) as refused:
        service.go_live(pipeline, portal(pipeline), drop_id)
    assert refused.value.status == 409
    assert state_of(pipeline, drop_id) is not DropState.LIVE


def test_going_live_is_judged_anew(pipeline: Pipeline) -> None:
    drop_id = approved(pipeline)
    suspend(pipeline)
    with pytest.raises(NotPassed) as refused:
        service.go_live(pipeline, portal(pipeline), drop_id)
    assert "provider_not_serving:carrier" in refused.value.extra["reasons"]
    assert state_of(pipeline, drop_id) is DropState.REJECTED


def test_a_live_drop_goes_on_hold_when_its_provider_is_suspended(pipeline: Pipeline) -> None:
    drop_id, seen = on_sale(pipeline), {}
    assert list(judge_again(pipeline, seen, NOW)) == []
    suspend(pipeline)
    assert "standing" in {
        one["what"] for one in verdict(pipeline, portal(pipeline), drop_id)["stale"]
    }
    ((found, judged),) = judge_again(pipeline, seen, NOW)
    assert found == drop_id
    assert judged.after is DropState.ON_HOLD
    with transaction(pipeline.engine) as session:
        assert "provider_not_serving:carrier" in changes_of(session, drop_id)[-1].reason
    assert list(judge_again(pipeline, seen, NOW)) == []
    walk(pipeline.engine, CARRIER, Standing.REINSTATED)
    assert service.go_live(pipeline, portal(pipeline), drop_id).after is DropState.LIVE


def test_nothing_is_recorded_where_nothing_changed(pipeline: Pipeline) -> None:
    on_sale(pipeline)
    with transaction(pipeline.engine) as session:
        before = len(session.exec(select(Decision)).all())
    assert list(judge_again(pipeline, {}, NOW)) == []
    with transaction(pipeline.engine) as session:
        assert len(session.exec(select(Decision)).all()) == before


def test_a_drop_whose_evidence_ends_before_the_sale_does_not_pass(pipeline: Pipeline) -> None:
    from planned_drops import drop_document

    hoodie = drop_document()["products"][0]
    for paper in hoodie["evidence"]:
        paper["valid_to"] = (TODAY + timedelta(days=5)).isoformat()
    drop_id = planned(pipeline, products=[hoodie], markets=["US"])
    judged = service.submit(pipeline, portal(pipeline), drop_id)
    assert judged.after is DropState.REJECTED
    assert "no_market" in judged.result["reasons"]  # the plan itself left the market out


def test_a_sale_that_is_over_is_closed(pipeline: Pipeline) -> None:
    drop_id = on_sale(pipeline)
    later = NOW + timedelta(days=40)
    with transaction(pipeline.engine, write=True) as session:
        put_rates(session, TODAY)
    assert list(judge_again(pipeline, {}, later)) == []
    assert state_of(pipeline, drop_id) is DropState.CLOSED


def test_a_plan_that_waited_too_long_is_not_put_on_sale(pipeline: Pipeline) -> None:
    drop_id, later = approved(pipeline), NOW + timedelta(days=10)
    with pytest.raises(NotPassed) as refused:
        service.go_live(pipeline, portal(pipeline), drop_id, later)
    assert "prohibited:drop.freshness.rates-limit" in refused.value.extra["reasons"]
    assert state_of(pipeline, drop_id) is DropState.REJECTED


def test_a_plan_that_is_on_sale_grows_no_older(pipeline: Pipeline) -> None:
    drop_id, later = on_sale(pipeline), NOW + timedelta(days=10)
    assert list(judge_again(pipeline, {}, later)) == []
    service.hold(pipeline, reviewer(pipeline), drop_id, "A complaint came in", later)
    judged = service.go_live(pipeline, portal(pipeline), drop_id, later)
    assert judged.after is DropState.LIVE


def test_a_person_holds_a_drop_at_once_and_says_why(pipeline: Pipeline) -> None:
    drop_id = on_sale(pipeline)
    service.hold(pipeline, reviewer(pipeline), drop_id, "A complaint came in")
    assert state_of(pipeline, drop_id) is DropState.ON_HOLD


@pytest.mark.parametrize(
    "step",
    [
        lambda p, who, drop: service.submit(p, who, drop),
        lambda p, who, drop: service.withdraw(p, who, drop, "why"),
        lambda p, who, drop: service.approve(
            p, who, drop, decision_id="d", comment="c", approver="ben"
        ),
        lambda p, who, drop: service.reject(p, who, drop, reason="why", approver="ben"),
        lambda p, who, drop: service.go_live(p, who, drop),
        lambda p, who, drop: service.hold(p, who, drop, "why"),
    ],
)
def test_a_draft_goes_nowhere_but_to_a_plan(
    pipeline: Pipeline, step: Callable[[Pipeline, Any, str], Any]
) -> None:
    drop_id = created(pipeline)
    with pytest.raises((IllegalStep, NotPassed)) as refused:
        step(pipeline, portal(pipeline), drop_id)
    assert refused.value.status == 409
    assert state_of(pipeline, drop_id) is DropState.DRAFT


def test_a_portal_moves_nobody_elses_drop(pipeline: Pipeline) -> None:
    from governance.access.caller import Caller

    drop_id = planned(pipeline)
    other = Caller("another-portal", "portal", portal(pipeline).gates)
    with pytest.raises(NotFound):
        service.submit(pipeline, other, drop_id)


def test_no_verdict_moves_no_drop(pipeline: Pipeline, opa: Opa) -> None:
    drop_id = approved(pipeline)
    asked = {"policy_engine": "opa", "opa_url": opa.url, "opa_timeout_seconds": 2}
    by_opa = Pipeline(pipeline.engine, pipeline.settings.model_copy(update=asked))
    caller = portal(by_opa)
    before = dump(pipeline.engine)
    opa.stop()
    try:
        with pytest.raises(EngineUnavailable):
            service.go_live(by_opa, caller, drop_id)
        assert dump(pipeline.engine) == before
    finally:
        opa.start()
    assert service.go_live(by_opa, caller, drop_id).after is DropState.LIVE


def test_the_verdict_is_told_in_sentences(pipeline: Pipeline) -> None:
    drop_id, decision_id = in_review(pipeline)
    told = verdict(pipeline, portal(pipeline), drop_id)
    assert told["decision_id"] == decision_id
    assert told["verdict"] == "needs_review"
    assert all(one["message"].endswith(".") for one in told["reasons"])
    assert [one["change"] for one in told["changes"]] == ["review"]
    assert told["stale"] == []
