"""How far rates move from one period to the next, learnt from forecasts whose outcome is known.

A posterior says what a rate was; the next quarter's rate is another draw around it. Without that,
ranges for large groups are too narrow: their past is known well and their future is not.
"""

import math
from collections.abc import Iterable

from governance.planning.beta import Beta, compound
from governance.planning.counts import Counts

_LEAST, _MOST = 1.0, 1e6
_STARTS = 24


def drifted(known: Beta, drift: float) -> Beta:
    """The rate of the next period: the same mean, wider by a Beta draw of concentration `drift`.

    An infinite drift concentration changes nothing. ValueError unless it exceeds 0.
    """
    concentration = compound(known.concentration, drift)
    mean = known.mean
    return Beta(mean * concentration, (1 - mean) * concentration)


def fit_drift(past: Iterable[tuple[Beta, Counts]]) -> float:
    """The drift concentration under which past outcomes are likeliest, from 1, or infinity.

    `past` are pairs of what was known of a rate before a period and what was counted in it, of all
    groups and periods: the forecast of the next period then uses nothing but the past. Infinity
    where outcomes are as the posteriors foretold or there are none.
    """
    import numpy as np
    from scipy.optimize import minimize_scalar
    from scipy.special import betaln

    pairs = [(known, counts) for known, counts in past if counts.trials > 0]
    if not pairs:
        return math.inf
    mean = np.array([known.mean for known, _ in pairs])
    odds = 1 / np.array([known.concentration for known, _ in pairs])
    won = np.array([counts.successes for _, counts in pairs])
    lost = np.array([counts.failures for _, counts in pairs])

    def cost(logarithm: float) -> float:
        """Minus the log-likelihood, as `rates.log_likelihood` but with a prior for each group."""
        concentration = 1 / np.expm1(np.log1p(odds) + np.log1p(np.exp(-logarithm)))
        alpha, beta = mean * concentration, (1 - mean) * concentration
        return -float((betaln(alpha + won, beta + lost) - betaln(alpha, beta)).sum())

    grid = np.linspace(math.log(_LEAST), math.log(_MOST), _STARTS)
    costs = [cost(one) for one in grid]
    best = int(np.argmin(costs))
    around = grid[max(0, best - 1)], grid[min(_STARTS - 1, best + 1)]
    found = minimize_scalar(cost, bounds=around, method="bounded", options={"xatol": 1e-6})
    # at the end of the range "almost no drift" cannot be told from none
    return math.inf if cost(math.inf) <= found.fun else math.exp(found.x)
