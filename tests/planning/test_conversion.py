"""A cell's rate leans on its parents, fades with age, and is wider the less it rests on."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.planning.conversion import ASSUMED_SPREAD, PastRate, fit_conversion
from governance.planning.counts import Counts

TODAY = date(2026, 11, 1)


def drop(country: str, category: str, creator: str, ago: int, rate: float, n: int) -> PastRate:
    counts = Counts(round(rate * n), n)
    return PastRate(country, category, creator, TODAY - timedelta(days=ago), counts)


PAST = [
    drop(country, category, creator, ago, base * factor * own, 4000)
    for country, base in (("DE", 0.01), ("US", 0.02), ("JP", 0.04))
    for category, factor in (("perfume", 1.0), ("apparel", 2.0))
    for creator, own in (("ann", 0.9), ("bob", 1.1))
    for ago in (20, 200, 400)
]


def test_a_known_creator_speaks_for_itself_and_says_so() -> None:
    found = fit_conversion(PAST, TODAY).forecast(("US", "apparel", "bob"))
    assert found.rate.mean == pytest.approx(0.044, rel=0.1)
    assert found.level == "creator"
    assert found.own_trials == pytest.approx(4000 * sum(2 ** (-d / 180) for d in (20, 200, 400)))


@pytest.mark.parametrize(
    ("cell", "level"),
    [
        (("US", "apparel", "new"), "category"),
        (("US", "toys", "new"), "country"),
        (("BR", "toys", "new"), "platform"),
    ],
)
def test_a_new_cell_leans_on_its_deepest_known_parent(
    cell: tuple[str, str, str], level: str
) -> None:
    found = fit_conversion(PAST, TODAY).forecast(cell)
    assert (found.level, found.own_trials) == (level, 0)


def test_the_further_from_what_is_known_the_wider() -> None:
    learnt = fit_conversion(PAST, TODAY)
    cells = [("US", "apparel", "bob"), ("US", "apparel", "x"), ("US", "x", "x"), ("x", "x", "x")]
    worth = [learnt.forecast(cell).rate.concentration for cell in cells]
    assert worth == sorted(worth, reverse=True)
    assert len(set(worth)) == 4


def test_the_next_drop_is_less_certain_than_the_past() -> None:
    """Every drop of a country does half as well or half as well again as the one before."""
    past = [
        drop(country, "toys", "ann", ago, rate * (1.5 if at % 2 else 0.67), 5000)
        for country, rate in (("DE", 0.02), ("US", 0.03), ("JP", 0.04))
        for at, ago in enumerate(range(30, 430, 50))
    ]
    learnt = fit_conversion(past, TODAY)
    found = learnt.forecast(("US", "toys", "ann"))
    assert learnt.drift < 1000
    assert found.rate.concentration < learnt.drift < found.known_trials


def test_old_drops_weigh_less_than_late_ones() -> None:
    base = [one for one in PAST if one.creator == "ann"]
    rates = []
    for late, early in ((0.06, 0.02), (0.02, 0.06)):
        own = [
            drop("US", "apparel", "bob", ago, rate, 4000) for ago, rate in ((5, late), (365, early))
        ]
        rates.append(fit_conversion([*base, *own], TODAY).known(("US", "apparel", "bob")).mean)
    assert rates[0] > 0.045 > 0.035 > rates[1]


def test_levels_that_cannot_be_told_apart_are_left_out() -> None:
    """One creator in one category: countries differ, and that is all that can be learnt."""
    past = [one for one in PAST if (one.category, one.creator) == ("perfume", "ann")]
    learnt = fit_conversion(past, TODAY)
    assert learnt.depths == (0,)
    known = learnt.known(("US", "perfume", "ann"))
    other = learnt.known(("US", "perfume", "bob"))
    assert known.mean == pytest.approx(0.018, rel=0.1)
    assert other.mean == pytest.approx(known.mean)
    assert other.concentration < ASSUMED_SPREAD < known.concentration
    assert learnt.known(("US", "toys", "bob")).concentration < other.concentration


def test_a_single_launch_day_cannot_tell_how_drops_differ() -> None:
    learnt = fit_conversion([one for one in PAST if one.launched_on.month == 10], TODAY)
    assert (learnt.drift, learnt.kinship) == (ASSUMED_SPREAD, 0)


def test_one_drop_in_one_country_is_enough_to_begin_with() -> None:
    learnt = fit_conversion([drop("US", "perfume", "ann", 10, 0.02, 5000)], TODAY)
    assert 0 < learnt.forecast(("DE", "toys", "new")).range[0] < 1


def test_countries_that_rise_and_fall_together_are_kin() -> None:
    chance = np.random.default_rng(7)
    apart: list[PastRate] = []
    together: list[PastRate] = []
    for ago in range(400, 0, -40):
        luck = chance.normal(0, 0.4)
        for at in range(12):
            own = chance.normal(0, 0.4)
            for past, moved in ((apart, own), (together, luck)):
                rate = 0.02 * float(np.exp(moved))
                past.append(drop(f"country {at}", "toys", "ann", ago, rate, 5000))
    assert fit_conversion(together, TODAY).kinship > 0.6
    assert fit_conversion(apart, TODAY).kinship < 0.3


@settings(max_examples=15, deadline=None)
@given(
    rate=st.floats(0.005, 0.5),
    n=st.integers(10, 5000),
    times=st.integers(2, 50),
)
def test_more_of_the_same_only_sharpens(rate: float, n: int, times: int) -> None:
    """A rate's own trials narrow what is known of it; quantiles stay in order."""
    learnt = []
    for size in (n, n * times):
        own = drop("US", "apparel", "bob", 0, rate, n)
        scaled = Counts(own.counts.successes * size / n, size)
        row = PastRate(*own.cell, TODAY, scaled)
        learnt.append(fit_conversion([row], TODAY))
    few, many = (one.known(("US", "apparel", "bob")) for one in learnt)
    assert many.concentration > few.concentration
    low, middle, high = learnt[0].forecast(("US", "apparel", "bob")).range
    assert 0 <= low <= middle <= high <= 1


def test_a_past_without_trials_is_refused() -> None:
    with pytest.raises(ValueError, match="past: no drop"):
        fit_conversion([PastRate("US", "toys", "ann", TODAY, Counts(0, 0))], TODAY)


def test_a_launch_of_the_future_is_refused() -> None:
    with pytest.raises(ValueError, match="age of counts"):
        fit_conversion([drop("US", "toys", "ann", -1, 0.1, 10)], TODAY)
