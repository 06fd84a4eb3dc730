"""A distribution of a count told by quantiles: what reach is foretold as, and drawn from."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from governance.planning.beta import DECILES

_FURTHEST = 3.0  # normal scores; beyond, a drawn count is the one at this score


@dataclass(frozen=True)
class Quantiles:
    """Counts that are not exceeded with these probabilities, P10, P50 and P90 at the least.

    Between and beyond them ln(1 + count) is a straight line over the normal score of the level, so
    three quantiles judged by a person are a skewed log-normal distribution. ValueError unless
    levels rise within 0..1 and counts, from 0, do not fall.
    """

    levels: tuple[float, ...]
    counts: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.levels) < 2 or len(self.levels) != len(self.counts):
            raise ValueError("counts: one for each level, and at least two")
        rising = all(a < b for a, b in pairwise(self.levels))
        if not rising or self.levels[0] <= 0 or self.levels[-1] >= 1:
            raise ValueError(f"levels rise between 0 and 1, unlike {self.levels}")
        falling = any(a > b for a, b in pairwise(self.counts))
        if falling or self.counts[0] < 0 or not all(map(math.isfinite, self.counts)):
            raise ValueError(f"counts are finite, from 0, and do not fall, unlike {self.counts}")

    def at(self, levels: Any) -> Any:
        """The counts at these levels, an array; not rounded."""
        from scipy.special import ndtri

        known, values = ndtri(np.array(self.levels)), np.log1p(np.array(self.counts))
        scores = np.clip(ndtri(np.asarray(levels, float)), -_FURTHEST, _FURTHEST)
        found = np.interp(scores, known, values)
        # the slope towards the outermost quantile, from a decile at the least away: that of two
        # neighbouring quantiles would be noise
        for end, inner in ((0, int(np.searchsorted(self.levels, 0.1, "right"))),
                           (-1, int(np.searchsorted(self.levels, 0.9)) - 1)):  # fmt: skip
            inner = min(max(inner, 1), len(known) - 2) if len(known) > 2 else end + 1
            slope = (values[end] - values[inner]) / (known[end] - known[inner])
            beyond = scores < known[0] if end == 0 else scores > known[-1]
            found = np.where(beyond, values[end] + slope * (scores - known[end]), found)
        return np.expm1(np.maximum(found, 0.0))

    @property
    def range(self) -> tuple[float, ...]:
        """P10, P50 and P90."""
        return tuple(float(one) for one in self.at(DECILES))
