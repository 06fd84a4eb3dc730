"""A plan uses what it is handed and nothing else, every unit once, within budget and capacities."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from drop_world import LEGS, ROOMS, bulk, drop, parcel, product, room, without
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.planning.drop_plan import make_plan
from governance.planning.drop_plan_input import DropPlanInput, ProductInput

_COUNTRIES = ("DE", "FR", "US", "JP")
_LANES = [(one.provider, one.lane) for one in LEGS]

_MODES = [(country, mode) for country, known in product().modes.items() for mode in sorted(known)]


def without_modes(shut: frozenset[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """The import modes by country but for these; a country that has none is not there."""
    left = {
        country: frozenset(one for one in known if (country, one) not in shut)
        for country, known in product().modes.items()
    }
    return {country: known for country, known in left.items() if known}


def few(of: Sequence[Any], most: int) -> st.SearchStrategy[frozenset[Any]]:
    return st.frozensets(st.sampled_from(of), max_size=most)


products = st.builds(
    product,
    share=st.sampled_from((0.2, 1.0)),
    price=st.integers(3000, 9000),
    unit_cost=st.integers(600, 2500),
    modes=few(_MODES, 4).map(without_modes),
    legs_refused=few(_LANES, 2),
    stockrooms_refused=few([one.id for one in ROOMS], 1),
)


@st.composite
def drops(draw: st.DrawFn) -> DropPlanInput:
    """Drops from which something was taken away, so that most still have something to sell."""
    goods = draw(st.lists(products, min_size=1, max_size=3))
    whole = sum(one.share for one in goods)
    named = tuple(
        replace(one, id=f"goods-{at}", share=one.share / whole) for at, one in enumerate(goods)
    )
    absent = draw(few(ROOMS, 1))
    rooms = tuple(
        replace(one, capacity=draw(st.integers(20, 900)), bonded=draw(st.booleans()))
        for one in ROOMS
        if one not in absent
    )
    gone = draw(few(LEGS, 3))
    return drop(
        products=named, stockrooms=rooms, legs=tuple(one for one in LEGS if one not in gone),
        futures=60, seed=draw(st.integers(0, 99)),
        budget=draw(st.sampled_from((10**8, 10**6, 300_000, 1000))),
        in_stock=draw(st.sampled_from((None, 0.5, 0.95))),
        lead_days_limit=draw(st.sampled_from((None, 3.0, 5.0, 30.0))),
    )  # fmt: skip


plans = settings(max_examples=30, deadline=None)


@given(drops())
@plans
def test_every_unit_is_in_one_place_and_quantities_add_up(plan: DropPlanInput) -> None:
    made = make_plan(plan)
    held: Counter[str] = Counter()
    for part in made["products"]:
        nodes, markets = Counter[str](), Counter[str]()
        for one in part["allocations"]:
            assert one["units"] > 0
            nodes[one["node"]] += one["units"]
            markets[one["market"]] += one["units"]
        pairs = [(one["node"], one["customer"]) for one in part["allocations"]]
        assert len(set(pairs)) == len(pairs)
        assert nodes == {one["node"]: one["units"] for one in part["nodes"]}
        assert markets == part["stock"]["by_market"]
        assert nodes.total() == part["stock"]["quantity"]
        held += nodes
    capacity = {one.id: one.capacity for one in plan.stockrooms}
    assert held == {one["node"]: one["units"] for one in made["nodes"]}
    assert all(units <= capacity[node] for node, units in held.items())
    assert made["totals"]["units"] == held.total()
    earned = [one["stock"]["expected_profit"] for one in made["products"]]
    assert abs(sum(earned) - made["totals"]["expected_profit"]) <= len(earned)


@given(drops())
@plans
def test_only_what_is_handed_in_and_not_refused_is_used(plan: DropPlanInput) -> None:
    lanes = {(one.provider, one.lane) for one in plan.legs}
    brokers = {one.provider for one in plan.brokers}
    for goods, part in zip(plan.products, make_plan(plan)["products"], strict=True):
        ways = {one["id"]: one for one in part["ways"]}
        assert {one["way"] for one in part["allocations"]} == set(ways)
        for one in ways.values():
            assert one["node"] in {room.id for room in plan.stockrooms} - goods.stockrooms_refused
            assert one["import_mode"] in goods.modes[one["market"]]
            _check_entry(plan, goods, one)
            if plan.lead_days_limit is not None:
                assert one["lead_days"][2] <= plan.lead_days_limit
            for chain in [one["chain"], *(other["chain"] for other in one["alternatives"])]:
                for link in chain:
                    if link["lane"] is None:
                        assert link["provider"] in brokers
                    else:
                        lane = link["provider"], link["lane"]
                        assert lane in lanes - goods.legs_refused


def _check_entry(plan: DropPlanInput, goods: ProductInput, way: dict[str, Any]) -> None:
    """Goods that were cleared into a stockroom's country may be imported there for sale."""
    country = next(one.country for one in plan.stockrooms if one.id == way["node"])
    if way["entry_scheme"] is not None:
        assert "commercial" in goods.modes[country]
    abroad = country != goods.ships_from
    assert abroad == any(link["service"] == "line_haul" for link in way["chain"])


@given(drops())
@plans
def test_the_budget_holds_and_a_market_without_a_way_says_what_would_open_it(
    plan: DropPlanInput,
) -> None:
    made = make_plan(plan)
    assert made["totals"]["stock_cost"] <= plan.budget
    for part in made["products"]:
        closed = {one["market"]: one for one in part["closed"]}
        reached = {one["market"] for one in part["allocations"] + part["unplaced"]}
        assert not reached & set(closed)
        for one in closed.values():
            assert one["why"]
            assert one["would_open"]
            assert all(text.endswith(".") for text in one["why"] + one["would_open"])


@given(drops())
@settings(max_examples=15, deadline=None)
def test_the_same_input_gives_the_same_bytes(plan: DropPlanInput) -> None:
    one, again = (json.dumps(make_plan(plan), allow_nan=False) for _ in range(2))
    assert one == again


def test_another_seed_gives_another_plan() -> None:
    assert make_plan(drop())["totals"] != make_plan(drop(seed=8))["totals"]


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return make_plan(drop())


def test_the_plan_has_the_parts_that_others_read(made: dict[str, Any]) -> None:
    assert list(made) == [
        "currency", "day", "seed", "futures", "weeks", "forecast", "products", "nodes", "totals",
        "assumptions",
    ]  # fmt: skip
    part = made["products"][0]
    assert list(part) == [
        "product", "title", "share", "modes", "stock", "nodes", "allocations", "unplaced", "ways",
        "closed",
    ]  # fmt: skip
    assert list(part["stock"]) == [
        "quantity", "critical_ratio", "expected_profit", "profit_p10", "profit_p50", "profit_p90",
        "sells_out", "reason", "limited_by", "by_market",
    ]  # fmt: skip
    assert any("GeoNames" in one for one in made["assumptions"])


def test_the_forecast_has_a_range_of_every_step_rate_and_week(made: dict[str, Any]) -> None:
    countries = made["forecast"]["countries"]
    assert [one["country"] for one in countries] == list(_COUNTRIES)
    for one in countries:
        for name in ("reached", "visits", "orders", "returns", "visited_rate", "returned_rate"):
            low, mid, high = one[name]
            assert low <= mid <= high
        assert one["level"] == dict.fromkeys(("visits", "orders", "returns"), "country")
        assert [len(week) for week in one["orders_by_week"]] == [3] * made["weeks"]
    assert made["forecast"]["rests_on"] == {"reach": "judged", "drops": 12, "sample_drops": 12}


def test_a_country_with_two_stockrooms_is_served_by_region(made: dict[str, Any]) -> None:
    rows = made["products"][0]["allocations"]
    assert "Berlin" in {one["city"] for one in rows if one["market"] == "DE"}
    assert {one["city"] for one in rows if one["market"] in {"FR", "US", "JP"}} == {None}
    leipzig = next(one["unit_cost"] for one in made["products"][0]["ways"]
                   if one["id"] == "acme/leipzig > DE")  # fmt: skip
    far = [one for one in rows if one["node"] == "acme/leipzig" and one["city"] is not None]
    assert all(leipzig < one["unit_cost"] < leipzig + 0.1 * 500 for one in far)


def test_stock_that_has_to_be_there_more_often_is_more_and_says_so() -> None:
    free, bound = (
        make_plan(drop(in_stock=level))["products"][0]["stock"] for level in (None, 0.97)
    )
    assert free["limited_by"] is None
    assert bound["limited_by"] == "in_stock"
    assert bound["quantity"] > free["quantity"]
    assert bound["sells_out"] <= 0.03 + 1 / 400


def test_a_small_budget_is_spent_where_it_earns_most() -> None:
    goods = (
        product("dear", share=0.5, price=9000, unit_cost=1500),
        product("cheap", share=0.5, price=4000, unit_cost=1500),
    )
    plan = drop(products=goods, budget=500 * 1500)
    dear, cheap = (one["stock"] for one in make_plan(plan)["products"])
    assert "budget" in {dear["limited_by"], cheap["limited_by"]}
    assert 480 <= dear["quantity"] + cheap["quantity"] <= 500
    assert dear["quantity"] > cheap["quantity"]
    richer = make_plan(replace(plan, budget=10**8))["totals"]
    assert richer["expected_profit"] > dear["expected_profit"] + cheap["expected_profit"]


def test_room_that_one_product_takes_is_not_there_for_the_next() -> None:
    rooms = tuple(replace(one, capacity=200) for one in ROOMS)
    goods = (product("dear", share=0.5, price=9000), product("cheap", share=0.5))
    made = make_plan(drop(products=goods, stockrooms=rooms))
    assert all(one["units"] <= 200 for one in made["nodes"])
    assert made["products"][1]["unplaced"]
    assert all(one["reason"].endswith(".") for one in made["products"][1]["unplaced"])


def test_a_stockroom_that_does_not_repay_its_opening_holds_nothing() -> None:
    legs = [one for one in LEGS if one.service != "line_haul"]
    dear = (bulk("sail/cn-de", "DE", 2_000_000.0), bulk("sail/cn-us", "US"))
    made = make_plan(drop(legs=(*legs, *dear)))["products"][0]
    assert "DE" not in {one["country"] for one in made["nodes"]}
    assert made["stock"]["expected_profit"] > 0


def test_a_drop_that_may_be_sold_nowhere_has_no_stock_and_all_reasons() -> None:
    made = make_plan(drop(products=(product(modes={}),)))
    part = made["products"][0]
    assert [one["market"] for one in part["closed"]] == list(_COUNTRIES)
    assert (part["stock"]["quantity"], part["nodes"], made["totals"]["units"]) == (0, [], 0)
    assert part["stock"]["reason"]


def test_progress_is_told_in_order() -> None:
    told: list[tuple[str, float]] = []
    make_plan(drop(), lambda what, behind: told.append((what, behind)))
    assert [what for what, _ in told] == [
        "forecasting futures", "ways", "stock and places", "writing",
    ]  # fmt: skip
    shares = [behind for _, behind in told]
    assert shares == sorted(shares)
    assert shares[0] == 0


def test_a_cheaper_lane_of_another_provider_is_taken() -> None:
    plan = drop(legs=(*LEGS, parcel("fast/reno-us", "US", "US", 100.0)))
    chains = [one["chain"] for one in make_plan(plan)["products"][0]["ways"]
              if one["market"] == "US"]  # fmt: skip
    assert {chain[-1]["provider"] for chain in chains} == {"fast"}


def test_without_any_lane_every_market_is_closed() -> None:
    names = [f"{one.provider}/{one.lane}" for one in LEGS]
    made = make_plan(replace(without(drop(), *names), stockrooms=(room("acme/a", "DE"),)))
    assert len(made["products"][0]["closed"]) == len(_COUNTRIES)
