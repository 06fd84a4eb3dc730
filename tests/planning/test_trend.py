"""A trend is told only where it is certain, and is the opposite when the periods are swapped."""

import random
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from governance.planning.beta import Beta
from governance.planning.trend import DAYS, WEEKS, Tally, direction, probability_higher, trend

OPPOSITE = {"better": "worse", "worse": "better", "steady": "steady", "unknown": "unknown"}

tallies = st.integers(0, 3000).flatmap(lambda n: st.builds(Tally, st.integers(0, n), st.just(n)))
shapes = st.floats(0.5, 1e5)


@pytest.mark.parametrize(
    ("recent", "before", "expected"),
    [
        (Tally(90, 100), Tally(100, 200), "better"),
        (Tally(50, 100), Tally(180, 200), "worse"),
        (Tally(95, 100), Tally(190, 200), "steady"),
        (Tally(1, 1), Tally(0, 1), "steady"),
        (Tally(1, 1), Tally(500, 500), "steady"),  # flawless in both, however few
        (Tally(28, 30), Tally(4900, 5000), "steady"),  # one rate in eight comes out as low
        (Tally(27, 30), Tally(4900, 5000), "worse"),
        (Tally(0, 0), Tally(500, 500), "unknown"),
        (Tally(3, 3), Tally(0, 0), "unknown"),
    ],
)
def test_a_change_is_told_where_it_is_certain(recent: Tally, before: Tally, expected: str) -> None:
    assert direction(recent, before) == expected


@given(tallies, tallies)
def test_swapped_periods_give_the_opposite(one: Tally, other: Tally) -> None:
    assert direction(one, other) == OPPOSITE[direction(other, one)]


@given(tallies, tallies)
def test_what_should_not_happen_is_better_where_it_happens_less(one: Tally, other: Tally) -> None:
    misses = [Tally(tally.trials - tally.hits, tally.trials) for tally in (one, other)]
    assert direction(*misses, lower_is_better=True) == direction(one, other)


@given(tallies, tallies, st.integers(2, 20))
@example(Tally(3, 3), Tally(2, 9), 2)
def test_more_of_the_same_evidence_only_sharpens(one: Tally, other: Tally, times: int) -> None:
    told = direction(one, other)
    again = direction(*(Tally(tally.hits * times, tally.trials * times) for tally in (one, other)))
    assert again == told or told == "steady"


@given(tallies, tallies)
@settings(max_examples=200)
def test_a_change_is_told_exactly_where_fisher_rejects_that_there_is_none(
    one: Tally, other: Tally
) -> None:
    table = [[tally.hits, tally.trials - tally.hits] for tally in (one, other)]
    for alternative, claim in (("greater", "better"), ("less", "worse")):
        chance = fisher_exact(table, alternative=alternative).pvalue
        if abs(chance - 0.05) > 1e-7 and one.trials and other.trials:
            assert (direction(one, other) == claim) == (chance < 0.05)


def test_a_rate_that_stays_is_seldom_said_to_have_moved() -> None:
    chance = random.Random(30)
    told = []
    for _ in range(2000):
        rate = chance.betavariate(18, 2)
        periods = [
            Tally(sum(chance.random() < rate for _ in range(trials)), trials) for trials in (40, 80)
        ]
        told.append(direction(*periods))
    assert 0 < told.count("better") < 0.05 * len(told)
    assert 0 < told.count("worse") < 0.05 * len(told)


@given(shapes, shapes, shapes, shapes)
def test_one_rate_or_the_other_is_the_higher(a: float, b: float, c: float, d: float) -> None:
    one, other = Beta(a, b), Beta(c, d)
    assert probability_higher(one, other) + probability_higher(other, one) == pytest.approx(1)
    assert probability_higher(one, one) == pytest.approx(0.5, abs=1e-6)


def test_probabilities_are_those_of_known_closed_forms() -> None:
    # of X with distribution x^a and Y with y^c: P(X > Y) = a / (a + c)
    assert probability_higher(Beta(3, 1), Beta(1, 1)) == pytest.approx(3 / 4, abs=1e-8)
    assert probability_higher(Beta(1, 1), Beta(9, 1)) == pytest.approx(1 / 10, abs=1e-8)
    assert probability_higher(Beta(1, 1), Beta(1, 400)) == pytest.approx(400 / 401, abs=1e-8)


def test_counts_fall_into_their_periods_and_weeks() -> None:
    told = trend([(0, 1, 1), (29, 1, 2), (30, 0, 1), (89, 2, 2), (90, 5, 5), (DAYS, 9, 9)])
    assert (told.recent, told.before) == (Tally(2, 3), Tally(2, 3))
    assert len(told.weeks) == WEEKS
    assert told.weeks[-1] == Tally(1, 1)
    assert told.weeks[8] == Tally(1, 3)  # days 28 to 34: on both sides of the boundary
    assert told.weeks[0] == Tally(7, 7)
    assert sum(week.trials for week in told.weeks) == 11


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        (lambda: trend([(-1, 1, 1)]), "age"),
        (lambda: direction(Tally(2, 1), Tally(1, 1)), "2 hits in 1 trials"),
        (lambda: direction(Tally(1, 1), Tally(-1, 1)), "-1 hits"),
        (lambda: direction(Tally(1, 1), Tally(1, 1), confidence=1), "confidence"),
    ],
)
def test_counts_that_cannot_be_are_refused(ask: Callable[[], object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        ask()
