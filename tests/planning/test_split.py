"""Shares sum to one, and a drop's own shares lie around them as past drops' did."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.planning.split import (
    ASSUMED_CONCENTRATION,
    Split,
    fit_concentration,
    fit_split,
    shares_of,
)

SHARES = {"US": 0.5, "DE": 0.3, "JP": 0.15, "BR": 0.05}


def drops(concentration: float, count: int, seed: int = 1) -> list[dict[str, int]]:
    chance = np.random.default_rng(seed)
    drawn = Split(SHARES, concentration).sample(np.full(count, 20_000), chance)
    return [dict(zip(SHARES, map(int, row), strict=True)) for row in drawn]


@pytest.mark.parametrize("concentration", [8.0, 60.0, 500.0])
def test_the_concentration_is_found(concentration: float) -> None:
    past = drops(concentration, 200)
    assert fit_split(past).concentration == pytest.approx(concentration, rel=0.2)
    pairs = [(SHARES, one) for one in past]
    assert fit_concentration(pairs) == pytest.approx(concentration, rel=0.2)


def test_shares_are_found() -> None:
    assert fit_split(drops(60, 200)).shares == pytest.approx(SHARES, abs=0.02)


def test_few_drops_are_not_taken_for_many() -> None:
    """Fitted around their own mean, three drops would look more alike than drops are."""
    found = [fit_split(drops(30, 3, seed)).concentration for seed in range(60)]
    assert float(np.median(found)) < 30


def test_intervals_cover_what_they_say() -> None:
    learnt = fit_split(drops(30, 40))
    sample = learnt.sample(np.full(4000, 20_000), np.random.default_rng(2))
    low, high = np.quantile(sample, (0.1, 0.9), axis=0)
    order = sorted(SHARES)
    held = [
        [low[at] <= one[name] <= high[at] for at, name in enumerate(order)]
        for one in drops(30, 400, seed=9)
    ]
    assert np.mean(held) == pytest.approx(0.8, abs=0.06)


@settings(max_examples=50, deadline=None)
@given(
    weights=st.dictionaries(st.text(max_size=3), st.floats(0.001, 1e6), min_size=1, max_size=8),
    concentration=st.floats(0.001, 1e6),
    total=st.integers(0, 10**9),
)
def test_a_split_gives_out_exactly_the_total(
    weights: dict[str, float], concentration: float, total: int
) -> None:
    shares = shares_of(weights)
    assert math.fsum(shares.values()) == pytest.approx(1)
    drawn = Split(shares, concentration).sample([total, 0], np.random.default_rng(3))
    assert drawn.sum(axis=1).tolist() == [total, 0]
    assert (drawn >= 0).all()


def test_a_country_without_a_share_gets_nothing() -> None:
    split = Split({"US": 1.0, "DE": 0.0}, 5)
    assert split.sample([100] * 50, np.random.default_rng(4))[:, 1].sum() == 0


def test_fixed_shares_are_the_limit_of_a_large_concentration() -> None:
    fixed, nearly = (
        Split(SHARES, c).sample(np.full(4000, 1000), np.random.default_rng(5)).std(axis=0)
        for c in (math.inf, 1e6)
    )
    assert fixed == pytest.approx(nearly, rel=0.1)


def test_without_two_drops_the_concentration_is_assumed() -> None:
    learnt = fit_split([{"US": 70, "DE": 30}, {}])
    assert (learnt.concentration, learnt.drops) == (ASSUMED_CONCENTRATION, 1)
    assert fit_concentration([]) == ASSUMED_CONCENTRATION


@pytest.mark.parametrize(
    ("shares", "concentration", "words"),
    [
        ({"US": 1.2, "DE": -0.2}, 5, "share of US"),
        ({"US": 0.5, "DE": 0.4}, 5, "sum to one"),
        ({"US": math.nan}, 5, "share of US"),
        ({"US": 1.0}, 0, "concentration"),
    ],
)
def test_what_is_no_split_is_refused(
    shares: dict[str, float], concentration: float, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Split(shares, concentration)


def test_counts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="count of US"):
        fit_split([{"US": -1}])
    with pytest.raises(ValueError, match="share of DE"):
        fit_concentration([({"US": 1.0}, {"DE": 4})])
    with pytest.raises(ValueError, match="no drop"):
        fit_split([{}])
    with pytest.raises(ValueError, match="weights"):
        shares_of({"US": 0})
