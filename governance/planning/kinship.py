"""How far the countries of one drop err together: a total is less certain than its parts alone."""

import math
from collections.abc import Iterable, Sequence

from governance.planning.beta import Beta, compound
from governance.planning.counts import Counts

_FEWEST = 20  # trials below which a count tells too little of where in its range it fell
_LIMIT = 0.95
_EXTREME = 0.001


def kinship(drops: Iterable[Sequence[tuple[Beta, Counts]]]) -> float:
    """The correlation of forecast errors of countries within a drop, from 0 to .95.

    For each drop the pairs of what was foretold of a country's rate and what was counted. Where a
    count falls in its range becomes a normal score, and the correlation is the mean product of
    scores over pairs of countries of one drop, by the mean square of all: Fisher's intraclass
    correlation (R. A. Fisher, "Statistical Methods for Research Workers", 1925, chapter 7;
    https://en.wikipedia.org/wiki/Intraclass_correlation) around 0, where good forecasts centre, so
    that a common bias counts as kinship. 0 where no drop has two countries that tell.
    """
    products, pairs, squares, count = 0.0, 0, 0.0, 0
    for drop in drops:
        scores = [_score(rate, counts) for rate, counts in drop if counts.trials >= _FEWEST]
        square = math.fsum(one * one for one in scores)
        products += math.fsum(scores) ** 2 - square
        pairs += len(scores) * (len(scores) - 1)
        squares += square
        count += len(scores)
    if not pairs or not squares:
        return 0.0
    return min(_LIMIT, max(0.0, (products / pairs) / (squares / count)))


def _score(rate: Beta, counts: Counts) -> float:
    """The normal score of an observed share, by the Beta with the variance of that share."""
    from scipy.special import betainc, ndtri

    spread = compound(rate.concentration, counts.trials - 1)
    share = min(1.0, max(0.0, counts.successes / counts.trials))
    level = betainc(rate.mean * spread, (1 - rate.mean) * spread, share)
    return float(ndtri(min(1 - _EXTREME, max(_EXTREME, level))))
