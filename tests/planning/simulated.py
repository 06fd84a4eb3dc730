"""Groups drawn from the model itself, by fixed seeds."""

from dataclasses import dataclass

import numpy as np

from governance.planning.beta import BetaPrior
from governance.planning.counts import Counts


@dataclass(frozen=True)
class Group:
    """A group's true rate, what was counted of it, and how many succeed in as many trials again."""

    rate: float
    counts: Counts
    following: int


def simulated(prior: BetaPrior, groups: int, seed: int, most_trials: int = 200) -> list[Group]:
    """Groups of 0 to `most_trials` trials, few of them large."""
    chance = np.random.default_rng(seed)
    rates = chance.beta(prior.alpha, prior.beta, groups)
    trials = np.exp(chance.uniform(0, np.log(most_trials + 1), groups)).astype(int) - 1
    first, second = chance.binomial(trials, rates), chance.binomial(trials, rates)
    return [
        Group(float(rate), Counts(float(won), float(count)), int(following))
        for rate, count, won, following in zip(rates, trials, first, second, strict=True)
    ]
