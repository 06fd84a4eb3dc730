"""How many a post or a drop will reach: ridge regression, its past errors, and nearest analogs.

Ridge is written out: with a decomposition at hand it and its leave-one-out errors are ten lines of
numpy, and scikit-learn would be a runtime dependency of 30 MB for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from governance.planning.quantiles import Quantiles

FEWEST = 8
"""Observations below which there is no forecast: five errors make no range."""
GRID = tuple(step / 100 for step in range(2, 99, 2))
_PENALTIES = np.geomspace(0.1, 1e4, 11)
_UNIFORM = np.arange(0.5, 60) / 60  # pulls levels to what they say, worth sixty outcomes


@dataclass(frozen=True, slots=True)
class Observation:
    """What was known beforehand (numbers, the same in every observation) and what was reached.

    Features that stretch over orders of magnitude, an audience say, belong in as logarithms.
    """

    features: tuple[float, ...]
    reached: float


@dataclass(frozen=True, eq=False)
class Reach:
    """What past observations foretell. `levels` are those at which past outcomes fell."""

    weights: Any  # of the standardised features
    intercept: float
    means: Any
    scales: Any
    rows: Any  # standardised features of past observations
    errors: Any  # of ln(1 + reached), each foretold from all others
    usual: Any  # ln(1 + reached) at the levels of `GRID`, whatever the features
    trust: float  # from 0 to 1, how far features are heeded
    levels: tuple[float, ...] = ()

    def quantiles(self, features: Sequence[float]) -> Quantiles:
        """The range for these features. ValueError for another number of features."""
        asked = np.quantile(np.concatenate([self.levels, _UNIFORM]), GRID) if self.levels else GRID
        logs = np.interp(asked, GRID, self._uncorrected(features))
        return Quantiles(GRID, tuple(np.expm1(np.maximum(logs, 0.0)).tolist()))

    def level(self, observation: Observation) -> float:
        """At which level of its uncorrected range the outcome fell (probability integral)."""
        logs = self._uncorrected(observation.features)
        return float(np.interp(np.log1p(observation.reached), logs, GRID, 0.0, 1.0))

    @cached_property
    def _order(self) -> Any:
        return np.argsort(self.errors, kind="stable")

    def _uncorrected(self, features: Sequence[float]) -> Any:
        """ln(1 + reached) at the levels of `GRID`.

        The √n nearest analogs' errors weigh as much as all errors together. Near is by what
        matters: features are as far apart as the regression says that they differ in reach. The
        whole is drawn to the usual range as far as features have foretold little.
        """
        if len(features) != len(self.means):
            raise ValueError(f"features: {len(self.means)} numbers, not {len(features)}")
        row = (np.asarray(features, float) - self.means) / self.scales
        apart = (np.square((self.rows - row) * self.weights)).sum(axis=1)
        analogs = np.argsort(apart, kind="stable")[: max(1, round(len(apart) ** 0.5))]
        weight = np.full(len(apart), 1 / len(apart))
        weight[analogs] += 1 / len(analogs)
        weight = weight[self._order] / weight.sum()
        errors = np.interp(GRID, weight.cumsum() - weight / 2, self.errors[self._order])
        told = self.intercept + float(row @ self.weights) + errors
        return self.trust * told + (1 - self.trust) * self.usual


def fit_uncorrected(past: Sequence[Observation]) -> Reach:
    """Ridge on ln(1 + reached), its penalty the best by leave-one-out error.

    Leaving one out costs no refit: its error is e/(1 − h), h the leverage (T. Hastie, R. Tibshirani
    and J. Friedman, "The Elements of Statistical Learning", equation 7.64). ValueError for fewer
    observations than `FEWEST`, features that are not finite or not equally many.
    """
    if len(past) < FEWEST:
        raise ValueError(f"past: at least {FEWEST} observations, not {len(past)}")
    if len({len(one.features) for one in past}) > 1:
        raise ValueError("features: the same in every observation")
    given = np.array([one.features for one in past], float).reshape(len(past), -1)
    reached = np.array([one.reached for one in past], float)
    if not np.isfinite(given).all() or not (np.isfinite(reached) & (reached >= 0)).all():
        raise ValueError("features are finite numbers, and reached is one from 0")
    means, scales = given.mean(axis=0), given.std(axis=0)
    scales[scales < 1e-9] = 1.0
    rows = (given - means) / scales
    logs = np.log1p(reached)
    centred = logs - logs.mean()
    left, singular, right = np.linalg.svd(rows, full_matrices=False)
    inner = left.T @ centred
    best = None
    for penalty in _PENALTIES:
        shrunk = singular**2 / (singular**2 + penalty)
        leverage = 1 / len(past) + (left**2 * shrunk).sum(axis=1)
        errors = (centred - left @ (shrunk * inner)) / (1 - np.minimum(leverage, 0.99))
        if best is None or (errors**2).mean() < best[0]:
            weights = right.T @ (singular / (singular**2 + penalty) * inner)
            best = ((errors**2).mean(), weights, errors)
    assert best is not None
    error, weights, errors = best
    alone = ((centred * len(past) / (len(past) - 1)) ** 2).mean()  # error of the others' mean
    # the correlation of what is foretold with what happens
    trust = float(max(0.0, 1 - error / alone)) ** 0.5 if alone > 0 else 0.0
    usual = np.quantile(logs, GRID)
    return Reach(weights, float(logs.mean()), means, scales, rows, errors, usual, trust)


def corrected(reach: Reach, levels: Sequence[float]) -> Reach:
    """With ranges as wide, and placed, as past outcomes' levels ask for: nine in ten below P90."""
    return replace(reach, levels=tuple(levels))


def past_levels(past: Sequence[Observation]) -> list[float]:
    """The level of each observation but the first `FEWEST`, foretold from those before it."""
    return [fit_uncorrected(past[:at]).level(past[at]) for at in range(FEWEST, len(past))]


def fit_reach(past: Sequence[Observation]) -> Reach:
    """The forecast from observations in the order in which they happened; ValueError as above."""
    return corrected(fit_uncorrected(past), past_levels(past))
