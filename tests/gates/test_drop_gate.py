"""The drop gate: nothing hard is ever lifted, and every wrong field is named."""

import json
import random
from typing import Any

import pytest
from drop_requests import (
    FIRST,
    LAST,
    approval,
    cell,
    generated,
    judged,
    market,
    node,
    plan,
    sale,
    shipped,
)
from serving import SOAK

from governance.decisions.personal import put_back
from governance.errors import EngineUnavailable, InvalidRequest
from governance.gates.drop_reasons import change_sentence, is_liftable, sentence
from governance.gates.pipeline import Gates, canonical
from governance.rego.engine import open_policy_engine
from governance.releases.loaded import LoadedRelease
from governance.settings import Settings

PLANS = 3_000 if SOAK else 300
MADE_UP = "review:drop.forecast.made-up"
EVERY_CODE = [f"review:{rule.id}" for rule in shipped().library.rules["drop"]]


def test_a_plan_with_nothing_against_it_is_allowed() -> None:
    result = judged(market(), market("US"))
    assert result["verdict"] == "allowed"
    assert result["reasons"] == result["changes"] == result["findings"] == []


@pytest.mark.parametrize(
    ("against", "code"),
    [
        ({"sale": [sale(FIRST, "needs_review"), sale(LAST)]}, "sale_not_allowed_on_first_day"),
        ({"sale": [sale(FIRST), sale(LAST, "unknown")]}, "sale_not_allowed_on_last_day"),
        ({"import_modes": ["personal_parcel"]}, "import_mode_not_allowed:personal_parcel"),
        ({"evidence_ends": ["eu.x"]}, "evidence_ends:eu.x"),
        ({"providers": [cell(standing="suspended")]}, "provider_not_serving:swift"),
        ({"providers": [cell(verdict="unknown")]}, "provider_not_allowed:swift/last_mile/DE"),
        ({"refused_by_lane": ["swift/air"]}, "refused_by_lane:swift/air"),
        ({"refused_by_node": ["swift/berlin"]}, "refused_by_node:swift/berlin"),
        ({"clearance_open": False}, "clearance_not_open"),
        ({"lead_days_limit": 9}, "lead_time_over_limit"),
        ({"providers": []}, "no_provider"),
        ({"import_modes": []}, "no_import_mode"),
    ],
)
def test_what_is_hard_about_a_market_is_lifted_by_nobody(
    against: dict[str, Any], code: str
) -> None:
    result = judged(market("DE", **against), market("FR"), approvals=[approval(code, *EVERY_CODE)])
    assert (result["verdict"], result["reasons"]) == ("prohibited", [code])
    verdicts = {one["market"]: (one["verdict"], one["reasons"]) for one in result["markets"]}
    assert verdicts == {"DE": ("prohibited", [code]), "FR": ("allowed", [])}


@pytest.mark.parametrize(
    ("against", "code"),
    [
        ({"stale": [{"what": "release", "which": "sha256:b"}]}, "stale:release:sha256:b"),
        ({"nodes": [node(units=501)]}, "node_over_capacity:swift/berlin"),
        ({"markets": []}, "no_market"),
        ({"markets": [market(units=0)]}, "no_units"),
        ({"facts": {"exchange_rates_days": 8}}, "prohibited:drop.freshness.rates-limit"),
        ({"facts": {"exposure_usd": 250_001}}, "prohibited:drop.exposure.new-limit"),
    ],
)
def test_what_is_hard_about_the_plan_is_lifted_by_nobody(
    against: dict[str, Any], code: str
) -> None:
    result = judged(approvals=[approval(code, *EVERY_CODE)], **against)
    assert (result["verdict"], result["reasons"]) == ("prohibited", [code])
    assert {one["verdict"] for one in result["markets"]} <= {"prohibited"}


def test_a_provider_on_probation_serves_where_its_cell_is_allowed() -> None:
    on_probation = cell(standing="probation")
    assert judged(market(providers=[on_probation]))["verdict"] == "allowed"
    worse = on_probation | {"verdict": "needs_review"}
    assert judged(market(providers=[worse]))["verdict"] == "prohibited"


def test_a_review_is_lifted_by_an_independent_approval_of_this_plan_that_names_it() -> None:
    facts = {"made_up_data": True}
    assert judged(facts=facts)["verdict"] == "needs_review"
    result = judged(facts=facts, approvals=[approval(MADE_UP)])
    assert (result["verdict"], result["approved_reasons"]) == ("allowed", [MADE_UP])
    more = facts | {"creator_past_drops": 0}
    left = judged(facts=more, approvals=[approval(MADE_UP)])
    assert left["reasons"] == ["review:drop.forecast.no-past-drops"]


@pytest.mark.parametrize(
    "given",
    [
        approval(MADE_UP, independent=False),
        approval(MADE_UP, plan="sha256:other"),
        approval("review:drop.forecast.spread"),
        approval("drop.forecast.made-up"),
        approval(),
    ],
)
def test_any_other_approval_changes_nothing(given: dict[str, Any]) -> None:
    facts = {"made_up_data": True}
    assert judged(facts=facts, approvals=[given]) == judged(facts=facts)


def test_a_fact_that_nobody_declared_is_named() -> None:
    result = judged(facts={"orders_spread": None}, approvals=[approval(*EVERY_CODE)])
    assert result["verdict"] == "needs_facts"
    assert result["reasons"] == ["undetermined:drop.forecast.spread"]
    assert result["missing_facts"] == ["orders_spread"]


def test_before_the_rules_were_in_force_nothing_is_known_of_drops() -> None:
    early = market(sale=[sale("2025-12-01"), sale("2025-12-14")])
    result = judged(early, as_of="2025-12-01")
    assert (result["verdict"], result["reasons"]) == ("unknown", ["not_covered:creator_drops"])


def is_hard(asked: dict[str, Any]) -> bool:
    """Whether something stands against a request that nobody may lift."""
    return (
        bool(asked["stale"])
        or not any(one["units"] for one in asked["markets"])
        or any(one["units"] > one["capacity"] for one in asked["nodes"])
        or any(
            {sold["verdict"] for sold in one["sale"]} != {"allowed"}
            or one["refused_by_lane"]
            or one["refused_by_node"]
            or one["evidence_ends"]
            or not one["clearance_open"]
            or not one["import_modes"]
            or not set(one["import_modes"]) <= set(one["import_modes_allowed"])
            or not one["providers"]
            or any(c["verdict"] != "allowed" for c in one["providers"])
            or (one["lead_days_limit"] or 99) < one["lead_days_p90"]
            for one in asked["markets"]
        )
    )


def test_no_approval_makes_a_hard_plan_allowed_and_void_ones_change_nothing() -> None:
    chance = random.Random(20261123)
    hard = allowed = 0
    for _ in range(PLANS):
        asked = generated(chance)
        result = shipped().drop.evaluate(asked)
        if is_hard(asked):
            hard += 1
            assert result["verdict"] == "prohibited"
        allowed += result["verdict"] == "allowed"
        void = [one for one in asked["approvals"] if is_void(one, asked)]
        without = asked | {"approvals": [one for one in asked["approvals"] if one not in void]}
        assert shipped().drop.evaluate(without) == result
        said = [sentence(shipped().library, code) for code in result["reasons"]]
        assert all(text.endswith(".") for text in said)
        assert set(map(is_liftable, result["approved_reasons"])) <= {True}
    assert hard > PLANS // 10
    assert allowed > PLANS // 10


def is_void(given: dict[str, Any], asked: dict[str, Any]) -> bool:
    return not given["independent"] or given["plan"] != asked["plan"]


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"as_of": "soon"}, ["/as_of"]),
        ({"wishes": []}, ["/wishes"]),
        ({"plan": ""}, ["/plan"]),
        ({"drop": {"id": "d", "creator": "c", "title": "t", "tier": "famous"}}, ["/drop/tier"]),
        ({"facts": {"orders_spred": 1}}, ["/facts/orders_spred"]),
        ({"facts": {"budget_share": "0.5", "plan_hours": 1.5}},
         ["/facts/budget_share", "/facts/plan_hours"]),
        ({"stale": [{"what": "weather", "which": "x"}]}, ["/stale/0/what"]),
        ({"markets": [market("XX")]}, ["/markets/0/market", "/markets/0/providers/0/market"]),
        ({"markets": [market(), market()]}, ["/markets/1"]),
        ({"markets": [market(sale=[sale(FIRST)])]}, ["/markets/0/sale"]),
        ({"markets": [market(sale=[sale(LAST), sale(LAST)])]}, ["/markets/0/sale/0/as_of"]),
        ({"markets": [market(), market("FR", sale=[sale(FIRST), sale(FIRST)])]},
         ["/markets/1/sale/1/as_of"]),
        ({"markets": [market(sale=[sale(FIRST, "fine"), sale(LAST)])]},
         ["/markets/0/sale/0/verdict"]),
        ({"markets": [market(import_modes=["air"])]}, ["/markets/0/import_modes/0"]),
        ({"markets": [market(units=1.5, clearance_open="yes")]},
         ["/markets/0/units", "/markets/0/clearance_open"]),
        ({"markets": [market(providers=[cell(standing="loved")])]},
         ["/markets/0/providers/0/standing"]),
        ({"nodes": [node(), node()]}, ["/nodes/1"]),
        ({"nodes": [node(capacity=-1)]}, ["/nodes/0/capacity"]),
        ({"approvals": [approval(independent="yes")]}, ["/approvals/0/independent"]),
    ],
)  # fmt: skip
def test_every_wrong_field_is_named(wrong: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        shipped().evaluate("drop", plan() | wrong)
    assert [error.field for error in refused.value.errors] == fields
    assert all(error.message for error in refused.value.errors)


def test_a_tier_that_contradicts_the_drops_is_refused() -> None:
    asked = plan(facts={"creator_tier": "star"})
    asked["drop"]["tier"] = "new"
    with pytest.raises(InvalidRequest) as refused:
        shipped().drop.evaluate(asked)
    assert [error.field for error in refused.value.errors] == ["/facts/creator_tier"]


def test_every_field_of_a_request_is_needed() -> None:
    for name in plan():
        without = {field: value for field, value in plan().items() if field != name}
        with pytest.raises(InvalidRequest) as refused:
            shipped().evaluate("drop", without)
        assert f"/{name}" in [error.field for error in refused.value.errors]
    for name in market():
        entry = {field: value for field, value in market().items() if field != name}
        with pytest.raises(InvalidRequest):
            shipped().evaluate("drop", plan(entry))


def test_a_recorded_judgement_gives_the_same_result_again_and_names_nobody() -> None:
    asked = plan(market(), market("US", clearance_open=False), approvals=[approval(MADE_UP)])
    evaluation = shipped().evaluate("drop", asked)
    assert evaluation.verdicts == {"": "prohibited", "DE": "allowed", "US": "prohibited"}
    assert evaluation.personal is not None
    assert evaluation.personal.subject == "c-1"
    assert set(evaluation.personal.opened) == {
        "/drop/creator",
        "/drop/title",
        "/approvals/0/approver",
    }
    written = canonical(evaluation.request) + canonical(evaluation.result)
    assert "c-1" not in written
    assert "Shirts" not in written
    assert "key_reviewer" not in written
    recorded = json.loads(canonical(evaluation.request))
    assert canonical(shipped().again("drop", recorded)) == canonical(evaluation.result)
    assert put_back(recorded, evaluation.personal.opened) == asked


def test_a_market_is_filed_under_the_gravest_of_its_products() -> None:
    entries = [market(product="mug"), market(product="shirt", clearance_open=False)]
    assert shipped().evaluate("drop", plan(*entries)).verdicts["DE"] == "prohibited"
    assert shipped().evaluate("drop", plan() | {"markets": []}).verdicts == {"": "prohibited"}


FINE = '{"verdict": "allowed", "reasons": []}'


@pytest.mark.parametrize(
    "answer",
    [
        "null",
        "{}",
        '{"verdict": "allowed", "reasons": [], "approved_reasons": []}',
        '{"verdict": "allowed", "reasons": [], "approved_reasons": [], "markets": []}',
        '{"verdict": "fine", "reasons": [], "approved_reasons": [], "markets": [' + FINE + "]}",
        '{"verdict": "allowed", "reasons": [1], "approved_reasons": [], "markets": [' + FINE + "]}",
        '{"verdict": "allowed", "reasons": [], "approved_reasons": [], "markets": [{}]}',
    ],
)
def test_a_policy_that_does_not_judge_everything_gives_no_verdict(answer: str) -> None:
    policy = f"package governance.drop\n\njudgement := {answer}\n"
    engine = open_policy_engine({"drop/policy.rego": policy}, "sha256:x", Settings())
    bare = Gates(LoadedRelease("sha256:x", shipped().library, engine))
    with pytest.raises(EngineUnavailable):
        bare.drop.evaluate(plan())


def test_changes_and_codes_are_sentences() -> None:
    library = shipped().library
    result = judged(
        market(evidence_ends=["eu.x"]),
        market("US", clearance_open=False),
        facts={"made_up_data": True},
    )
    assert [sentence(library, code) for code in result["reasons"]] == [
        "Customs can no longer be cleared in the way that the plan uses.",
        "Ends before the sale does: eu.x.",
        "To be reviewed: The plan rests on made-up data.",
    ]
    assert [change_sentence(library, change) for change in result["changes"]] == [
        "Renew eu.x to the end of the sale, for shirt.",
        "Have it reviewed: The plan rests on made-up data.",
        "Leave out US.",
    ]
    assert sentence(library, "of_tomorrow") == "of_tomorrow"
