"""Reach follows the features where they tell anything, and its ranges hold what they say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.planning.reach import (
    FEWEST,
    Observation,
    corrected,
    fit_reach,
    fit_uncorrected,
    past_levels,
)


def posts(count: int, seed: int, noise: float = 0.5, slope: float = 1.0) -> list[Observation]:
    """Reach grows with the first feature, a logarithm of the audience; the second is noise."""
    chance = np.random.default_rng(seed)
    audience, other = chance.normal(10, 1.5, count), chance.normal(0, 1, count)
    logs = slope * audience - 1 + noise * chance.standard_t(5, count)
    return [
        Observation((float(a), float(b)), float(np.exp(log)))
        for a, b, log in zip(audience, other, logs, strict=True)
    ]


def test_a_larger_audience_reaches_more() -> None:
    learnt = fit_reach(posts(80, 1))
    middles = [learnt.quantiles((audience, 0.0)).range[1] for audience in (8.0, 10.0, 12.0)]
    assert middles[1] / middles[0] == pytest.approx(np.exp(2), rel=0.4)
    assert middles[2] / middles[1] == pytest.approx(np.exp(2), rel=0.4)


def test_features_that_tell_nothing_are_not_heeded() -> None:
    assert fit_uncorrected(posts(100, 2, slope=0.0)).trust < 0.4
    assert fit_uncorrected(posts(100, 2)).trust > 0.8


def test_ranges_hold_what_they_say() -> None:
    held = []
    for seed in range(10):
        past = posts(90, seed)
        learnt = fit_reach(past[:60])
        ranges = [(learnt.quantiles(one.features).range, one.reached) for one in past[60:]]
        held += [low <= reached <= high for (low, _, high), reached in ranges]
    assert np.mean(held) == pytest.approx(0.8, abs=0.06)


def test_ranges_that_proved_too_narrow_are_widened() -> None:
    learnt = fit_uncorrected(posts(60, 3))
    often_outside = [0.02, 0.98] * 40
    (low, _, high), (lower, _, higher) = (
        one.quantiles((10.0, 0.0)).range for one in (learnt, corrected(learnt, often_outside))
    )
    assert lower < low < high < higher


def test_each_level_is_foretold_from_what_came_before_it() -> None:
    """A change of later posts changes no earlier level."""
    past = posts(30, 4)
    later = [*past[:20], *(Observation(one.features, one.reached * 9) for one in past[20:])]
    assert past_levels(later)[: 20 - FEWEST] == past_levels(past)[: 20 - FEWEST]
    assert past_levels(later) != past_levels(past)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(FEWEST, 40), at=st.floats(-50, 50))
def test_quantiles_are_ordered_even_far_from_what_was_seen(
    seed: int, count: int, at: float
) -> None:
    learnt = fit_reach(posts(count, seed))
    low, middle, high = learnt.quantiles((at, -at)).range
    assert 0 <= low <= middle <= high < np.inf


@pytest.mark.parametrize("factor", [10.0, 1000.0])
def test_ten_times_the_reach_is_foretold_as_ten_times(factor: float) -> None:
    past = posts(50, 5)
    more = [Observation(one.features, one.reached * factor) for one in past]
    ours, theirs = (fit_reach(one).quantiles((10.0, 0.0)).range for one in (past, more))
    assert np.array(theirs) / factor == pytest.approx(np.array(ours), rel=0.02)


def test_features_that_never_vary_and_reach_that_never_does_are_no_trouble() -> None:
    same = [Observation((1.0, 2.0), 500.0)] * FEWEST
    assert fit_reach(same).quantiles((1.0, 2.0)).range == pytest.approx((500.0, 500.0, 500.0))


@pytest.mark.parametrize(
    ("past", "words"),
    [
        (posts(FEWEST - 1, 6), "past: at least"),
        ([*posts(FEWEST, 6), Observation((1.0,), 5.0)], "the same in every"),
        ([*posts(FEWEST, 6), Observation((1.0, float("nan")), 5.0)], "finite"),
        ([*posts(FEWEST, 6), Observation((1.0, 2.0), -5.0)], "from 0"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(past: list[Observation], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        fit_uncorrected(past)


def test_other_features_than_learnt_are_refused() -> None:
    with pytest.raises(ValueError, match="2 numbers"):
        fit_reach(posts(20, 7)).quantiles((1.0,))
