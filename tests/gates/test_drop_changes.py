"""What would let a plan pass: judged again with the changes it does, and with fewer it does not."""

import random
from itertools import combinations
from typing import Any

import pytest
from drop_requests import (
    FIRST,
    LAST,
    PLAN,
    approval,
    cell,
    generated,
    judged,
    market,
    node,
    plan,
    shipped,
)
from drop_requests import sale as sold
from serving import SOAK

from governance.gates.drop_changed import changed
from governance.gates.drop_changes import smallest_cover
from governance.gates.drop_facts import read_request
from governance.gates.drop_mends import Change

PLANS = 3_000 if SOAK else 300
STALE = {"what": "document", "which": "version 2"}
Brief = tuple[str, str | None, str | None, str]


def changes(*markets: dict[str, Any], **more: Any) -> list[Brief]:
    """The changes that the gate asks for, which are tried."""
    asked = plan(*markets, **more)
    found = shipped().drop.evaluate(asked)["changes"]
    if found:
        assert after(asked, found) == "allowed"
    return [tuple(change.values()) for change in found]


def after(asked: dict[str, Any], found: list[dict[str, Any]]) -> str:
    """The verdict on a request once the changes are made to it."""
    checked = read_request(asked, shipped().library)
    request = changed(checked, [Change(**change) for change in found]).model_dump()
    return str(shipped().drop.evaluate(request)["verdict"])


def test_a_market_that_may_not_be_sold_to_is_left_out() -> None:
    refused = market("US", sale=[sold(FIRST), sold(LAST, "prohibited")], clearance_open=False)
    assert changes(market(), refused) == [("leave_out", "US", None, "US")]


def test_only_the_product_is_left_out_where_another_may_be_sold() -> None:
    entries = [market(product="mug"), market(product="shirt", clearance_open=False)]
    assert changes(*entries) == [("leave_out", "DE", "shirt", "shirt")]


def test_not_every_market_is_left_out_where_one_can_be_kept() -> None:
    two_papers = market("DE", evidence_ends=["eu.x", "eu.y"])
    assert changes(two_papers) == [
        ("evidence", None, "shirt", "eu.x"),
        ("evidence", None, "shirt", "eu.y"),
    ]
    worse = market("US", evidence_ends=["us.x", "us.y", "us.z"])
    assert changes(worse, two_papers) == [
        ("evidence", None, "shirt", "eu.x"),
        ("evidence", None, "shirt", "eu.y"),
        ("leave_out", "US", None, "US"),
    ]


def test_a_plan_of_one_market_that_is_refused_has_no_changes() -> None:
    assert changes(market(clearance_open=False)) == []


def test_a_fact_that_nobody_declared_has_no_change_and_neither_has_the_rest() -> None:
    assert changes(facts={"orders_spread": None}, stale=[STALE]) == []


def test_evidence_is_renewed_once_for_all_markets_of_a_product() -> None:
    entries = [market(code, evidence_ends=["eu.x"]) for code in ("DE", "FR", "IT")]
    assert changes(*entries) == [("evidence", None, "shirt", "eu.x")]


def test_a_suspended_provider_is_replaced_once_for_everything_that_it_does() -> None:
    suspended = {"standing": "suspended", "verdict": "unknown"}
    entries = [
        market(
            code,
            providers=[cell(market=code, **suspended), cell("grand", market=code)],
            refused_by_lane=["swift/air"],
        )
        for code in ("DE", "FR")
    ]
    assert changes(*entries) == [("provider", None, None, "swift")]


def test_a_service_that_is_not_allowed_in_a_market_is_replaced_there() -> None:
    entry = market(providers=[cell(verdict="needs_evidence")])
    assert changes(entry, market("FR")) == [("provider", "DE", None, "swift/last_mile")]


def test_lanes_and_stockrooms_that_refuse_the_goods_are_replaced() -> None:
    entry = market(refused_by_lane=["swift/air"], units=5)
    assert changes(entry) == [("lane", None, "shirt", "swift/air")]
    entry = market(refused_by_node=["swift/berlin"])
    assert changes(entry) == [("node", None, "shirt", "swift/berlin")]
    assert changes(nodes=[node(units=501)]) == [("fewer_units", None, None, "swift/berlin")]


def test_a_way_in_is_done_without_where_there_is_another() -> None:
    both = ["commercial", "personal_parcel"]
    assert changes(market(import_modes=both)) == [("import_mode", "DE", "shirt", "personal_parcel")]
    assert changes(market(import_modes=["personal_parcel"])) == []


def test_what_is_old_is_made_new_before_anybody_is_asked_to_review_it() -> None:
    assert changes(stale=[STALE], facts={"plan_hours": 337}) == [("plan_again", None, None, "plan")]
    assert changes(facts={"exchange_rates_days": 3}) == [("exchange_rates", None, None, "rates")]
    assert changes(facts={"exchange_rates_days": 8, "plan_hours": 1441}) == [
        ("plan_again", None, None, "plan"),
        ("exchange_rates", None, None, "rates"),
    ]


def test_stock_is_made_less_only_where_no_reviewer_may_let_it_through() -> None:
    review = "review:drop.exposure.new-review"
    assert changes(facts={"exposure_usd": 25_001}) == [("review", None, None, review)]
    assert changes(facts={"exposure_usd": 250_001}) == [("less_stock", None, None, "25000")]


def test_a_plan_that_is_made_again_has_lost_its_approvals() -> None:
    code = "review:drop.forecast.made-up"
    facts = {"made_up_data": True}
    assert changes(facts=facts, approvals=[approval(code)], stale=[STALE]) == [
        ("plan_again", None, None, "plan"),
        ("review", None, None, code),
    ]


def test_an_allowed_plan_needs_no_change() -> None:
    assert changes() == []
    assert judged()["plan"] == PLAN


def test_the_changes_of_any_plan_let_it_pass_and_none_of_them_is_needless() -> None:
    chance = random.Random(7)
    tried = 0
    for _ in range(PLANS):
        asked = generated(chance)
        found = shipped().drop.evaluate(asked)["changes"]
        if found:
            tried += 1
            assert after(asked, found) == "allowed"
            for change in found:
                assert after(asked, [one for one in found if one != change]) != "allowed"
    assert tried > PLANS // 20


@pytest.mark.parametrize("seed", range(30))
def test_a_cover_is_as_small_as_any(seed: int) -> None:
    chance = random.Random(seed)
    known = [Change("evidence", None, None, str(number)) for number in range(8)]
    options = [
        tuple(chance.sample(known, chance.randint(1, 3))) for _ in range(chance.randint(1, 8))
    ]
    found = smallest_cover(options)
    assert found is not None
    assert all(set(found) & set(option) for option in options)
    for fewer in combinations(known, len(found) - 1):
        assert not all(set(fewer) & set(option) for option in options)
    assert smallest_cover([*options, ()]) is None


def test_many_markets_with_reasons_that_hang_together_are_answered() -> None:
    suspended = cell("snail", standing="suspended")
    codes = sorted(shipped().library.covered_markets)
    entries = [
        market(
            code,
            product,
            providers=[suspended, cell(market=code)],
            evidence_ends=[f"{code.lower()}.x"],
            clearance_open=number % 3 > 0,
        )
        for number, code in enumerate(codes)
        for product in ("mug", "shirt")
    ]
    found = changes(*entries)
    # One market keeps its products, with their papers renewed; all others are left out.
    assert [change for change in found if change[0] == "provider"] == [
        ("provider", None, None, "snail")
    ]
    assert len(found) == len(codes) + 2
