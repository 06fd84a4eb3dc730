"""Futures are whole, the same for the same seed, and as uncertain as what they rest on."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.planning.beta import Beta
from governance.planning.demand import STEPS, simulate, weekly_shares
from governance.planning.launch import Kinship, Launch, Market
from governance.planning.quantiles import Quantiles

APART = Kinship(0, 0, 0)
REACH = Quantiles((0.1, 0.5, 0.9), (50_000, 100_000, 200_000))


def market(country: str, audience: int = 100_000, **rates: Beta) -> Market:
    usual = {"visited": Beta(50, 950), "ordered": Beta(30, 970), "returned": Beta(20, 180)}
    return Market(country, audience, **(usual | rates))


LAUNCH = Launch((market("US"), market("DE", 50_000), market("JP", 0)), REACH, 40.0, APART)


def test_the_same_seed_gives_the_same_futures() -> None:
    one, again, other = (simulate(LAUNCH, seed, 500) for seed in (3, 3, 4))
    for step in STEPS:
        assert (getattr(one, step) == getattr(again, step)).all()
        assert (getattr(one, step) != getattr(other, step)).any()


def test_a_change_of_one_rate_leaves_the_luck_of_earlier_steps() -> None:
    markets = tuple(replace(one, ordered=Beta(60, 940)) for one in LAUNCH.markets)
    ours, theirs = simulate(LAUNCH, 1, 500), simulate(replace(LAUNCH, markets=markets), 1, 500)
    assert (ours.visits == theirs.visits).all()
    assert theirs.orders.sum() > 1.5 * ours.orders.sum()


@settings(max_examples=25, deadline=None)
@given(
    audiences=st.lists(st.integers(0, 10**8), min_size=1, max_size=6).filter(any),
    seed=st.integers(0, 2**40),
    kinship=st.floats(0, 1),
    alpha=st.floats(0.1, 1000),
    beta=st.floats(0.1, 1000),
)
def test_every_step_is_whole_and_no_larger_than_the_one_before(
    audiences: list[int], seed: int, kinship: float, alpha: float, beta: float
) -> None:
    markets = tuple(
        market(f"{at}", one, ordered=Beta(alpha, beta)) for at, one in enumerate(audiences)
    )
    demand = simulate(Launch(markets, REACH, 25.0, Kinship(kinship, kinship, 0)), seed, 40)
    assert demand.reached.shape == (40, len(audiences))
    assert (demand.reached >= demand.visits).all()
    assert (demand.visits >= demand.orders).all()
    assert (demand.orders >= demand.returns).all()
    assert (demand.returns >= 0).all()
    assert not demand.reached[:, [one == 0 for one in audiences]].any()
    for places in demand.ranges().values():
        assert all(low <= middle <= high for low, middle, high in places.values())


def test_the_funnel_keeps_the_means_of_what_it_is_given() -> None:
    demand = simulate(LAUNCH, 5, 20_000)
    totals = [getattr(demand, step).sum() for step in STEPS]
    assert np.divide(totals[1:], totals[:-1]) == pytest.approx([0.05, 0.03, 0.1], rel=0.03)
    assert demand.reached[:, 0].sum() / demand.reached.sum() == pytest.approx(2 / 3, rel=0.02)
    assert demand.ranges()["reached"]["total"] == pytest.approx(REACH.counts, rel=0.03)


def test_ten_times_the_reach_is_ten_times_the_orders() -> None:
    more = replace(LAUNCH, reach=Quantiles(REACH.levels, tuple(10 * one for one in REACH.counts)))
    ours, theirs = (simulate(one, 6, 8000).orders.sum() for one in (LAUNCH, more))
    assert theirs / ours == pytest.approx(10, rel=0.03)


def test_a_rate_known_better_gives_a_narrower_range() -> None:
    widths = []
    for worth in (1, 10, 100):
        rate = Beta(3 * worth, 97 * worth)
        certain = Quantiles((0.1, 0.9), (1e6, 1e6 + 1))
        one = Launch((market("US", ordered=rate),), certain, 1e6, APART)
        low, _, high = simulate(one, 7, 4000).ranges()["orders"]["US"]
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)


def test_kin_countries_make_the_total_less_certain_and_no_country() -> None:
    markets = tuple(market(f"{at}", ordered=Beta(3, 97)) for at in range(12))
    certain = Quantiles((0.1, 0.9), (1e7, 1e7 + 1))
    found: list[dict[str, Any]] = []
    for kinship in (0.0, 0.8):
        launch = Launch(markets, certain, 1e6, Kinship(0, kinship, 0))
        found.append(simulate(launch, 8, 6000).ranges()["orders"])
    (low, _, high), (kin_low, _, kin_high) = (one["total"] for one in found)
    assert kin_high - kin_low > 2 * (high - low)
    assert found[1]["3"] == pytest.approx(found[0]["3"], rel=0.15)


def test_weeks_sum_to_the_orders_and_fade() -> None:
    demand = simulate(LAUNCH, 9, 2000)
    weeks = demand.orders_by_week(weekly_shares(1.0, 6))
    assert (weeks.sum(axis=2) == demand.orders).all()
    by_week = weeks.sum(axis=(0, 1))
    assert by_week[1:] / by_week[:-1] == pytest.approx([0.5] * 5, rel=0.05)
    assert (demand.orders_by_week(weekly_shares(1.0, 6)) == weeks).all()


@given(half_life=st.floats(0.01, 1000), weeks=st.integers(1, 60))
def test_weekly_shares_sum_to_one_and_never_rise(half_life: float, weeks: int) -> None:
    shares = weekly_shares(half_life, weeks)
    assert sum(shares) == pytest.approx(1)
    assert list(shares) == sorted(shares, reverse=True)


@pytest.mark.parametrize("audience", [-1, 1.5, True, "5"])
def test_an_audience_that_cannot_be_is_named(audience: Any) -> None:
    with pytest.raises(ValueError, match="audience in US is a whole number from 0"):
        market("US", audience)


def test_a_launch_that_cannot_be_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="markets: one"):
        replace(LAUNCH, markets=())
    with pytest.raises(ValueError, match="markets: one"):
        replace(LAUNCH, markets=(market("US"), market("US")))
    with pytest.raises(ValueError, match="audience exceeds 0"):
        replace(LAUNCH, markets=(market("US", 0),))
    with pytest.raises(ValueError, match="concentration"):
        replace(LAUNCH, concentration=0.0)
    with pytest.raises(ValueError, match="kinship of ordered"):
        Kinship(0, 1.1, 0)


def test_draws_that_cannot_be_say_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="futures"):
        simulate(LAUNCH, 1, 0)
    with pytest.raises(ValueError, match="seed"):
        simulate(LAUNCH, -1)
    with pytest.raises(ValueError, match="half_life_weeks"):
        weekly_shares(0, 4)
    with pytest.raises(ValueError, match="weeks"):
        weekly_shares(1, 0)
    with pytest.raises(ValueError, match="sum to one"):
        simulate(LAUNCH, 1, 10).orders_by_week([0.5, 0.4])
