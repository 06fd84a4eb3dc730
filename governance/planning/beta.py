"""Beta distributions: what is known of a rate."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

DECILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Beta:
    """Beta(alpha, beta), the distribution of an unknown rate; ValueError unless both exceed 0."""

    alpha: float
    beta: float

    def __post_init__(self) -> None:
        for name, value in (("alpha", self.alpha), ("beta", self.beta)):
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} of a Beta distribution exceeds 0, and {value} does not")

    @property
    def mean(self) -> float:
        return self.alpha / (self.alpha + self.beta)

    @property
    def concentration(self) -> float:
        """alpha + beta: as many trials as this knowledge is worth."""
        return self.alpha + self.beta

    @property
    def variance(self) -> float:
        return self.mean * (1 - self.mean) / (self.concentration + 1)

    def quantiles(self, levels: Sequence[float] = DECILES) -> tuple[float, ...]:
        """The rates that are not exceeded with these probabilities; P10, P50 and P90 unless told.

        ValueError for a level outside 0..1.
        """
        from scipy.special import betaincinv  # 0.4 s to import, and few commands need it

        for level in levels:
            if not 0 <= level <= 1:
                raise ValueError(f"A quantile's level is from 0 to 1, not {level}")
        return tuple(float(betaincinv(self.alpha, self.beta, level)) for level in levels)

    def interval(self, coverage: float) -> tuple[float, float]:
        """The central interval that holds the rate with this probability (.8 is P10 to P90).

        ValueError unless 0 < coverage < 1.
        """
        if not 0 < coverage < 1:
            raise ValueError(f"An interval's coverage is between 0 and 1, not {coverage}")
        low, high = self.quantiles(((1 - coverage) / 2, (1 + coverage) / 2))
        return low, high

    def probability_above(self, threshold: float) -> float:
        """The probability that the rate exceeds the threshold; ValueError if that is not in 0..1.

        The regularized incomplete beta function, https://dlmf.nist.gov/8.17.
        """
        from scipy.special import betainc

        if not 0 <= threshold <= 1:
            raise ValueError(f"A rate's threshold is from 0 to 1, not {threshold}")
        # I_x(a, b) = 1 − I_{1−x}(b, a): small probabilities keep their digits
        return float(betainc(self.beta, self.alpha, 1 - threshold))


@dataclass(frozen=True, slots=True)
class BetaPrior:
    """What is expected of a group before it is seen: Beta with this mean, worth so many trials.

    ValueError unless 0 < mean < 1 and the concentration exceeds 0.
    """

    mean: float
    concentration: float

    def __post_init__(self) -> None:
        if not 0 < self.mean < 1:
            raise ValueError(f"A prior's mean is between 0 and 1, not {self.mean}")
        if not (math.isfinite(self.concentration) and self.concentration > 0):
            raise ValueError(f"A prior's concentration exceeds 0; {self.concentration} does not")

    @property
    def alpha(self) -> float:
        return self.mean * self.concentration

    @property
    def beta(self) -> float:
        return (1 - self.mean) * self.concentration

    def distribution(self) -> Beta:
        """What is known of the rate of a group without a single trial."""
        return Beta(self.alpha, self.beta)


def compound(*concentrations: float) -> float:
    """The concentration of a rate that was drawn around a rate that was drawn around a rate …

    Beta draws around a mean m have the variance m(1−m)ρ with ρ = 1/(concentration + 1), so that by
    the law of total variance draws in a row have 1 − ρ = Π(1 − ρ_i). ValueError unless all exceed
    0; infinity stands for what is known exactly.
    """
    if not concentrations or not all(one > 0 for one in concentrations):
        raise ValueError(f"Concentrations exceed 0, and not all of these do: {concentrations}")
    # 1 + 1/c is 1/(1 − ρ): the product less 1 in a form that keeps its digits where c is large
    odds = math.expm1(math.fsum(math.log1p(1 / one) for one in concentrations))
    return 1 / odds if odds > 0 else math.inf
