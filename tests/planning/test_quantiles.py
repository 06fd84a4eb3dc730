"""Three judged numbers are a whole distribution, and what cannot be one is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.planning.quantiles import Quantiles

JUDGED = Quantiles((0.1, 0.5, 0.9), (1_000, 3_000, 20_000))


def test_given_quantiles_come_back() -> None:
    assert JUDGED.range == pytest.approx((1_000, 3_000, 20_000))


def test_tails_go_beyond_the_outermost_quantiles_but_not_for_ever() -> None:
    assert JUDGED.at(0.01) < 1_000
    assert 20_000 < JUDGED.at(0.99) < JUDGED.at(1.0) < np.inf
    assert JUDGED.at(0.0) >= 0


def test_two_quantiles_of_a_log_normal_are_the_log_normal() -> None:
    low, high = np.expm1([5 - 1.2816, 5 + 1.2816])
    found = Quantiles((0.1, 0.9), (low, high)).at([0.5, 0.9772499])
    assert found == pytest.approx(np.expm1([5, 7]), rel=1e-3)


@given(
    st.lists(st.floats(0, 1e9), min_size=3, max_size=3).map(sorted),
    st.lists(st.floats(0, 1), min_size=2, max_size=20).map(sorted),
)
def test_counts_never_fall_with_the_level(counts: list[float], levels: list[float]) -> None:
    found = Quantiles((0.1, 0.5, 0.9), tuple(counts)).at(levels)
    assert (np.diff(found) >= -1e-6 * (1 + found[:-1])).all()
    assert (found >= 0).all()


@pytest.mark.parametrize(
    ("levels", "counts", "words"),
    [
        ((0.5,), (1,), "counts: one"),
        ((0.1, 0.9), (1,), "counts: one"),
        ((0.9, 0.1), (1, 2), "levels rise"),
        ((0.0, 0.9), (1, 2), "levels rise"),
        ((0.1, 0.9), (2, 1), "counts are"),
        ((0.1, 0.9), (-1, 1), "counts are"),
        ((0.1, 0.9), (1, float("inf")), "counts are"),
        ((0.1, 0.9), (float("nan"), 1), "counts are"),
    ],
)
def test_what_is_no_distribution_is_refused(
    levels: tuple[float, ...], counts: tuple[float, ...], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Quantiles(levels, counts)
