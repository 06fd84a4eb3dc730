"""Empirical Bayes finds the likeliest prior, leans on it as it should, and covers what it says."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from simulated import simulated

from governance.planning.beta import Beta, BetaPrior
from governance.planning.counts import Counts, total
from governance.planning.rates import (
    IGNORANCE,
    fit_families,
    fit_prior,
    log_likelihood,
    never_certain,
    posterior,
)

priors = st.builds(BetaPrior, st.floats(0.01, 0.99), st.floats(0.1, 1e4))
shares = st.floats(0, 1)


def counted(share: float, trials: float) -> Counts:
    return Counts(share * trials, trials)


@given(priors, shares, st.floats(0.01, 1e6))
def test_a_posterior_lies_between_prior_and_raw_rate(
    prior: BetaPrior, share: float, trials: float
) -> None:
    low, high = sorted((prior.mean, share))
    assert low - 1e-9 <= posterior(prior, counted(share, trials)).mean <= high + 1e-9


@given(priors, st.floats(1, 1e5), st.floats(1.01, 100))
def test_more_of_the_same_narrows(prior: BetaPrior, trials: float, times: float) -> None:
    few = posterior(prior, counted(prior.mean, trials))
    many = posterior(prior, counted(prior.mean, trials * times))
    assert many.variance < few.variance


@given(priors, shares, st.floats(1, 1e5))
def test_what_counts_of_failures_say_is_the_mirror_image(
    prior: BetaPrior, share: float, trials: float
) -> None:
    known = posterior(prior, counted(share, trials))
    mirrored = posterior(BetaPrior(1 - prior.mean, prior.concentration), counted(1 - share, trials))
    assert (mirrored.alpha, mirrored.beta) == pytest.approx((known.beta, known.alpha))


def test_a_group_without_trials_is_known_as_its_prior_says() -> None:
    prior = BetaPrior(0.75, 20)
    assert posterior(prior, Counts(0, 0)) == prior.distribution() == Beta(15, 5)


UNEVEN = [Counts(3, 10), Counts(9, 10), Counts(50, 100), Counts(990, 1000), Counts(0.7, 1.3)]
SAMPLES = {
    "uneven": UNEVEN,
    "a giant among dwarfs": [Counts(940_000, 1_000_000), *[Counts(4, 5)] * 10],
    "all alike": [Counts(9, 10)] * 12,
    "all flawless": [Counts(10, 10), Counts(3, 3), Counts(40, 40)],
    "none right": [Counts(0, 10), Counts(0, 3)],
    "all or nothing": [Counts(10, 10), Counts(0, 10), Counts(12, 12)],
    "two": [Counts(8, 10), Counts(30, 50)],
    "alone": [Counts(8, 10)],
    "from the model": [
        group.counts for group in simulated(BetaPrior(0.9, 15), 60, seed=7) if group.counts.trials
    ],
}


@pytest.mark.parametrize("groups", SAMPLES.values(), ids=SAMPLES)
def test_no_prior_on_a_fine_grid_is_likelier(groups: list[Counts]) -> None:
    fitted = fit_prior(groups)
    every = total(groups)
    mean_ends = 0.5 / (every.trials + 1), (every.trials + 0.5) / (every.trials + 1)
    most = max(1.0, every.trials - max(group.trials for group in groups))
    assert mean_ends[0] * (1 - 1e-9) <= fitted.mean <= mean_ends[1] * (1 + 1e-9)
    assert 1 <= fitted.concentration <= most * (1 + 1e-9)
    best = log_likelihood(fitted, groups)
    low, high = (math.log(end / (1 - end)) for end in mean_ends)
    steps = 60
    for at in range(steps + 1):
        mean = 1 / (1 + math.exp(-(low + (high - low) * at / steps)))
        for power in range(steps + 1):
            on_grid = BetaPrior(mean, most ** (power / steps))
            assert log_likelihood(on_grid, groups) <= best + 1e-6, on_grid


def test_the_prior_of_many_groups_is_the_one_that_they_were_drawn_from() -> None:
    truth = BetaPrior(0.92, 18)
    fitted = fit_prior(group.counts for group in simulated(truth, 4000, seed=1956))
    assert fitted.mean == pytest.approx(truth.mean, abs=0.005)
    assert fitted.concentration == pytest.approx(truth.concentration, rel=0.1)


@pytest.mark.parametrize(
    ("truth", "seed"), [(BetaPrior(0.92, 18), 1), (BetaPrior(0.03, 60), 2), (BetaPrior(0.5, 4), 3)]
)
def test_intervals_of_eighty_percent_hold_about_eighty_percent_of_true_rates(
    truth: BetaPrior, seed: int
) -> None:
    groups = simulated(truth, 3000, seed)
    prior = fit_prior(group.counts for group in groups)
    held = 0
    for group in groups:
        low, high = posterior(prior, group.counts).interval(0.8)
        held += low <= group.rate <= high
    assert 0.76 <= held / len(groups) <= 0.84


def test_groups_without_trials_say_nothing() -> None:
    assert fit_prior([*UNEVEN, Counts(0, 0), Counts(0, 0)]) == fit_prior(UNEVEN)


def test_without_any_trial_the_prior_is_the_parent_or_ignorance() -> None:
    assert fit_prior([]) == fit_prior([Counts(0, 0)]) == IGNORANCE
    parent = BetaPrior(0.9, 20)
    assert fit_prior([Counts(0, 0)], parent) == parent


@given(st.lists(st.tuples(shares, st.floats(1e-6, 1e6)), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_any_counts_have_a_prior_and_the_same_each_time(drawn: list[tuple[float, float]]) -> None:
    groups = [counted(*one) for one in drawn]
    fitted = fit_prior(groups)
    assert fit_prior(groups) == fitted
    for group in groups:
        low, _, high = posterior(fitted, group).quantiles()
        assert 0 <= low <= high <= 1


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=8))
@settings(max_examples=40, deadline=None)
def test_counting_failures_gives_the_mirrored_prior(drawn: list[tuple[int, int]]) -> None:
    groups = [Counts(won, won + lost) for won, lost in drawn]
    failures = [Counts(one.failures, one.trials) for one in groups]
    fitted, mirrored = fit_prior(groups), fit_prior(failures)
    swapped = BetaPrior(1 - mirrored.mean, mirrored.concentration)
    assume(total(groups).trials > 0)
    assert log_likelihood(swapped, groups) == pytest.approx(
        log_likelihood(fitted, groups), abs=1e-6
    )


def test_a_group_alone_is_never_its_own_witness() -> None:
    known = posterior(fit_prior([Counts(8, 10)]), Counts(8, 10))
    assert known.concentration == pytest.approx(11)


@given(st.floats(1, 1e4), st.floats(1, 1e4))
@settings(max_examples=40, deadline=None)
def test_the_surer_the_parent_the_nearer_the_mean(one: float, other: float) -> None:
    loose, sure = sorted((one, other))
    near, far = (
        abs(fit_prior(UNEVEN[:3], BetaPrior(0.95, weight)).mean - 0.95) for weight in (sure, loose)
    )
    assert near <= far + 1e-6


def test_families_have_means_of_their_own_and_one_concentration() -> None:
    fitted = fit_families(
        {"DE": [Counts(95, 100), Counts(90, 100)], "BR": [Counts(55, 100), Counts(70, 100)]},
        {"DE": BetaPrior(0.8, 5), "BR": BetaPrior(0.8, 5)},
    )
    assert 0.8 < fitted["DE"].mean < 0.95
    assert 0.55 < fitted["BR"].mean < 0.8
    assert fitted["DE"].concentration == fitted["BR"].concentration


def test_a_family_without_trials_has_its_parents_mean_and_the_concentration_of_all() -> None:
    parent = BetaPrior(0.8, 5)
    fitted = fit_families({"DE": UNEVEN, "AQ": []}, {"DE": parent, "AQ": parent})
    assert fitted["AQ"] == BetaPrior(0.8, fitted["DE"].concentration)


def test_a_family_without_a_parent_is_named() -> None:
    with pytest.raises(ValueError, match="'BR'"):
        fit_families({"DE": UNEVEN, "BR": UNEVEN}, {"DE": BetaPrior(0.8, 5)})


def test_nobody_without_a_failure_is_said_never_to_fail() -> None:
    groups = [Counts(0, 500)] * 9 + [Counts(30, 500)]
    flawless = posterior(fit_prior(groups), Counts(0, 500))
    low, _, high = never_certain(flawless).quantiles()
    assert flawless.quantiles()[2] < 1e-4 < 1e-3 < high < 0.005
    assert low < never_certain(flawless).mean < high
    failed = posterior(fit_prior(groups), Counts(30, 500))
    assert never_certain(failed) == failed
