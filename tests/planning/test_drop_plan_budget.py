"""A budget is never exceeded, and no other way of spending it is expected to earn more."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from governance.planning.drop_plan_budget import Wish, shared_out
from governance.planning.newsvendor import UnitTerms, profit, stock_for_futures


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    cost = draw(st.integers(1, 9))
    terms = UnitTerms(cost + draw(st.integers(1, 20)), cost, cost - draw(st.integers(1, 9)))
    asked = np.array(draw(st.lists(st.integers(0, 12), min_size=1, max_size=8)))
    wanted = stock_for_futures(terms, asked).quantity
    return Wish(terms, asked, wanted, draw(st.integers(0, wanted)))


@given(st.lists(wishes(), min_size=1, max_size=4), st.integers(0, 200))
def test_the_budget_holds_and_nobody_gets_more_than_is_wanted(
    asking: list[Wish], budget: int
) -> None:
    units = shared_out(asking, budget)
    costs = [one.terms.cost for one in asking]
    assert sum(map(int.__mul__, units, costs)) <= budget
    assert all(0 <= some <= one.wanted for some, one in zip(units, asking, strict=True))
    if sum(one.least * one.terms.cost for one in asking) <= budget:
        assert all(some >= one.least for some, one in zip(units, asking, strict=True))


@given(wishes(), st.integers(0, 200))
def test_one_product_gets_all_that_the_budget_pays_for(wish: Wish, budget: int) -> None:
    assert shared_out([wish], budget) == [min(wish.wanted, budget // wish.terms.cost)]


def test_no_other_way_of_spending_it_earns_more() -> None:
    chance = np.random.default_rng(5)
    terms = [UnitTerms(30, 5, 1), UnitTerms(14, 5, 3), UnitTerms(20, 5, 0)]
    asking = []
    for one in terms:
        asked = chance.poisson(9, 200)
        asking.append(Wish(one, asked, stock_for_futures(one, asked).quantity, 0))

    def earned(units: tuple[int, ...]) -> float:
        return sum(
            float(profit(one.terms, some, one.asked).mean())
            for some, one in zip(units, asking, strict=True)
        )

    for budget in (40, 75, 110):
        found = shared_out(asking, budget)
        every = product(*(range(one.wanted + 1) for one in asking))
        best = max(earned(units) for units in every if sum(units) * 5 <= budget)
        assert earned(tuple(found)) >= 0.99 * best
