"""Futures of a drop: audience by country, reach, visits, orders and returns, by Monte Carlo.

What belongs together is drawn together: one reach for the whole drop, split by country, and rates
that err in the same direction in all countries as far as past drops did. Countries drawn alone
would even each other out, and the total would seem far surer than it is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from governance.planning.beta import DECILES, Beta
from governance.planning.history import whole_number
from governance.planning.launch import Launch
from governance.planning.split import shares_of

FUTURES = 10_000
STEPS = ("reached", "visits", "orders", "returns")
_SCORES = np.linspace(-4, 4, 129)  # normal scores between which a rate is a straight line
_SUM_SLACK = 1e-9


@dataclass(frozen=True, eq=False)
class Demand:
    """Futures × countries: whole numbers of people reached, visits, orders and returns."""

    countries: tuple[str, ...]
    reached: Any
    visits: Any
    orders: Any
    returns: Any
    seed: int

    def ranges(self) -> dict[str, dict[str, tuple[int, ...]]]:
        """P10, P50 and P90 of every step: `{step: {country: …}}`, of the sum under `total`.

        The total's range is that of its own futures, narrower than the sum of the countries'.
        """
        found = {}
        for step in STEPS:
            futures = getattr(self, step)
            futures = np.column_stack([futures, futures.sum(axis=1)])
            quantiles = np.quantile(futures, DECILES, axis=0, method="inverted_cdf")
            columns = (tuple(int(one) for one in column) for column in quantiles.T)
            found[step] = dict(zip((*self.countries, "total"), columns, strict=True))
        return found

    def orders_by_week(self, shares: Sequence[float]) -> Any:
        """Orders as futures × countries × weeks after the launch, which sum to the orders.

        `shares` is how much of all orders each week is expected to have (`weekly_shares`).
        ValueError unless they are from 0 to 1 and sum to one.
        """
        if not all(0 <= one <= 1 for one in shares) or abs(math.fsum(shares) - 1) > _SUM_SLACK:
            raise ValueError(f"shares of weeks are from 0 to 1 and sum to one, unlike {shares}")
        chance = np.random.default_rng([self.seed, len(STEPS)])
        weeks = np.empty((*self.orders.shape, len(shares)), np.int32)
        left, unshared = self.orders, 1.0
        for at, share in enumerate(shares[:-1]):
            rate = min(1.0, share / unshared) if unshared > 0 else 0.0
            weeks[..., at] = chance.binomial(left, rate)
            left, unshared = left - weeks[..., at], unshared - share
        weeks[..., -1] = left
        return weeks


def weekly_shares(half_life_weeks: float, weeks: int) -> tuple[float, ...]:
    """How orders spread over so many weeks if each has 2^(−1/half-life) of those of the one before.

    All orders are taken to fall in these weeks. ValueError unless both exceed 0.
    """
    if not half_life_weeks > 0:
        raise ValueError(f"half_life_weeks exceeds 0, and {half_life_weeks} does not")
    if weeks < 1:
        raise ValueError(f"weeks are a whole number from 1, not {weeks}")
    return tuple(shares_of({f"{at}": 2 ** (-at / half_life_weeks) for at in range(weeks)}).values())


def simulate(launch: Launch, seed: int, futures: int = FUTURES) -> Demand:
    """Draw so many futures; the same seed gives the same ones on the same version of numpy.

    Each step has a random stream of its own, so that a change of one rate leaves the luck of the
    others as it was. ValueError unless there is at least one future and the seed is from 0.
    """
    whole_number("seed", seed)
    if futures < 1:
        raise ValueError(f"futures are a whole number from 1, not {futures}")
    streams = [np.random.default_rng([seed, step]) for step in range(len(STEPS))]
    totals = np.rint(launch.reach.at(streams[0].random(futures))).astype(np.int64)
    counts = [launch.split().sample(totals, streams[0])]
    for name, chance in zip(("visited", "ordered", "returned"), streams[1:], strict=True):
        rates = [getattr(one, name) for one in launch.markets]
        drawn = _rates(rates, getattr(launch.kinship, name), futures, chance)
        counts.append(chance.binomial(counts[-1], drawn))
    reached, visits, orders, returns = counts
    countries = tuple(one.country for one in launch.markets)
    return Demand(countries, reached, visits, orders, returns, seed)


def _rates(rates: Sequence[Beta], kinship: float, futures: int, chance: np.random.Generator) -> Any:
    """Futures × countries: each its own Beta, tied by one common normal factor (Gaussian copula).

    https://en.wikipedia.org/wiki/Copula_(statistics)#Gaussian_copula.
    """
    from scipy.special import ndtr

    common = chance.standard_normal((futures, 1)) * kinship**0.5
    scores = common + chance.standard_normal((futures, len(rates))) * (1 - kinship) ** 0.5
    levels = ndtr(_SCORES)
    for at, rate in enumerate(rates):
        scores[:, at] = np.interp(scores[:, at], _SCORES, rate.quantiles(levels))
    return scores
