"""How forecasts of counts are scored: quantile loss by the count, and the share inside P10-P90."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

LEVELS = tuple(step / 10 for step in range(1, 10))


class Foretold(NamedTuple):
    """A count and its quantiles at `LEVELS`."""

    count: float
    quantiles: Sequence[float]


def scored(forecasts: Iterable[Foretold]) -> dict[str, Any]:
    """Weighted quantile loss over P10..P90 and coverage of P10-P90.

    WQL is twice the pinball loss of all counts, by the sum of counts, in the mean over levels:
    https://auto.gluon.ai/1.2.0/_modules/autogluon/timeseries/metrics/quantile.html.
    """
    every = list(forecasts)
    counts = np.array([one.count for one in every], float)[:, None]
    quantiles = np.array([one.quantiles for one in every], float)
    levels = np.array(LEVELS)
    above = counts - quantiles
    pinball = np.maximum(levels * above, (levels - 1) * above).mean(axis=1).sum()
    inside = (quantiles[:, :1] <= counts) & (counts <= quantiles[:, -1:])
    return {
        "forecasts": len(every),
        "wql": round(2 * float(pinball) / float(counts.sum()), 4),
        "coverage": round(float(inside.mean()), 3),
    }


def at_least(target: str, wanted: float, found: float) -> dict[str, Any]:
    """A row of targets."""
    return {
        "target": target,
        "wanted": f"at least {wanted}",
        "found": found,
        "met": found >= wanted,
    }


def at_most(target: str, wanted: float, found: float) -> dict[str, Any]:
    return {"target": target, "wanted": f"at most {wanted}", "found": found, "met": found <= wanted}


def within(target: str, low: float, high: float, found: float) -> dict[str, Any]:
    met = low <= found <= high
    return {"target": target, "wanted": f"{low} to {high}", "found": found, "met": met}
