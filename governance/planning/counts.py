"""Counts of successes among trials, and how they fade with age."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

HALF_LIFE_DAYS = 180.0
_ROUNDING = 1e-9  # sums of the same weights in another order differ in the last digits


@dataclass(frozen=True, slots=True)
class Counts:
    """`successes` among `trials`: shipments on time among shipments, orders among visits.

    Not whole numbers once they have faded. ValueError unless 0 ≤ successes ≤ trials, both finite.
    """

    successes: float
    trials: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.successes) and math.isfinite(self.trials)):
            raise ValueError(f"Counts must be finite, not {self.successes} of {self.trials}")
        if self.successes < 0:
            raise ValueError(f"There cannot be {self.successes} successes: count from 0")
        if self.successes > self.trials * (1 + _ROUNDING):
            raise ValueError(f"There cannot be {self.successes} successes in {self.trials} trials")

    @property
    def failures(self) -> float:
        return max(0.0, self.trials - self.successes)


def decay(counts: Counts, age_days: float, half_life_days: float = HALF_LIFE_DAYS) -> Counts:
    """The counts as they weigh after `age_days`: times 2^(−age/half-life).

    Fading by 30 days and again by 60 is fading by 90, so that a running total can be kept. An
    infinite half-life forgets nothing. ValueError if the age is negative (counts of the future)
    or the half-life not above 0.
    """
    if not (math.isfinite(age_days) and age_days >= 0):
        raise ValueError(f"The age of counts is 0 days or more, not {age_days}")
    if not half_life_days > 0:
        raise ValueError(f"A half-life is longer than 0 days, not {half_life_days}")
    weight = 2.0 ** (-age_days / half_life_days)
    return Counts(counts.successes * weight, counts.trials * weight)


def total(counts: Iterable[Counts]) -> Counts:
    """The sum; of nothing, 0 of 0. The same in whatever order they come."""
    every = list(counts)
    return Counts(math.fsum(one.successes for one in every), math.fsum(one.trials for one in every))
