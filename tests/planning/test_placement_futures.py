"""Stock for uncertain demand: the best total, held where it earns, every unit in one place."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.planning.newsvendor import UnitTerms
from governance.planning.placement import Unplaced, place
from governance.planning.placement_futures import apportion, place_futures, profits
from governance.planning.placement_lanes import Customer, Node

TERMS = UnitTerms(price=6000, cost=1500, salvage=500)
NODES = [Node("Lyon", 40_000, 900), Node("Leipzig", 30_000, 900), Node("Reno", 50_000, 2000)]
CUSTOMERS = ["FR", "DE", "US"]
LANES = {
    ("Lyon", "FR"): 300.0, ("Lyon", "DE"): 500.0, ("Leipzig", "FR"): 520.0,
    ("Leipzig", "DE"): 280.0, ("Reno", "US"): 450.0, ("Lyon", "US"): 1900.0,
}  # fmt: skip


def drawn(count: int, seed: int) -> np.ndarray:
    """Futures of the three customers: a log-normal total and a Dirichlet-multinomial split."""
    chance = np.random.default_rng(seed)
    totals = chance.lognormal(6.5, 0.6, count).astype(int)
    return chance.multinomial(totals, chance.dirichlet([6, 5, 9], count))


def test_one_node_and_one_customer_are_the_newsvendor() -> None:
    futures = drawn(2000, 1)[:, :1]
    plan = place_futures(TERMS, [Node("Lyon", 0, 9999)], ["FR"], {("Lyon", "FR"): 300.0}, futures)
    assert plan.shipping == 300
    quantity = np.quantile(futures, (4500 - 300) / (4500 - 300 + 1000), method="inverted_cdf")
    assert plan.placement.units == {"Lyon": quantity} == {"Lyon": plan.total.quantity}
    assert plan.expected_profit == plan.total.expected_profit
    assert plan.profit_p10 == plan.total.profit_p10


def test_the_whole_total_is_placed_unit_by_unit_and_the_same_each_time() -> None:
    futures = drawn(3000, 2)
    plan = place_futures(TERMS, NODES, CUSTOMERS, LANES, futures)
    assert sum(plan.placement.units.values()) == plan.total.quantity
    held: Counter[str] = Counter()
    for one in plan.placement.allocations:
        held[one.node] += one.units
    assert held == plan.placement.units
    assert plan.profit_p10 < plan.profit_p50 < plan.profit_p90
    assert place_futures(TERMS, NODES[::-1], CUSTOMERS, LANES, futures) == plan


def test_it_earns_more_in_unseen_futures_than_a_plan_on_mean_demand() -> None:
    known, unseen = drawn(3000, 3), drawn(3000, 4)
    plan = place_futures(TERMS, NODES, CUSTOMERS, LANES, known)
    usual = known.mean(axis=0).round()
    on_mean = place(
        NODES, [Customer(*one) for one in zip(CUSTOMERS, map(int, usual), strict=True)], LANES
    )
    ours, theirs = (
        profits(TERMS, one.units, NODES, CUSTOMERS, LANES, unseen).mean()
        for one in (plan.placement, on_mean)
    )
    assert ours > theirs


def test_a_customer_that_no_lane_earns_from_is_unplaced_with_its_mean_demand() -> None:
    futures = drawn(1000, 5)
    dear = LANES | {("Reno", "US"): 4500.0, ("Lyon", "US"): 5000.0}
    plan = place_futures(TERMS, NODES, CUSTOMERS, dear, futures)
    mean = round(float(futures[:, 2].mean()))
    assert plan.placement.unplaced == (Unplaced("US", mean, "no_allowed_node"),)
    assert sum(plan.placement.units.values()) == plan.total.quantity
    without = place_futures(TERMS, NODES, CUSTOMERS[:2], without_us(), futures[:, :2])
    assert without.total == plan.total


def without_us() -> dict[tuple[str, str], float]:
    return {pair: cost for pair, cost in LANES.items() if pair[1] != "US"}


def test_goods_that_earn_nothing_are_placed_nowhere_and_the_reason_is_said() -> None:
    plan = place_futures(replace(TERMS, price=1000), NODES, CUSTOMERS, LANES, drawn(100, 6))
    assert plan.placement.units == {}
    assert (plan.total.quantity, plan.expected_profit) == (0, 0)
    assert plan.total.reason is not None


def test_what_has_to_be_in_stock_raises_the_total_and_only_where_profit_asks_for_less() -> None:
    futures = drawn(2000, 7)
    free = place_futures(TERMS, NODES, CUSTOMERS, LANES, futures)
    often = place_futures(TERMS, NODES, CUSTOMERS, LANES, futures, in_stock=0.95)
    assert often.total.quantity == np.quantile(futures.sum(axis=1), 0.95, method="inverted_cdf")
    assert (free.limited_by, often.limited_by) == (None, "in_stock")
    assert free.expected_profit > often.expected_profit
    assert place_futures(TERMS, NODES, CUSTOMERS, LANES, futures, in_stock=0.1) == free


def test_no_more_is_placed_than_the_budget_pays_for() -> None:
    futures = drawn(2000, 8)
    free = place_futures(TERMS, NODES, CUSTOMERS, LANES, futures)
    poor = place_futures(TERMS, NODES, CUSTOMERS, LANES, futures, in_stock=0.99, most=400)
    assert sum(poor.placement.units.values()) == poor.total.quantity == 400
    assert poor.limited_by == "budget"
    rich = place_futures(TERMS, NODES, CUSTOMERS, LANES, futures, most=free.total.quantity)
    assert rich == free


@pytest.mark.parametrize("bounds", [{"in_stock": 1.0}, {"in_stock": 0.0}, {"most": -1}])
def test_bounds_that_cannot_be_are_refused(bounds: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"in_stock is|most is"):
        place_futures(TERMS, NODES, CUSTOMERS, LANES, drawn(50, 9), **bounds)


def test_profit_in_a_future_is_what_is_sold_less_lanes_nodes_and_leftovers() -> None:
    units = {"Lyon": 10, "Reno": 5}
    futures = np.array([[4, 3, 6], [0, 0, 0]])
    # 4 to FR and 3 to DE from Lyon, 5 to the US from Reno and 1 from Lyon; 2 are left at 1,000 loss
    sold = 4 * (4500 - 300) + 3 * (4500 - 500) + 5 * (4500 - 450) + (4500 - 1900)
    expected = [sold - 2 * 1000 - 90_000, -15 * 1000 - 90_000]
    assert profits(TERMS, units, NODES, CUSTOMERS, LANES, futures).tolist() == expected


def test_a_unit_is_not_sent_where_leaving_it_over_costs_less() -> None:
    lanes = {("Lyon", "US"): 5600.0}  # above 4,500 + 1,000
    earned = profits(TERMS, {"Lyon": 1}, NODES, CUSTOMERS, lanes, np.array([[0, 0, 1]]))
    assert earned.tolist() == [-1000 - 40_000]


@given(st.integers(0, 10**9), st.lists(st.floats(0, 1e6), min_size=1, max_size=30))
@settings(max_examples=200)
def test_parts_add_up_and_are_within_a_unit_of_their_share(
    total: int, weights: list[float]
) -> None:
    if not sum(weights):
        weights = [*weights, 1.0]
    parts = apportion(total, weights)
    assert parts.sum() == total
    share = total * np.array(weights) / sum(weights)
    assert (np.abs(parts - share) < 1 + 1e-6).all()


@pytest.mark.parametrize(("total", "weights"), [(3, [0.0, 0.0]), (-1, [1.0]), (3, [2.0, -1.0])])
def test_what_cannot_be_apportioned_is_refused(total: int, weights: list[float]) -> None:
    with pytest.raises(ValueError, match="cannot be apportioned"):
        apportion(total, weights)


@pytest.mark.parametrize("futures", [[1, 2, 3], [[1, 2]], [[1.0, 2.0, 3.0]], [[1, 2, -3]]])
def test_futures_of_another_shape_are_refused(futures: list[object]) -> None:
    with pytest.raises(ValueError, match="one for each customer"):
        place_futures(TERMS, NODES, CUSTOMERS, LANES, np.array(futures))
