"""What a plan is made from: nobody who may not serve, no lane that refuses, rates, one version."""

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from planned_drops import CARRIER, TODAY, carrier, created, drop_document, portal
from sqlmodel import col, delete, select
from vetted_providers import register, walk

from governance.db import transaction
from governance.decisions.models import Decision
from governance.drops import registry
from governance.drops import service as drops
from governance.drops.models import DropPlan, DropState
from governance.drops.planner.service import RevisedMeanwhile, plan_drop
from governance.drops.rates.models import ExchangeRates
from governance.drops.search import read_filters, search
from governance.errors import InvalidRequest
from governance.gates.pipeline import Pipeline
from governance.providers.models import Standing


def made(pipeline: Pipeline, **more: Any) -> dict[str, Any]:
    """The plan of a new drop."""
    drop_id = created(pipeline, **more)
    found: dict[str, Any] = json.loads(plan_drop(pipeline, portal(pipeline), drop_id).plan)
    return found


def hoodie(**more: Any) -> list[dict[str, Any]]:
    return [drop_document()["products"][0] | more]


def closed(plan: dict[str, Any]) -> dict[str, list[str]]:
    (product,) = plan["products"]
    return {one["market"]: one["why"] for one in product["closed"]}


def test_a_plan_answers_and_says_what_it_rests_on(pipeline: Pipeline) -> None:
    plan = made(pipeline)
    (product,) = plan["products"]
    assert set(product["stock"]["by_market"]) == {"US", "CA"}
    assert {way["scheme"] for way in product["ways"]} >= {None, "ca.courier-duty-free"}
    assert plan["lineage"]["standings"][CARRIER]["standing"] == "active"
    assert plan["lineage"]["exchange_rates"]["source"] == "a test"
    assert plan["lineage"]["forecast"]["past_drops"] == 4
    assert plan["made_on"] == TODAY.isoformat()


def test_the_same_facts_and_seed_give_the_same_digest(pipeline: Pipeline) -> None:
    drop_id, caller = created(pipeline), portal(pipeline)
    digests = [plan_drop(pipeline, caller, drop_id, seed=seed).digest for seed in (3, 3, 4)]
    assert digests[0] == digests[1] != digests[2]
    with transaction(pipeline.engine) as session:
        assert len(session.exec(select(DropPlan)).all()) == 2


def test_nobody_who_is_suspended_is_planned_with(pipeline: Pipeline) -> None:
    walk(pipeline.engine, CARRIER, Standing.SUSPENDED)
    plan = made(pipeline)
    assert plan["totals"]["units"] == 0
    assert closed(plan).keys() == {"US", "CA"}


def test_a_lane_that_refuses_the_goods_carries_none_of_them(pipeline: Pipeline) -> None:
    written = carrier().model_dump()
    written["lanes"][1]["refuses"] = ["apparel"]
    register(pipeline, type(carrier()).model_validate(written))
    plan = made(pipeline)
    assert list(plan["products"][0]["stock"]["by_market"]) == ["US"]
    assert any("may not carry it" in why for why in closed(plan)["CA"])


def test_dangerous_goods_are_held_only_where_they_may_be(pipeline: Pipeline) -> None:
    plan = made(pipeline, products=hoodie(dangerous_goods="3"))
    assert plan["totals"]["units"] == 0
    assert closed(plan)["US"] == ["No stockroom that may be used may hold it."]


def test_what_is_too_heavy_has_no_lane(pipeline: Pipeline) -> None:
    plan = made(pipeline, products=hoodie(weight_grams=50_000))
    assert plan["totals"]["units"] == 0
    assert any("no parcel of 50000 g" in why for why in closed(plan)["US"])


def test_a_budget_and_the_days_to_the_door_are_kept(pipeline: Pipeline) -> None:
    usual = made(pipeline)
    budget = usual["totals"]["stock_cost"] // 2
    assert made(pipeline, budget=budget)["totals"]["stock_cost"] <= budget
    service_level = {"in_stock": None, "lead_days_p90": 4.0}
    plan = made(pipeline, service_level=service_level)
    assert list(plan["products"][0]["stock"]["by_market"]) == ["US"]
    assert any("are the limit" in why for why in closed(plan)["CA"])


def test_views_split_the_reach_where_they_are_known(pipeline: Pipeline) -> None:
    by_followers = made(pipeline)
    audience = copy.deepcopy(drop_document()["audience"])
    for market, seen in (("US", 10_000), ("CA", 90_000)):
        audience[market]["usual_views"] = seen
    by_views = made(pipeline, audience=audience)

    def share_of_canada(plan: dict[str, Any]) -> float:
        reached = {one["country"]: one["reached"][1] for one in plan["forecast"]["countries"]}
        return float(reached["CA"] / (reached["CA"] + reached["US"]))

    assert share_of_canada(by_followers) == pytest.approx(0.13, abs=0.05)
    assert share_of_canada(by_views) == pytest.approx(0.9, abs=0.05)


def test_a_lane_in_a_currency_without_a_rate_stops_the_plan_and_names_it(
    pipeline: Pipeline,
) -> None:
    with transaction(pipeline.engine, write=True) as session:
        session.exec(delete(ExchangeRates))
    drop_id = created(pipeline, currency="EUR")
    with pytest.raises(InvalidRequest) as refused:
        plan_drop(pipeline, portal(pipeline), drop_id)
    assert "USD" in refused.value.detail
    with transaction(pipeline.engine) as session:
        assert registry.get(session, drop_id).state is DropState.DRAFT
        assert not session.exec(select(DropPlan)).all()
        assert not session.exec(select(Decision).where(col(Decision.gate) == "sale")).all()


def test_a_drop_that_is_revised_while_it_is_planned_gets_no_plan(pipeline: Pipeline) -> None:
    drop_id, caller = created(pipeline), portal(pipeline)

    def revise(what: str, done: float) -> None:
        if what == "Keeping the plan":
            drops.revise(pipeline, drop_id, drop_document(title="Another"), 1, caller)

    with pytest.raises(RevisedMeanwhile):
        plan_drop(pipeline, caller, drop_id, progress=revise)
    with transaction(pipeline.engine) as session:
        assert registry.get(session, drop_id).state is DropState.DRAFT
        assert not session.exec(select(DropPlan)).all()


def test_progress_is_told_in_order(pipeline: Pipeline) -> None:
    told: list[tuple[str, float]] = []
    plan_drop(
        pipeline,
        portal(pipeline),
        created(pipeline),
        progress=lambda what, done: told.append((what, done)),
    )
    shares = [done for _, done in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    assert len({what for what, _ in told}) >= 5


def test_drops_are_found_by_the_provider_that_they_need(pipeline: Pipeline) -> None:
    planned_with = created(pipeline)
    created(pipeline)
    plan_drop(pipeline, portal(pipeline), planned_with)
    with transaction(pipeline.engine) as session:
        found = search(session, read_filters(provider=CARRIER), made_by=None)
        assert [one.id for one in found] == [planned_with]
        assert not search(session, read_filters(provider="another"), made_by=None)


def test_a_plan_is_of_the_day_on_which_it_was_made(pipeline: Pipeline) -> None:
    drop_id, caller = created(pipeline), portal(pipeline)
    first = plan_drop(pipeline, caller, drop_id)
    later = plan_drop(pipeline, caller, drop_id, now=datetime.now(UTC).replace(year=TODAY.year + 1))
    assert first.digest != later.digest
