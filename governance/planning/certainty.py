"""What counts prove of a rate: that it reaches a threshold, that it misses it, or neither yet.

Thresholds here are shares that should be high (on time, valid tracking). Of a share that should be
low count the opposite: "at most 0.5 % cancelled" is "at least 99.5 % kept".
"""

import math
from statistics import NormalDist
from typing import Literal

from governance.planning.beta import Beta

Assessment = Literal["meets", "breaches", "undecided"]
CONFIDENCE = 0.95


def wilson_lower(successes: int, trials: int, confidence: float = CONFIDENCE) -> float:
    """The rate that the true one exceeds with this one-sided confidence; 0 without any trial.

    The score interval of E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", JASA 22 (1927), 209-212; the formula:
    https://rdrr.io/cran/cicalc/man/ci_prop_wilson.html. ValueError for counts that cannot be and
    for a confidence not from .5 to below 1.
    """
    _check(successes, trials)
    z = _normal_quantile(confidence)
    if trials == 0:
        return 0.0
    rate, square = successes / trials, z * z
    margin = z * math.sqrt(rate * (1 - rate) / trials + square / (4 * trials * trials))
    return max(0.0, (rate + square / (2 * trials) - margin) / (1 + square / trials))


def fewest_flawless(rate: float, confidence: float = CONFIDENCE) -> int:
    """The fewest trials, all of them successes, whose Wilson lower bound reaches the rate.

    Without a failure the bound is n/(n + z²). 25, 39, 52 and 268 for .90, .935, .95 and .99 at
    95 %. ValueError unless 0 < rate < 1.
    """
    _check_rate(rate)
    fewest = max(1, math.floor(_normal_quantile(confidence) ** 2 * rate / (1 - rate)))
    while wilson_lower(fewest, fewest, confidence) < rate:
        fewest += 1
    return fewest


def assess(
    successes: int, trials: int, threshold: float, confidence: float = CONFIDENCE
) -> Assessment:
    """Whether the counts prove that the rate reaches the threshold, or that it stays below it.

    `meets` where the Wilson lower bound reaches the threshold, so never on fewer successes than
    `fewest_flawless`. `breaches` where a provider exactly at the threshold would do so badly with
    a probability below 1 − confidence, by the exact binomial distribution: near 1 Wilson's upper
    bound condemns too readily (one failure in two trials "proves" less than 88 %). Even so the
    first shipment, if lost, breaches 99 %: whoever acts on a breach asks for a least number too.
    Whole, unfaded counts only: weights are an opinion, and a proof is not. ValueError as in
    `wilson_lower`, and unless 0 < threshold < 1.
    """
    _check_rate(threshold)
    if wilson_lower(successes, trials, confidence) >= threshold:
        return "meets"
    if successes < trials:
        # P(X ≤ s | n, p) = I_{1−p}(n − s, s + 1), https://dlmf.nist.gov/8.17#E5
        so_bad = Beta(successes + 1, trials - successes).probability_above(threshold)
        if so_bad < 1 - confidence:
            return "breaches"
    return "undecided"


def _check(successes: int, trials: int) -> None:
    for name, value in (("successes", successes), ("trials", trials)):
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"A proof counts whole {name}, not {value!r}")
    if not 0 <= successes <= trials:
        raise ValueError(f"There cannot be {successes} successes in {trials} trials")


def _check_rate(rate: float) -> None:
    if not 0 < rate < 1:
        raise ValueError(f"A rate that counts can prove is between 0 and 1, not {rate}")


def _normal_quantile(confidence: float) -> float:
    if not 0.5 <= confidence < 1:
        raise ValueError(f"A confidence is from .5 to below 1, not {confidence}")
    return NormalDist().inv_cdf(confidence)
