"""A label is given on proof: enough shipments, and never on a guess."""

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.planning.certainty import assess, fewest_flawless, wilson_lower

records = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
thresholds = st.floats(0.5, 0.999)


@pytest.mark.parametrize(
    ("rate", "fewest"), [(0.90, 25), (0.935, 39), (0.95, 52), (0.99, 268), (0.995, 539)]
)
def test_flawless_trials_prove_a_rate_from_this_many(rate: float, fewest: int) -> None:
    assert fewest_flawless(rate) == fewest
    assert assess(fewest, fewest, rate) == "meets"
    assert assess(fewest - 1, fewest - 1, rate) == "undecided"


def test_more_confidence_takes_more_trials() -> None:
    assert fewest_flawless(0.95, 0.90) < fewest_flawless(0.95) < fewest_flawless(0.95, 0.99)


@given(records)
def test_the_bound_solves_the_score_equation(record: tuple[int, int]) -> None:
    """Wilson's bound is the rate from which the observed one lies z standard errors away."""
    successes, trials = record
    bound, z = wilson_lower(successes, trials), 1.6448536269514722
    distance = successes / trials - bound
    assert distance == pytest.approx(z * math.sqrt(bound * (1 - bound) / trials), abs=1e-7)


@given(records)
def test_a_failure_never_raises_the_bound_and_a_success_never_lowers_it(
    record: tuple[int, int],
) -> None:
    successes, trials = record
    bound = wilson_lower(successes, trials)
    assert wilson_lower(successes, trials + 1) <= bound + 1e-12
    assert wilson_lower(successes + 1, trials + 1) >= bound - 1e-12


@given(records, thresholds)
def test_nobody_meets_a_threshold_on_fewer_successes_than_it_takes(
    record: tuple[int, int], threshold: float
) -> None:
    successes, trials = record
    if assess(successes, trials, threshold) == "meets":
        assert successes >= fewest_flawless(threshold)


@given(records, thresholds)
def test_breaches_and_meets_are_on_their_own_side_of_the_threshold(
    record: tuple[int, int], threshold: float
) -> None:
    successes, trials = record
    assessment = assess(successes, trials, threshold)
    if assessment == "meets":
        assert successes / trials > threshold
    if assessment == "breaches":
        assert successes / trials < threshold


@pytest.mark.parametrize(("trials", "threshold"), [(10, 0.9), (52, 0.95), (100, 0.95), (40, 0.8)])
def test_a_provider_at_the_threshold_is_wrongly_condemned_in_under_five_percent(
    trials: int, threshold: float
) -> None:
    condemned = math.fsum(
        math.comb(trials, count) * threshold**count * (1 - threshold) ** (trials - count)
        for count in range(trials + 1)
        if assess(count, trials, threshold) == "breaches"
    )
    assert 0.005 < condemned < 0.05


def test_nothing_is_decided_on_nothing() -> None:
    assert wilson_lower(0, 0) == 0
    assert assess(0, 0, 0.5) == "undecided"


def test_few_bad_shipments_are_no_breach_yet_and_many_are() -> None:
    assert assess(1, 2, 0.95) == "undecided"
    assert assess(10, 20, 0.95) == "breaches"
    assert assess(0, 3, 0.95) == "breaches"


@pytest.mark.parametrize(
    ("ask", "complaint"),
    [
        (lambda: wilson_lower(6, 5), "6 successes in 5"),
        (lambda: wilson_lower(-1, 5), "-1 successes"),
        (lambda: wilson_lower(2.5, 5), "whole successes"),  # type: ignore[arg-type]
        (lambda: wilson_lower(True, 5), "whole successes"),
        (lambda: wilson_lower(5, 6.0), "whole trials"),  # type: ignore[arg-type]
        (lambda: wilson_lower(5, 5, 1.0), "confidence"),
        (lambda: wilson_lower(5, 5, 0.4), "confidence"),
        (lambda: fewest_flawless(1.0), "between 0 and 1"),
        (lambda: fewest_flawless(0.0), "between 0 and 1"),
        (lambda: assess(5, 5, 95), "between 0 and 1"),
    ],
)
def test_counts_rates_and_confidences_that_cannot_be_are_refused(
    ask: Callable[[], object], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        ask()
