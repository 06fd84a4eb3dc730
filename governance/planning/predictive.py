"""How many of the next trials will succeed, when all that is known of the rate is a Beta."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from governance.planning.beta import DECILES, Beta


@dataclass(frozen=True)
class NextTrials:
    """The beta-binomial distribution of successes in `trials` further trials.

    https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.betabinom.html. Time and
    memory grow with `trials`. ValueError if they are not a whole number from 0.
    """

    rate: Beta
    trials: int

    def __post_init__(self) -> None:
        if not isinstance(self.trials, int) or isinstance(self.trials, bool) or self.trials < 0:
            raise ValueError(f"Further trials are a whole number from 0, not {self.trials!r}")

    @property
    def mean(self) -> float:
        return self.trials * self.rate.mean

    def probability(self, successes: int) -> float:
        """The probability of exactly so many successes; 0 for a number that cannot be."""
        return float(self._masses[successes]) if 0 <= successes <= self.trials else 0.0

    def probability_at_most(self, successes: int) -> float:
        """The probability of so many successes or fewer."""
        if successes < 0:
            return 0.0
        return float(self._cumulated[min(successes, self.trials)])

    def quantiles(self, levels: Sequence[float] = DECILES) -> tuple[int, ...]:
        """The least numbers of successes not exceeded with these probabilities; P10, P50, P90.

        Whole numbers are coarse: P10 to P90 hold .8 or more. ValueError for a level outside 0..1.
        """
        import numpy as np

        for level in levels:
            if not 0 <= level <= 1:
                raise ValueError(f"A quantile's level is from 0 to 1, not {level}")
        found = np.searchsorted(self._cumulated, levels, side="left")
        return tuple(min(int(one), self.trials) for one in found)

    @cached_property
    def _masses(self) -> Any:
        import numpy as np
        from scipy.special import betaln

        won = np.arange(self.trials + 1)
        lost = self.trials - won
        ways = -math.log1p(self.trials) - betaln(lost + 1, won + 1)  # ln of n over k
        mass = np.exp(
            ways
            + betaln(self.rate.alpha + won, self.rate.beta + lost)
            - betaln(self.rate.alpha, self.rate.beta)
        )
        return mass / mass.sum()

    @cached_property
    def _cumulated(self) -> Any:
        return self._masses.cumsum()
