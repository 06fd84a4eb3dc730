"""Counts refuse what cannot be counted, and fade as their half-life says."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.planning.counts import Counts, decay, total

ages = st.floats(0, 3000)


@pytest.mark.parametrize(
    ("successes", "trials", "complaint"),
    [
        (-1, 5, "count from 0"),
        (6, 5, "6 successes in 5 trials"),
        (0, -1, "in -1 trials"),
        (math.nan, 5, "finite"),
        (1, math.inf, "finite"),
    ],
)
def test_counts_that_cannot_be_are_refused(successes: float, trials: float, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Counts(successes, trials)


def test_sums_that_differ_by_rounding_are_counts_without_failures() -> None:
    assert Counts(0.1 + 0.2, 0.3).failures == 0


def test_counts_halve_with_every_half_life() -> None:
    assert decay(Counts(8, 16), 180) == Counts(4, 8)
    assert decay(Counts(8, 16), 360) == Counts(2, 4)
    assert decay(Counts(8, 16), 30, half_life_days=10) == Counts(1, 2)


@given(ages, ages)
def test_older_counts_never_weigh_more(one: float, other: float) -> None:
    newer, older = sorted((one, other))
    assert decay(Counts(3, 7), older).trials <= decay(Counts(3, 7), newer).trials


@given(ages, ages)
def test_fading_twice_is_fading_by_the_sum(first: float, then: float) -> None:
    twice = decay(decay(Counts(3, 7), first), then)
    assert twice.trials == pytest.approx(decay(Counts(3, 7), first + then).trials)


@given(ages)
def test_fading_keeps_the_rate(age: float) -> None:
    faded = decay(Counts(3, 7), age)
    assert faded.successes / faded.trials == pytest.approx(3 / 7)


def test_an_infinite_half_life_forgets_nothing() -> None:
    assert decay(Counts(3, 7), 10_000, math.inf) == Counts(3, 7)


@pytest.mark.parametrize("age", [-1, math.nan, math.inf])
def test_counts_of_the_future_are_refused(age: float) -> None:
    with pytest.raises(ValueError, match="age of counts"):
        decay(Counts(3, 7), age)


@pytest.mark.parametrize("half_life", [0, -180, math.nan])
def test_a_half_life_that_is_no_time_is_refused(half_life: float) -> None:
    with pytest.raises(ValueError, match="half-life"):
        decay(Counts(3, 7), 1, half_life)


@given(st.lists(st.floats(0, 1e6), max_size=20).flatmap(
    lambda trials: st.tuples(st.just(trials), st.permutations(trials))
))  # fmt: skip
def test_a_total_is_the_same_in_any_order(both: tuple[list[float], list[float]]) -> None:
    one, other = ([Counts(trials / 3, trials) for trials in order] for order in both)
    assert total(one) == total(other)


def test_the_total_of_nothing_is_nothing() -> None:
    assert total([]) == Counts(0, 0)
