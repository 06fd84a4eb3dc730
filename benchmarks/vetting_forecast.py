"""Each quarter's deliveries foretold from the quarters before it, by several ways of estimating."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean
from typing import Any

from vetting_shipments import Shipment, next_quarter, quarter_of

from governance.planning.beta import Beta
from governance.planning.counts import HALF_LIFE_DAYS, Counts, decay, total
from governance.planning.drift import drifted, fit_drift
from governance.planning.levels import fit_levels
from governance.planning.predictive import NextTrials
from governance.planning.rates import fit_prior, posterior

HALF_LIVES = (HALF_LIFE_DAYS, math.inf, 90.0, 365.0)
_HISTORY_QUARTERS = 4  # the first year only teaches
_SMOOTHINGS = {"add ½": 0.5, "add 1": 1.0}
_LARGE = 20  # shipments of a cell in a quarter
_NOTHING = Counts(0, 0)

Cell = tuple[str, ...]
GROUPINGS: dict[str, Callable[[Shipment], Cell]] = {
    "vendor": lambda one: (one.vendor,),
    "country": lambda one: (one.country,),
    "vendor, then country": lambda one: (one.vendor, one.country),
}


@dataclass(frozen=True)
class Range:
    """Whether a count fell in the P10 to P90 that was foretold of it.

    `share` is without the slack of whole numbers: the part of the count's own probability that
    lies between .1 and .9 of the distribution; over many well-foretold counts its mean is .80.
    """

    within: bool
    share: float


@dataclass(frozen=True)
class Outcome:
    """What one cell did in one quarter, and what was foretold of it."""

    on_time: int
    shipments: int
    rates: Mapping[str, float]  # the probability of "on time", by way of estimating
    known: Beta
    still: Range  # as if the rate stayed what it was
    drifting: Range

    def loss(self, way: str) -> float:
        rate, late = self.rates[way], self.shipments - self.on_time
        return -self.on_time * math.log(rate) - late * math.log1p(-rate)


def forecast(
    shipments: Sequence[Shipment], cell_of: Callable[[Shipment], Cell], half_life: float
) -> list[Outcome]:
    """Every cell of every quarter, foretold on the quarter's first day from what was known then."""
    faded: dict[Cell, Counts] = {}
    whole: dict[Cell, Counts] = {}
    outcomes: list[Outcome] = []
    until = quarter_of(shipments[0].scheduled)
    quarters = groupby(shipments, lambda one: quarter_of(one.scheduled))
    for number, (start, group) in enumerate(quarters):
        faded = {cell: decay(one, (start - until).days, half_life) for cell, one in faded.items()}
        quarter = _by_cell(group, cell_of)
        if number >= _HISTORY_QUARTERS:
            outcomes += _foretold(quarter, faded, whole, outcomes)
        until = next_quarter(start)
        faded = {cell: decay(one, (until - start).days, half_life) for cell, one in faded.items()}
        for cell, done in quarter.items():
            new = [(Counts(one.on_time, 1), (until - one.scheduled).days) for one in done]
            whole[cell] = total([whole.get(cell, _NOTHING), *(one for one, _ in new)])
            new_faded = (decay(one, age, half_life) for one, age in new)
            faded[cell] = total([faded.get(cell, _NOTHING), *new_faded])
    return outcomes


def _by_cell(
    group: Iterable[Shipment], cell_of: Callable[[Shipment], Cell]
) -> dict[Cell, list[Shipment]]:
    by_cell: dict[Cell, list[Shipment]] = defaultdict(list)
    for shipment in group:
        by_cell[cell_of(shipment)].append(shipment)
    return dict(by_cell)


def _foretold(
    quarter: Mapping[Cell, Sequence[Shipment]],
    faded: Mapping[Cell, Counts],
    whole: Mapping[Cell, Counts],
    past: Sequence[Outcome],
) -> list[Outcome]:
    drift = fit_drift((one.known, Counts(one.on_time, one.shipments)) for one in past)
    known = _posteriors(quarter, faded)
    simple = _simple_rates("all history", quarter, whole)
    simple_faded = _simple_rates("faded", quarter, faded)
    found = []
    for cell, done in quarter.items():
        on_time, count = sum(one.on_time for one in done), len(done)
        bayes = {way: beta.mean for way, beta in known[cell].items()}
        best = list(known[cell].values())[-1]
        found.append(
            Outcome(
                on_time,
                count,
                bayes | simple[cell] | simple_faded[cell],
                best,
                _range(best, on_time, count),
                _range(drifted(best, drift), on_time, count),
            )
        )
    return found


def _range(rate: Beta, on_time: int, count: int) -> Range:
    following = NextTrials(rate, count)
    low, _, high = following.quantiles()
    below = following.probability_at_most(on_time - 1)
    upto = following.probability_at_most(on_time)
    share = max(0.0, min(upto, 0.9) - max(below, 0.1)) / (upto - below)
    return Range(low <= on_time <= high, share)


def _posteriors(cells: Iterable[Cell], faded: Mapping[Cell, Counts]) -> dict[Cell, dict[str, Beta]]:
    """By empirical Bayes over all cells alike and, where cells are nested, through the levels."""
    prior = fit_prior(faded.values())
    found = {
        cell: {"empirical Bayes": posterior(prior, faded.get(cell, _NOTHING))} for cell in cells
    }
    if any(len(cell) > 1 for cell in faded):
        levels = fit_levels(faded)
        for cell, ways in found.items():
            ways["empirical Bayes, nested"] = levels.posterior(cell)
    return found


def _simple_rates(
    which: str, cells: Iterable[Cell], past: Mapping[Cell, Counts]
) -> dict[Cell, dict[str, float]]:
    """Pooled and raw past rates, smoothed so that no rate is 0 or 1.

    A raw rate of a cell without a past would be a guess of one half: it takes the pooled rate.
    """
    every = total(past.values())
    found: dict[Cell, dict[str, float]] = {}
    for cell in cells:
        own = past.get(cell, _NOTHING)
        rates = {}
        for smoothing, added in _SMOOTHINGS.items():
            pooled = (every.successes + added) / (every.trials + 2 * added)
            raw = (own.successes + added) / (own.trials + 2 * added)
            rates[f"pooled, {which}, {smoothing}"] = pooled
            rates[f"raw, {which}, {smoothing}"] = raw if own.trials else pooled
        found[cell] = rates
    return found


def scored(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Log-loss per shipment of every way, and how often counts fell where they were foretold."""
    shipments = sum(one.shipments for one in outcomes)
    return {
        "shipments": shipments,
        "cells": len(outcomes),
        "large_cells": sum(one.shipments >= _LARGE for one in outcomes),
        "log_loss": {
            way: round(math.fsum(one.loss(way) for one in outcomes) / shipments, 4)
            for way in outcomes[0].rates
        },
        "coverage": _coverage([(one.still, one.shipments) for one in outcomes]),
        "coverage_with_drift": _coverage([(one.drifting, one.shipments) for one in outcomes]),
    }


def _coverage(ranges: Sequence[tuple[Range, int]]) -> dict[str, float | None]:
    large = [one for one, shipments in ranges if shipments >= _LARGE]
    return {
        "counts": round(fmean(one.within for one, _ in ranges), 3),
        "without_slack": round(fmean(one.share for one, _ in ranges), 3),
        "large_cells": round(fmean(one.within for one in large), 3) if large else None,
    }


def measured(shipments: Sequence[Shipment], step: Callable[[str], None]) -> dict[str, Any]:
    """All groupings with all half-lives: `{grouping: {half-life in days or "none": scores}}`."""
    found: dict[str, dict[str, Any]] = {}
    for name, cell_of in GROUPINGS.items():
        found[name] = {}
        for half_life in HALF_LIVES:
            label = "none" if math.isinf(half_life) else f"{half_life:g}"
            step(f"Foretelling every quarter by {name}, half-life {label} …")
            found[name][label] = scored(forecast(shipments, cell_of, half_life))
    return found
