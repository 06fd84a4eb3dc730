"""Futures of a drop: audience by country, reach, visits, orders and returns, by Monte Carlo.

What belongs together is drawn together: one reach for the whole drop, split by country, and rates
that err in the same direction in all countries as far as past drops did. Countries drawn alone
would even each other out, and the total would seem far surer than it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from governance.planning.beta import DECILES, Beta
from governance.planning.history import whole_number
from governance.planning.quantiles import Quantiles
from governance.planning.split import Split, shares_of

FUTURES = 10_000
STEPS = ("reached", "visits", "orders", "returns")
_SCORES = np.linspace(-4, 4, 129)  # normal scores between which a rate is a straight line


@dataclass(frozen=True)
class Market:
    """One country of a planned drop: who follows the creator there, and what is known of rates.

    `visited` is the rate of visits among the reached, `ordered` of orders among visits, `returned`
    of returns among orders. ValueError unless the audience is a whole number from 0; whether so
    many people live there is the caller's to know.
    """

    country: str
    audience: int
    visited: Beta
    ordered: Beta
    returned: Beta

    def __post_init__(self) -> None:
        whole_number(f"audience in {self.country}", self.audience)


@dataclass(frozen=True)
class Kinship:
    """How far countries err together in each rate, a correlation; ValueError unless from 0 to 1."""

    visited: float
    ordered: float
    returned: float

    def __post_init__(self) -> None:
        for name in ("visited", "ordered", "returned"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"kinship of {name} is from 0 to 1, not {getattr(self, name)}")


@dataclass(frozen=True)
class Launch:
    """All that futures are drawn from: `reach` of the whole drop falls on markets by audience.

    `concentration` says how near a drop's shares are to those of its audience (`split`). ValueError
    for no market, a country twice, an audience of nobody, or a concentration that is not above 0.
    """

    markets: tuple[Market, ...]
    reach: Quantiles
    concentration: float
    kinship: Kinship

    def __post_init__(self) -> None:
        countries = [one.country for one in self.markets]
        if not countries or len(set(countries)) < len(countries):
            raise ValueError("markets: one for each country, and at least one")
        self.split()

    def split(self) -> Split:
        """How the reach falls on countries. ValueError where nobody follows."""
        audience = {one.country: one.audience for one in self.markets}
        if not any(audience.values()):
            raise ValueError("audience exceeds 0 in one country at least: say who follows where")
        return Split(shares_of(audience), self.concentration)


@dataclass(frozen=True)
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
        expected = Split({f"week {at}": one for at, one in enumerate(shares, 1)}, 1.0).shares
        chance = np.random.default_rng([self.seed, len(STEPS)])
        weeks = np.empty((*self.orders.shape, len(expected)), np.int32)
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
    assert all((fewer <= more).all() for more, fewer in pairwise(counts))
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
