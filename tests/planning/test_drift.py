"""Drift is found where rates moved, and only there."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.planning.beta import Beta
from governance.planning.counts import Counts
from governance.planning.drift import drifted, fit_drift


def moved(drift: float | None, seed: int, groups: int = 3000) -> list[tuple[Beta, Counts, float]]:
    """What was known of rates, what 60 trials then gave, and the rate that gave them."""
    chance = np.random.default_rng(seed)
    found = []
    for alpha, beta in zip(
        chance.uniform(5, 300, groups), chance.uniform(1, 50, groups), strict=True
    ):
        rate = chance.beta(alpha, beta)
        if drift is not None:
            rate = chance.beta(rate * drift, (1 - rate) * drift)
        won = float(chance.binomial(60, rate))
        found.append((Beta(alpha, beta), Counts(won, 60.0), float(rate)))
    return found


def test_the_drift_that_moved_rates_is_found() -> None:
    past = [(known, counts) for known, counts, _ in moved(25.0, seed=1)]
    assert fit_drift(past) == pytest.approx(25, rel=0.1)


def test_where_nothing_moved_hardly_any_drift_is_found() -> None:
    past = [(known, counts) for known, counts, _ in moved(None, seed=2)]
    assert fit_drift(past) > 1000


def test_without_a_past_there_is_no_drift() -> None:
    assert fit_drift([]) == fit_drift([(Beta(9, 1), Counts(0, 0))]) == math.inf


def test_outcomes_that_are_nearer_than_chance_show_no_drift() -> None:
    assert fit_drift([(Beta(90, 10), Counts(9, 10))] * 50) == math.inf


def test_intervals_cover_rates_that_moved_once_drift_is_learnt_from_the_past() -> None:
    drift = fit_drift((known, counts) for known, counts, _ in moved(25.0, seed=3))
    later = moved(25.0, seed=4)
    still, wide = 0, 0
    for known, _, rate in later:
        low, high = known.interval(0.8)
        still += low <= rate <= high
        low, high = drifted(known, drift).interval(0.8)
        wide += low <= rate <= high
    assert still / len(later) < 0.65
    assert 0.76 <= wide / len(later) <= 0.84


@given(st.floats(0.1, 1e4), st.floats(0.1, 1e4), st.floats(1, 1e6))
def test_drift_widens_and_keeps_the_mean(alpha: float, beta: float, drift: float) -> None:
    known = Beta(alpha, beta)
    wider = drifted(known, drift)
    assert wider.mean == pytest.approx(known.mean)
    assert wider.variance >= known.variance


def test_an_infinite_drift_concentration_changes_nothing() -> None:
    wider = drifted(Beta(9, 1), math.inf)
    assert (wider.alpha, wider.beta) == pytest.approx((9, 1))
