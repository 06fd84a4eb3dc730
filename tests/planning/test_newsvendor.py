"""The quantity to stock is that of the textbook, and no other quantity earns more."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stockpyl.instances import load_instance
from stockpyl.newsvendor import (
    newsvendor_discrete,
    newsvendor_normal,
    newsvendor_normal_cost,
    newsvendor_normal_explicit,
)

from governance.errors import InvalidRequest
from governance.planning.newsvendor import (
    UnitTerms,
    best_normal_quantity,
    expected_normal_profit,
    profit,
    stock_for_futures,
    stock_for_normal,
)

HOODIE = UnitTerms(
    price=6000, cost=1500, salvage=500, return_rate=0.1, resale=3500, return_cost=900, shipping=700
)
terms_of_any = st.builds(
    lambda price, cost, loss, rate, resale: UnitTerms(
        price=price, cost=cost, salvage=cost - loss, return_rate=rate, resale=resale
    ),
    price=st.integers(0, 9000), cost=st.integers(0, 5000), loss=st.integers(1, 6000),
    rate=st.floats(0, 1), resale=st.integers(0, 4000),
)  # fmt: skip
demands = st.lists(st.integers(0, 500), min_size=1, max_size=40)


def of(underage: float, overage: float) -> UnitTerms:
    """Terms with these costs of too few and too many, in whole currency units of 100."""
    return UnitTerms(price=round(100 * (underage + overage)), cost=round(100 * overage), salvage=0)


def test_a_sale_earns_what_is_kept_and_what_returned_units_are_still_worth() -> None:
    # .9 × 60.00 + .1 × (35.00 − 9.00) − 15.00 − 7.00
    assert HOODIE.margin == pytest.approx(3460)
    assert HOODIE.leftover_loss == 1000
    assert HOODIE.critical_ratio == pytest.approx(3460 / 4460)


@pytest.mark.parametrize("name", ["example_4_1", "problem_4_1"])
def test_costs_of_the_textbook_give_its_quantity_and_cost(name: str) -> None:
    one = load_instance(name)
    terms = of(one["stockout_cost"], one["holding_cost"])
    mean, deviation = one["demand_mean"], one["demand_sd"]
    quantity, cost = newsvendor_normal(**one)
    ours = best_normal_quantity(terms, mean, deviation)
    assert ours == pytest.approx(quantity, rel=1e-9)
    found = terms.margin * mean - expected_normal_profit(terms, ours, mean, deviation)
    assert found == pytest.approx(100 * cost, rel=1e-9)


def test_the_quantity_that_the_notes_name() -> None:
    terms = of(0.70, 0.18)
    quantity = best_normal_quantity(terms, 50, 8)
    assert quantity == pytest.approx(56.6040, abs=5e-5)
    cost = (terms.margin * 50 - expected_normal_profit(terms, quantity, 50, 8)) / 100
    assert cost == pytest.approx(1.99761, abs=5e-6)


@pytest.mark.parametrize("name", ["example_4_2", "problem_4_3b"])
def test_prices_of_the_textbook_give_its_quantity_and_profit(name: str) -> None:
    one = load_instance(name)
    prices = (one[key] for key in ("revenue", "purchase_cost", "salvage_value"))
    terms = UnitTerms(*(round(100 * each) for each in prices))
    quantity, earned = newsvendor_normal_explicit(**one)
    ours = best_normal_quantity(terms, one["demand_mean"], one["demand_sd"])
    assert ours == pytest.approx(quantity, rel=1e-9)
    found = expected_normal_profit(terms, ours, one["demand_mean"], one["demand_sd"])
    assert found == pytest.approx(100 * earned, rel=1e-9)


def test_any_quantity_costs_what_the_textbook_says() -> None:
    terms = of(0.70, 0.18)
    for quantity in (30, 50, 60):
        cost = terms.margin * 50 - expected_normal_profit(terms, quantity, 50, 8)
        assert cost == pytest.approx(100 * newsvendor_normal_cost(quantity, 0.18, 0.70, 50, 8))


def test_a_distribution_of_few_values_gives_the_textbooks_quantity_and_cost() -> None:
    one = load_instance("problem_4_7b")
    odds = {int(units): share for units, share in one["demand_pmf"].items()}
    quantity, cost = newsvendor_discrete(one["holding_cost"], one["stockout_cost"], demand_pmf=odds)
    futures = np.repeat(list(odds), [round(100 * share) for share in odds.values()])
    ours = stock_for_futures(of(one["stockout_cost"], one["holding_cost"]), futures)
    assert ours.quantity == quantity
    assert ours.expected_cost == pytest.approx(100 * cost, rel=1e-9)


def test_simulated_profit_is_that_of_the_formula() -> None:
    futures = np.random.default_rng(7).normal(9000, 2500, 100_000).clip(0).round().astype(int)
    exact, simulated = stock_for_normal(HOODIE, 9000, 2500), stock_for_futures(HOODIE, futures)
    for name in ("quantity", "expected_profit", "profit_p10", "profit_p50", "profit_p90"):
        assert getattr(simulated, name) == pytest.approx(getattr(exact, name), rel=0.01)
    assert simulated.sells_out == pytest.approx(exact.sells_out, abs=0.01)
    assert exact.sells_out == pytest.approx(1 - HOODIE.critical_ratio, abs=0.001)


@given(terms_of_any, demands)
def test_no_other_quantity_earns_more_over_the_futures(terms: UnitTerms, demand: list[int]) -> None:
    futures = np.array(demand)
    stock = stock_for_futures(terms, futures)
    best = max(float(profit(terms, units, futures).mean()) for units in range(max(demand) + 1))
    assert float(profit(terms, stock.quantity, futures).mean()) == pytest.approx(best, abs=1e-6)
    assert stock.profit_p10 <= stock.profit_p50 <= stock.profit_p90


@given(terms_of_any, st.floats(1, 500), st.floats(0.1, 200))
def test_no_neighbouring_quantity_earns_more_of_normal_demand(
    terms: UnitTerms, mean: float, deviation: float
) -> None:
    assume(terms.margin > 0)
    quantity = stock_for_normal(terms, mean, deviation).quantity
    best = expected_normal_profit(terms, quantity, mean, deviation)
    for other in (quantity - 1, quantity + 1):
        if other >= 0:
            assert expected_normal_profit(terms, other, mean, deviation) <= best + 1e-6


def test_goods_that_earn_nothing_are_not_stocked_and_the_reason_is_said() -> None:
    terms = UnitTerms(price=2000, cost=1500, salvage=0, shipping=700)
    for stock in (stock_for_normal(terms, 100, 10), stock_for_futures(terms, np.array([5, 9]))):
        assert (stock.quantity, stock.expected_profit, stock.critical_ratio) == (0, 0, 0.0)
        assert stock.reason is not None
        assert "-200.00" in stock.reason
    assert stock_for_normal(HOODIE, 100, 10).reason is None


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("salvage", 1500), ("return_rate", 1.1), ("price", -1), ("return_cost", -1), ("shipping", -1)],
)
def test_terms_that_cannot_be_are_refused_by_name(field: str, wrong: float) -> None:
    right = {"price": 6000, "cost": 1500, "salvage": 500}
    with pytest.raises(InvalidRequest) as refused:
        UnitTerms(**(right | {field: wrong}))
    assert [error.field for error in refused.value.errors] == [f"/{field}"]


@pytest.mark.parametrize("futures", [[], [1.5], [-1, 2], [[1, 2]]])
def test_futures_that_are_no_row_of_units_are_refused(futures: list[object]) -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        stock_for_futures(HOODIE, np.array(futures))


@pytest.mark.parametrize(("mean", "deviation"), [(-1, 5), (50, 0), (float("nan"), 5)])
def test_normal_demand_that_cannot_be_is_refused(mean: float, deviation: float) -> None:
    with pytest.raises(ValueError, match="deviation above 0"):
        stock_for_normal(HOODIE, mean, deviation)
