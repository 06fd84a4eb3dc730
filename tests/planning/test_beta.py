"""What is known of a rate: quantiles, intervals and probabilities that agree with one another."""

import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.planning.beta import Beta, BetaPrior, compound

shapes = st.floats(0.01, 1e6)
concentrations = st.floats(0.01, 1e6)


def test_a_uniform_rate_has_its_levels_as_quantiles() -> None:
    assert Beta(1, 1).quantiles() == pytest.approx((0.1, 0.5, 0.9))
    assert Beta(1, 1).interval(0.5) == pytest.approx((0.25, 0.75))
    assert Beta(1, 1).probability_above(0.3) == pytest.approx(0.7)


def test_quantiles_are_those_of_known_closed_forms() -> None:
    # Beta(a, 1) has the distribution function x^a, Beta(1, b) has 1 − (1−x)^b
    assert Beta(3, 1).quantiles([0.2]) == pytest.approx((0.2 ** (1 / 3),))
    assert Beta(1, 3).quantiles([0.2]) == pytest.approx((1 - 0.8 ** (1 / 3),))
    assert Beta(1, 59).probability_above(0.05) == pytest.approx(0.95**59)


@given(shapes, shapes)
def test_quantiles_rise_and_stay_rates(alpha: float, beta: float) -> None:
    low, middle, high = Beta(alpha, beta).quantiles()
    assert 0 <= low <= middle <= high <= 1


@given(st.floats(0.5, 1e4), st.floats(0.5, 1e4), st.floats(0.05, 0.95))
def test_a_quantile_is_exceeded_with_the_rest_of_the_probability(
    alpha: float, beta: float, level: float
) -> None:
    (quantile,) = Beta(alpha, beta).quantiles([level])
    assert Beta(alpha, beta).probability_above(quantile) == pytest.approx(1 - level, abs=1e-6)


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        (lambda: Beta(0, 1), "alpha"),
        (lambda: Beta(1, math.inf), "beta"),
        (lambda: Beta(1, 1).quantiles([1.1]), "level"),
        (lambda: Beta(1, 1).interval(1), "coverage"),
        (lambda: Beta(1, 1).interval(0), "coverage"),
        (lambda: Beta(1, 1).probability_above(-0.1), "threshold"),
        (lambda: BetaPrior(0, 5), "mean"),
        (lambda: BetaPrior(1, 5), "mean"),
        (lambda: BetaPrior(math.nan, 5), "mean"),
        (lambda: BetaPrior(0.5, 0), "concentration"),
        (lambda: BetaPrior(0.5, math.nan), "concentration"),
        (lambda: compound(), "Concentrations"),
        (lambda: compound(3, 0), "Concentrations"),
    ],
)
def test_what_is_no_distribution_or_no_probability_is_refused(
    ask: Callable[[], object], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        ask()


@given(concentrations, concentrations)
def test_a_draw_around_a_draw_is_wider_than_either(one: float, other: float) -> None:
    both = compound(one, other)
    assert both <= min(one, other) * (1 + 1e-9)
    assert both == pytest.approx(compound(other, one))


@given(concentrations)
def test_what_is_known_exactly_adds_no_width(one: float) -> None:
    assert compound(one, math.inf) == pytest.approx(one)
    assert compound(math.inf, math.inf) == math.inf


def test_a_draw_around_a_draw_has_the_variance_that_is_claimed() -> None:
    chance = random.Random(1938)
    mean, outer, inner = 0.8, 12.0, 30.0
    draws = []
    for _ in range(100_000):
        around = chance.betavariate(mean * outer, (1 - mean) * outer)
        draws.append(chance.betavariate(around * inner, (1 - around) * inner))
    variance = math.fsum((one - mean) ** 2 for one in draws) / len(draws)
    concentration = compound(outer, inner)
    claimed = Beta(mean * concentration, (1 - mean) * concentration).variance
    assert variance == pytest.approx(claimed, rel=0.03)
