"""Nested groups lean on their parents: unseen ones wholly, large ones hardly."""

import numpy as np
import pytest

from governance.planning.beta import BetaPrior
from governance.planning.counts import Counts
from governance.planning.levels import Levels, fit_levels

TRUTH, MARKETS, PROVIDERS = BetaPrior(0.85, 12), 120, 25
SPREAD = 40.0


@pytest.fixture(scope="module")
def world() -> tuple[dict[tuple[str, ...], float], Levels]:
    """True rates of all providers in all markets, and what is learnt of them from some."""
    chance = np.random.default_rng(1985)
    rates: dict[tuple[str, ...], float] = {}
    counts: dict[tuple[str, ...], Counts] = {}
    for market in range(MARKETS):
        mean = chance.beta(TRUTH.alpha, TRUTH.beta)
        for provider in range(PROVIDERS):
            path = (f"market {market}", f"provider {provider}")
            rates[path] = float(chance.beta(mean * SPREAD, (1 - mean) * SPREAD))
            trials = int(np.exp(chance.uniform(0, 6)))
            if market < MARKETS - 20 and provider < PROVIDERS - 10:
                counts[path] = Counts(float(chance.binomial(trials, rates[path])), float(trials))
    return rates, fit_levels(counts)


def test_the_spread_of_each_level_is_found(
    world: tuple[dict[tuple[str, ...], float], Levels],
) -> None:
    _, levels = world
    assert levels.concentrations[0] == pytest.approx(TRUTH.concentration, rel=0.4)
    assert levels.concentrations[1] == pytest.approx(SPREAD, rel=0.2)


def test_the_spread_is_found_where_families_are_small() -> None:
    """Two providers a market: were means only maximised, providers would all look alike."""
    chance = np.random.default_rng(1948)
    counts = {}
    for market in range(400):
        mean = chance.beta(TRUTH.alpha, TRUTH.beta)
        for name in ("a", "b"):
            rate = chance.beta(mean * 10, (1 - mean) * 10)
            counts[f"{market}", name] = Counts(float(chance.binomial(50, rate)), 50.0)
    assert fit_levels(counts).concentrations[1] == pytest.approx(10, rel=0.3)


@pytest.mark.parametrize(
    ("markets", "providers", "slack"),
    [
        (range(100), range(15), 0.04),
        (range(100), range(15, 25), 0.04),
        (range(100, 120), range(25), 0.10),  # twenty markets only, of which each sways 25 rates
    ],
    ids=["seen", "new provider in a known market", "new market"],
)
def test_intervals_cover_what_they_say(
    world: tuple[dict[tuple[str, ...], float], Levels],
    markets: range,
    providers: range,
    slack: float,
) -> None:
    rates, levels = world
    held = []
    for market in markets:
        for provider in providers:
            path = (f"market {market}", f"provider {provider}")
            low, high = levels.posterior(path).interval(0.8)
            held.append(low <= rates[path] <= high)
    assert abs(np.mean(held) - 0.8) <= slack


LEAVES = {
    ("DE", "large"): Counts(9_900, 10_000),
    ("DE", "small"): Counts(4, 5),
    ("BR", "large"): Counts(6_000, 10_000),
    ("BR", "small"): Counts(4, 5),
    ("FR", "large"): Counts(9_000, 10_000),
}


def test_equal_counts_are_read_in_the_light_of_their_market() -> None:
    levels = fit_levels(LEAVES)
    assert levels.posterior(("DE", "small")).mean > levels.posterior(("BR", "small")).mean


def test_large_groups_speak_for_themselves() -> None:
    assert fit_levels(LEAVES).posterior(("BR", "large")).mean == pytest.approx(0.6, abs=0.01)


def test_a_large_group_does_not_settle_what_its_market_is_like() -> None:
    """One provider's ten thousand shipments say how it does, not how the next one will."""
    levels = fit_levels(LEAVES)
    assert levels.prior(("FR", "next")).concentration < 10


def test_an_unseen_market_is_less_certain_than_a_seen_one() -> None:
    levels = fit_levels(LEAVES)
    unseen, seen = levels.prior(("JP", "x")), levels.prior(("DE", "x"))
    assert unseen.concentration < seen.concentration
    assert unseen.mean == levels.nodes[()].mean


def test_a_leaf_without_counts_is_known_as_its_prior_says() -> None:
    levels = fit_levels(LEAVES)
    path = ("DE", "x")
    assert levels.posterior(path) == levels.prior(path).distribution()


def test_the_order_of_the_leaves_changes_nothing() -> None:
    backwards = dict(reversed(LEAVES.items()))
    assert fit_levels(backwards).nodes == fit_levels(LEAVES).nodes


def test_four_levels_lean_on_the_deepest_known_parent() -> None:
    leaves = {
        (country, category, creator): Counts(orders, 1000)
        for country, base in (("DE", 20), ("US", 40))
        for category, factor in (("perfume", 1), ("apparel", 2))
        for creator, orders in (("a", base * factor), ("b", base * factor + 8))
    }
    levels = fit_levels(leaves)
    perfume, apparel = (levels.prior(("DE", name, "new")).mean for name in ("perfume", "apparel"))
    assert perfume < levels.prior(("DE", "books", "new")).mean < apparel
    assert levels.prior(("DE", "books", "new")).mean < levels.prior(("US", "books", "new")).mean


def test_leaves_without_any_trial_are_known_as_little_as_can_be() -> None:
    known = fit_levels({("DE", "x"): Counts(0, 0), ("BR", "x"): Counts(0, 0)})
    assert known.posterior(("DE", "x")).mean == 0.5
    assert known.posterior(("DE", "x")).concentration <= 1


@pytest.mark.parametrize(
    "leaves", [{}, {(): Counts(1, 2)}, {("DE",): Counts(1, 2), ("DE", "x"): Counts(1, 2)}]
)
def test_paths_that_make_no_levels_are_refused(leaves: dict[tuple[str, ...], Counts]) -> None:
    with pytest.raises(ValueError, match="equally long"):
        fit_levels(leaves)


def test_a_path_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 parts"):
        fit_levels(LEAVES).prior(("DE",))
