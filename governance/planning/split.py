"""How a total falls on countries: shares that differ from drop to drop (Dirichlet-multinomial).

Fixed shares with multinomial noise are far too sure of themselves: what differs is the shares.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from governance.planning.history import whole_number

ASSUMED_CONCENTRATION = 20.0
"""Where no past drop tells, an assumption: a share of 10 % is mostly between 3 % and 19 %."""
_LEAST, _MOST, _STARTS = 1.0, 1e6, 24
_SUM_SLACK = 1e-9


@dataclass(frozen=True)
class Split:
    """Expected shares by country and the concentration with which a drop's shares lie around them.

    `drops` is how many past drops the concentration rests on. ValueError unless shares are from 0
    to 1 and sum to one and the concentration exceeds 0.
    """

    shares: Mapping[str, float]
    concentration: float
    drops: int = 0

    def __post_init__(self) -> None:
        for country, share in self.shares.items():
            if not 0 <= share <= 1:
                raise ValueError(f"share of {country} is from 0 to 1, not {share}")
        if abs(math.fsum(self.shares.values()) - 1) > _SUM_SLACK:
            raise ValueError(f"shares sum to one, not to {math.fsum(self.shares.values())}")
        if not self.concentration > 0:
            raise ValueError(
                f"concentration of shares exceeds 0, and {self.concentration} does not"
            )

    def sample(self, totals: Any, chance: np.random.Generator) -> Any:
        """Each total split: whole numbers, one row a total, one column a country, in their order.

        Gammas over their sum are a draw of shares, https://en.wikipedia.org/wiki/Dirichlet_distribution;
        countries that have no share get nothing.
        """
        shares = np.array(list(self.shares.values()))
        if math.isinf(self.concentration):
            return chance.multinomial(totals, shares)
        drawn = chance.standard_gamma(shares * self.concentration, (len(totals), len(shares)))
        # all gammas of a tiny concentration may round to 0: such a drop goes to one country
        empty = drawn.sum(axis=1) == 0
        if empty.any():
            drawn[empty] = chance.multinomial(1, shares, int(empty.sum()))
        return chance.multinomial(totals, drawn / drawn.sum(axis=1, keepdims=True))


def shares_of(weights: Mapping[str, float]) -> dict[str, float]:
    """Weights (an audience by country) over their sum; ValueError if that is not above 0."""
    whole = math.fsum(weights.values())
    if not whole > 0:
        raise ValueError("weights of countries sum to nothing, so there are no shares")
    return {country: weight / whole for country, weight in weights.items()}


def fit_split(past: Sequence[Mapping[str, int]]) -> Split:
    """Shares and concentration from past drops' counts by country; a country left out counted 0.

    Each drop is one witness of the shares, not each unit in it: shares are the mean of the drops'
    own, with half a unit added. The concentration is fitted to each drop around the shares of the
    others, so that not knowing the shares well is part of it. With fewer than two drops it is
    assumed. ValueError for no drop with any count and counts that are no whole numbers from 0.
    """
    for one in past:
        for country, count in one.items():
            whole_number(f"count of {country}", count)
    told = [one for one in past if sum(one.values()) > 0]
    countries = sorted({country for one in told for country in one})
    if not told:
        raise ValueError("past: no drop has counted anything, so no shares can be learnt")
    counts = np.array([[one.get(country, 0) for country in countries] for one in told], float)
    each = (counts + 0.5) / (counts + 0.5).sum(axis=1, keepdims=True)
    shares = dict(zip(countries, each.mean(axis=0).tolist(), strict=True))
    if len(told) < 2:
        return Split(shares, ASSUMED_CONCENTRATION, len(told))
    others = (each.sum(axis=0) - each) / (len(told) - 1)
    return Split(shares, _likeliest(list(zip(others, counts, strict=True))), len(told))


def fit_concentration(past: Sequence[tuple[Mapping[str, float], Mapping[str, int]]]) -> float:
    """The concentration under which past drops are likeliest around shares expected of each.

    Pairs of expected shares, of any drop's own countries, and what was counted there. Assumed where
    no drop with two countries counted anything. ValueError for a count where no share is expected.
    """
    pairs = []
    for shares, counts in past:
        for country, count in counts.items():
            if count and not shares.get(country, 0) > 0:
                raise ValueError(f"share of {country} exceeds 0: {count} were counted there")
        kept = [country for country, share in shares.items() if share > 0]
        if len(kept) > 1 and sum(counts.values()) > 0:
            expected = np.array([shares[country] for country in kept])
            pairs.append((expected, np.array([counts.get(country, 0) for country in kept], float)))
    return _likeliest(pairs) if pairs else ASSUMED_CONCENTRATION


def _likeliest(pairs: Sequence[tuple[Any, Any]]) -> float:
    """Maximum likelihood; infinity is never claimed, as shares have never been the same twice.

    ln Γ(c) − ln Γ(c + n) + Σ ln Γ(c·p + y) − ln Γ(c·p), without the multinomial coefficient, which
    no concentration changes (https://en.wikipedia.org/wiki/Dirichlet-multinomial_distribution).
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import gammaln

    shares = np.concatenate([expected for expected, _ in pairs])
    counts = np.concatenate([counted for _, counted in pairs])
    totals = np.array([counted.sum() for _, counted in pairs])

    def cost(logarithm: float) -> float:
        c = math.exp(logarithm)
        drops = (gammaln(c) - gammaln(c + totals)).sum()
        return -float(drops + (gammaln(c * shares + counts) - gammaln(c * shares)).sum())

    grid = np.linspace(math.log(_LEAST), math.log(_MOST), _STARTS)
    best = int(np.argmin([cost(one) for one in grid]))
    around = grid[max(0, best - 1)], grid[min(_STARTS - 1, best + 1)]
    return math.exp(minimize_scalar(cost, bounds=around, method="bounded").x)
