"""Conversion by region and month of a real shop, foretold from other sessions of it."""

import csv
import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from planning_scores import LEVELS, Foretold, scored
from scipy.stats import binom

from governance.planning.beta import Beta
from governance.planning.conversion import Cell, PastRate, fit_conversion
from governance.planning.counts import Counts
from governance.planning.predictive import NextTrials

FILE = "online_shoppers_intention.csv"
HALVES, FEWEST = 20, 40  # sessions that a cell has in all, to be scored
_HIDDEN = 0.2  # of all cells
_SMOOTHINGS = {"add ½": 0.5, "add 1": 1.0}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "June", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Session(NamedTuple):
    """A visit to the shop, and whether it bought."""

    region: str
    month: str
    bought: bool

    @property
    def cell(self) -> Cell:
        return (self.region, self.month, "the shop")

    @property
    def day(self) -> date:
        """The first of its month; the year is not told, and all are of one."""
        return datetime(2018, _MONTHS.index(self.month) + 1, 1, tzinfo=UTC).date()


def read_sessions(folder: Path) -> list[Session]:
    """All sessions, in the order of the file."""
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    return [Session(row["Region"], row["Month"], row["Revenue"] == "TRUE") for row in rows]


def _counted(sessions: Sequence[Session]) -> dict[Cell, Counts]:
    by_cell: dict[Cell, list[bool]] = defaultdict(list)
    for one in sessions:
        by_cell[one.cell].append(one.bought)
    return {cell: Counts(sum(those), len(those)) for cell, those in by_cell.items()}


def _known(counts: Mapping[Cell, Counts], cells: Sequence[Cell]) -> dict[Cell, Beta]:
    day = date(2018, 12, 31)
    rows = [PastRate(*cell, day, one) for cell, one in counts.items()]
    learnt = fit_conversion(rows, day)
    return {cell: learnt.known(cell) for cell in cells}


def _next(rate: Beta, counts: Counts) -> Foretold:
    """By the beta-binomial of as many sessions as there were."""
    return Foretold(counts.successes, NextTrials(rate, int(counts.trials)).quantiles(LEVELS))


def _plain(rate: float, counts: Counts) -> Foretold:
    """By the binomial of a rate that is taken for known."""
    return Foretold(counts.successes, binom.ppf(LEVELS, int(counts.trials), rate))


def _loss(rate: float, counts: Counts) -> float:
    return -counts.successes * math.log(rate) - counts.failures * math.log1p(-rate)


def halves(sessions: Sequence[Session], fewest: int) -> dict[str, Any]:
    """Every cell's second half foretold from the first halves of all, over random halves."""
    whole = _counted(sessions)
    cells = sorted(cell for cell, counts in whole.items() if counts.trials >= fewest)
    forecasts: dict[str, list[Foretold]] = defaultdict(list)
    losses: dict[str, float] = defaultdict(float)
    count = 0.0
    coverages = []
    for half in range(HALVES):
        first = np.random.default_rng(half).random(len(sessions)) < 0.5
        taught = _counted([one for one, mine in zip(sessions, first, strict=True) if mine])
        tested = _counted([one for one, mine in zip(sessions, first, strict=True) if not mine])
        scoring = [cell for cell in cells if cell in tested]
        every = Counts(
            sum(one.successes for one in taught.values()),
            sum(one.trials for one in taught.values()),
        )
        ours = []
        for cell, rate in _known(taught, scoring).items():
            outcome, own = tested[cell], taught.get(cell, Counts(0, 0))
            count += outcome.trials
            ours.append(_next(rate, outcome))
            losses["empirical Bayes"] += _loss(rate.mean, outcome)
            for name, added in _SMOOTHINGS.items():
                pooled = (every.successes + added) / (every.trials + 2 * added)
                raw = (own.successes + added) / (own.trials + 2 * added) if own.trials else pooled
                for way, simple in (("raw", raw), ("pooled", pooled)):
                    forecasts[f"{way}, {name}"].append(_plain(simple, outcome))
                    losses[f"{way}, {name}"] += _loss(simple, outcome)
        forecasts["empirical Bayes"] += ours
        coverages.append(scored(ours)["coverage"])
    ways = {
        way: scored(forecasts[way]) | {"log_loss": round(loss / count, 4)}
        for way, loss in losses.items()
    }
    return {"cells": len(cells), "ways": ways, "least": min(coverages), "most": max(coverages)}


def unseen(sessions: Sequence[Session]) -> dict[str, Any]:
    """Cells that were hidden altogether, a fifth at a time, foretold from all others."""
    whole = _counted(sessions)
    cells = sorted(whole)
    forecasts = []
    for draw in range(HALVES):
        hidden = np.random.default_rng([draw, 1]).random(len(cells)) < _HIDDEN
        new = [cell for cell, away in zip(cells, hidden, strict=True) if away]
        rates = _known({cell: one for cell, one in whole.items() if cell not in new}, new)
        forecasts += [
            _next(rate, whole[cell]) for cell, rate in rates.items() if whole[cell].trials >= FEWEST
        ]
    return scored(forecasts)


def months_ahead(sessions: Sequence[Session]) -> dict[str, Any]:
    """Each region's month foretold from the months before it, the drift learnt from these too."""
    rows = [
        PastRate(cell[0], "all", "the shop", Session(*cell[:2], False).day, counts)
        for cell, counts in _counted(sessions).items()
    ]
    forecasts, still = [], []
    for day in sorted({one.launched_on for one in rows})[3:]:
        learnt = fit_conversion([one for one in rows if one.launched_on < day], day)
        for one in rows:
            if one.launched_on == day and one.counts.trials >= FEWEST:
                forecasts.append(_next(learnt.forecast(one.cell).rate, one.counts))
                still.append(_next(learnt.known(one.cell), one.counts))
    return {"with drift": scored(forecasts), "as if rates stayed": scored(still)}


def measured(data: Path, step: Callable[[str], None]) -> dict[str, Any]:
    """All figures; the data is read from the folder."""
    sessions = read_sessions(data)
    step("Foretelling conversion of the other half …")
    large, all_cells = halves(sessions, FEWEST), halves(sessions, 1)
    step("Foretelling conversion of unseen cells and of months ahead …")
    return {
        "sessions": len(sessions), "halves": large, "halves_all_cells": all_cells,
        "unseen": unseen(sessions), "months_ahead": months_ahead(sessions),
    }  # fmt: skip
