"""How real totals fall on regions and countries, each period's foretold from those before it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import compress, groupby
from pathlib import Path
from typing import Any

import numpy as np
from planning_conversion import read_sessions
from planning_scores import LEVELS, Foretold, scored
from vetting_shipments import FILE, quarter_of, read_shipments

from governance.planning.split import Split, fit_split

_HISTORY, _FUTURES = 3, 2_000
_FEWEST = 5  # foretold by the median; ranges of fewer are coarse, and hold more than they say


def _foretold(periods: Sequence[Mapping[str, int]]) -> dict[str, Any]:
    """By Dirichlet-multinomial and by fixed shares; a country never counted before is left out."""
    forecasts: dict[str, list[Foretold]] = {"dirichlet": [], "fixed shares": []}
    for at in range(_HISTORY, len(periods)):
        learnt = fit_split(periods[:at])
        sums: Counter[str] = Counter()
        for one in periods[:at]:
            sums.update(one)
        pooled = {country: sums[country] / sums.total() for country in learnt.shares}
        fixed = Split(pooled, float("inf"))
        now = {country: periods[at].get(country, 0) for country in learnt.shares}
        chance = np.random.default_rng(at)
        for way, split in (("dirichlet", learnt), ("fixed shares", fixed)):
            drawn = split.sample(np.full(_FUTURES, sum(now.values())), chance)
            quantiles = np.quantile(drawn, LEVELS, axis=0, method="inverted_cdf").T
            forecasts[way] += map(Foretold, now.values(), quantiles)
    # the same countries for both ways, chosen without their outcome
    kept = [one.quantiles[len(LEVELS) // 2] >= _FEWEST for one in forecasts["dirichlet"]]
    return {way: scored(compress(those, kept)) for way, those in forecasts.items()}


def measured(data: Path, step: Callable[[str], None]) -> dict[str, Any]:
    """Scores of sessions by region and month, and of shipments by country and quarter."""
    step("Foretelling how totals fall on countries …")
    sessions = sorted(read_sessions(data), key=lambda one: one.day)
    months = [
        Counter(one.region for one in group) for _, group in groupby(sessions, lambda one: one.day)
    ]
    found = {"sessions by region": _foretold(months)}
    if (data / FILE).is_file():
        quarters = groupby(read_shipments(data), lambda one: quarter_of(one.scheduled))
        shipped = [Counter(one.country for one in group) for _, group in quarters]
        found["shipments by country"] = _foretold(shipped)
    return found
