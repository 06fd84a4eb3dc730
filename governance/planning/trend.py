"""Whether a rate has changed of late, told only where it is certain, and its course by weeks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from governance.planning.beta import Beta
from governance.planning.certainty import CONFIDENCE

Direction = Literal["better", "worse", "steady", "unknown"]

RECENT_DAYS = 30
BEFORE_DAYS = 60
WEEKS = 13
WEEK_DAYS = 7
DAYS = max(RECENT_DAYS + BEFORE_DAYS, WEEKS * WEEK_DAYS)
"""How far back counts are looked at: those of an age below so many days."""

_NODES = 128
_TAIL = 1e-13


class Tally(NamedTuple):
    """Whole counts of a period: `hits` among `trials`."""

    hits: int
    trials: int


@dataclass(frozen=True)
class Trend:
    """Where a rate goes: the recent 30 days against the 60 before them.

    `weeks` are 13 periods of 7 days back from the instant that was asked for, the earliest first.
    """

    direction: Direction
    recent: Tally
    before: Tally
    weeks: tuple[Tally, ...]


def trend(days: Iterable[tuple[int, int, int]], *, lower_is_better: bool = False) -> Trend:
    """The trend of a rate from `(age in whole days, hits, trials)`, in any order.

    An age of 0 is that of the latest 24 hours; what is older than `DAYS` is passed over. ValueError
    for a negative age and for counts that cannot be.
    """
    recent, before = Tally(0, 0), Tally(0, 0)
    weeks = [Tally(0, 0)] * WEEKS
    for age, hits, trials in days:
        if age < 0:
            raise ValueError(f"The age of counts is 0 days or more, not {age}")
        if age < RECENT_DAYS:
            recent = _sum(recent, hits, trials)
        elif age < RECENT_DAYS + BEFORE_DAYS:
            before = _sum(before, hits, trials)
        if age < WEEKS * WEEK_DAYS:
            week = WEEKS - 1 - age // WEEK_DAYS
            weeks[week] = _sum(weeks[week], hits, trials)
    told = direction(recent, before, lower_is_better=lower_is_better)
    return Trend(told, recent, before, tuple(weeks))


def direction(
    recent: Tally,
    before: Tally,
    *,
    lower_is_better: bool = False,
    confidence: float = CONFIDENCE,
) -> Direction:
    """Whether the recent rate is better or worse than the one before with this certainty.

    `steady` where neither is certain, which is no proof that nothing changed; `unknown` where one
    of the periods has no trials. Swapped periods give the opposite.

    Each claim is held against the posteriors least favourable to it: "higher of late" against
    Beta(s, f + 1) of late and Beta(s + 1, f) before, s successes and f failures. So a claim is made
    exactly where Fisher's one-sided test
    (https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.fisher_exact.html) rejects its
    opposite, and of rates that stay as they are at most 1 − confidence are said to have risen,
    however small the periods: P. M. E. Altham, "Exact Bayesian analysis of a 2 × 2 contingency
    table, and Fisher's 'exact' significance test", Journal of the Royal Statistical Society B 31,
    1969, 261-269. Under flat priors 28 of 30 after 4,900 of 5,000 would already be a certain fall,
    though one rate in eight would come out as low. ValueError for counts that
    cannot be and for a confidence not from .5 to below 1.
    """
    for period in (recent, before):
        if not 0 <= period.hits <= period.trials:
            raise ValueError(f"There cannot be {period.hits} hits in {period.trials} trials")
    if not 0.5 <= confidence < 1:
        raise ValueError(f"A confidence is from .5 to below 1, not {confidence}")
    if not recent.trials or not before.trials:
        return "unknown"
    if _certainly_higher(recent, before, confidence):
        return "worse" if lower_is_better else "better"
    if _certainly_higher(before, recent, confidence):
        return "better" if lower_is_better else "worse"
    return "steady"


def probability_higher(one: Beta, other: Beta) -> float:
    """The probability that a rate known as `one` exceeds a rate known as `other`.

    The integral of the surer one's density times the other's distribution function over the logit
    of the rate, by the rule of trapezoids: there the density is a smooth bell, of which the rule is
    exact almost to rounding (L. N. Trefethen and J. A. C. Weideman, "The exponentially convergent
    trapezoidal rule", SIAM Review 56, 2014, https://doi.org/10.1137/130932132).
    """
    import numpy as np
    from scipy.integrate import trapezoid
    from scipy.special import betainc, betaincinv, betaln, expit, log_expit, logit

    if other.concentration > one.concentration:
        return 1 - probability_higher(other, one)
    # the rate and what lacks to 1, each from its own end, so that neither rounds to 0 or 1
    low = logit(betaincinv(one.alpha, one.beta, _TAIL))
    high = -logit(betaincinv(one.beta, one.alpha, _TAIL))
    at = np.linspace(low, high, _NODES)
    density = np.exp(
        one.alpha * log_expit(at) + one.beta * log_expit(-at) - betaln(one.alpha, one.beta)
    )
    below = betainc(other.alpha, other.beta, expit(at))
    return min(1.0, max(0.0, float(trapezoid(density * below, at))))


def _certainly_higher(one: Tally, other: Tally, confidence: float) -> bool:
    failed = other.trials - other.hits
    # a rate can only be higher than another with a success of its own and a failure of the other's
    if one.hits * other.trials <= other.hits * one.trials or not one.hits or not failed:
        return False
    least = Beta(one.hits, one.trials - one.hits + 1)
    most = Beta(other.hits + 1, failed)
    return probability_higher(least, most) >= confidence


def _sum(tally: Tally, hits: int, trials: int) -> Tally:
    return Tally(tally.hits + hits, tally.trials + trials)
