"""The next trials: the beta-binomial distribution, and whether outcomes fall where it says."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated import simulated

from governance.planning.beta import Beta, BetaPrior
from governance.planning.predictive import NextTrials
from governance.planning.rates import fit_prior, posterior

rates = st.builds(Beta, st.floats(0.05, 1e5), st.floats(0.05, 1e5))


def test_of_a_uniform_rate_all_counts_are_equally_likely() -> None:
    following = NextTrials(Beta(1, 1), 9)
    assert [following.probability(count) for count in range(10)] == pytest.approx([0.1] * 10)
    assert following.quantiles([0.25, 0.5]) == (2, 4)


def test_a_rate_that_is_known_gives_the_binomial_distribution() -> None:
    following = NextTrials(Beta(3e8, 7e8), 6)
    for count in range(7):
        binomial = math.comb(6, count) * 0.3**count * 0.7 ** (6 - count)
        assert following.probability(count) == pytest.approx(binomial, rel=1e-5)


@given(rates, st.integers(0, 400))
@settings(deadline=None)
def test_probabilities_sum_to_one_around_the_mean(rate: Beta, trials: int) -> None:
    following = NextTrials(rate, trials)
    masses = [following.probability(count) for count in range(trials + 1)]
    assert math.fsum(masses) == pytest.approx(1)
    mean = math.fsum(count * mass for count, mass in enumerate(masses))
    assert mean == pytest.approx(following.mean, rel=1e-5, abs=1e-5)


@given(rates, st.integers(0, 400), st.floats(0.01, 0.99))
@settings(deadline=None)
def test_a_quantile_is_the_least_count_that_reaches_its_level(
    rate: Beta, trials: int, level: float
) -> None:
    following = NextTrials(rate, trials)
    (quantile,) = following.quantiles([level])
    assert following.probability_at_most(quantile) >= level - 1e-12
    assert following.probability_at_most(quantile - 1) < level


def test_counts_that_cannot_be_are_not_probable() -> None:
    following = NextTrials(Beta(2, 1), 5)
    assert following.probability(-1) == following.probability(6) == 0
    assert following.probability_at_most(-1) == 0
    assert following.probability_at_most(99) == pytest.approx(1)


def test_of_no_further_trials_none_succeed() -> None:
    assert NextTrials(Beta(2, 1), 0).quantiles() == (0, 0, 0)


@pytest.mark.parametrize("trials", [-1, 2.0, True])
def test_trials_that_are_no_number_are_refused(trials: int) -> None:
    with pytest.raises(ValueError, match="whole number"):
        NextTrials(Beta(1, 1), trials)


def test_a_level_that_is_no_probability_is_refused() -> None:
    with pytest.raises(ValueError, match="level"):
        NextTrials(Beta(1, 1), 5).quantiles([-0.1])


def test_outcomes_fall_where_they_were_foretold() -> None:
    """Without the slack of whole numbers: the share of each count's own probability in P10-P90."""
    groups = simulated(BetaPrior(0.9, 15), 3000, seed=34)
    prior = fit_prior(group.counts for group in groups)
    shares, inside = [], []
    for group in groups:
        following = NextTrials(posterior(prior, group.counts), int(group.counts.trials))
        low, _, high = following.quantiles()
        inside.append(low <= group.following <= high)
        below = following.probability_at_most(group.following - 1)
        upto = following.probability_at_most(group.following)
        shares.append(max(0.0, min(upto, 0.9) - max(below, 0.1)) / (upto - below))
    assert 0.77 <= math.fsum(shares) / len(shares) <= 0.83
    assert sum(inside) / len(inside) > 0.8
