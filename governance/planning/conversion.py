"""A rate by country, category and creator, learnt from past drops: visits, orders or returns.

Drops are cold starts, so a cell leans on its parents (`levels`): a creator on the category in that
country, that on the country, that on the platform. Old drops fade with a half-life of 180 days, and
the next drop's rate is another draw around what is known (`drift`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from governance.planning.beta import Beta
from governance.planning.counts import HALF_LIFE_DAYS, Counts, decay, total
from governance.planning.drift import drifted, fit_drift
from governance.planning.kinship import kinship
from governance.planning.levels import Levels, fit_levels

Level = Literal["platform", "country", "category", "creator"]
Cell = tuple[str, str, str]

LEVELS: tuple[Level, ...] = ("platform", "country", "category", "creator")
ASSUMED_SPREAD = 30.0
"""Concentration of a spread that no past drop tells, an assumption: rates of 3 % then differ by a
standard deviation of as much again."""
_REHEARSALS = 8


@dataclass(frozen=True, slots=True)
class PastRate:
    """What one past drop counted in one country: orders among visits, say."""

    country: str
    category: str
    creator: str
    launched_on: date
    counts: Counts

    @property
    def cell(self) -> Cell:
        return (self.country, self.category, self.creator)


@dataclass(frozen=True)
class RateForecast:
    """The rate of a cell's next drop, and what the forecast rests on.

    `level` is the deepest that has counted anything, `own_trials` the cell's own faded trials,
    `known_trials` as many as all knowledge of its past rate is worth; the forecast itself
    (`rate.concentration`) is worth fewer, as rates move from drop to drop.
    """

    rate: Beta
    level: Level
    own_trials: float
    known_trials: float

    @property
    def range(self) -> tuple[float, ...]:
        """P10, P50 and P90 of the rate."""
        return self.rate.quantiles()


@dataclass(frozen=True)
class Conversion:
    """What is known of a rate in every cell on a day.

    `depths` are the levels that past drops can tell apart (0 country, 1 category, 2 creator),
    `drift` how alike a cell's drops are (a concentration), `kinship` how far countries of one drop
    err together, from 0 to 1.
    """

    levels: Levels
    depths: tuple[int, ...]
    cells: frozenset[Cell]
    drift: float
    kinship: float

    def known(self, cell: Cell) -> Beta:
        """The rate that the cell had in its past; for a new cell what its parents foretell.

        Wider by `ASSUMED_SPREAD` for a name on a level that past drops could not tell apart.
        """
        known = self.levels.posterior(self._path(cell))
        for depth in range(len(cell)):
            if depth not in self.depths and not self._met(cell, depth):
                known = drifted(known, ASSUMED_SPREAD)
        return known

    def forecast(self, cell: Cell) -> RateForecast:
        """The rate of the cell's next drop."""
        known = self.known(cell)
        own = self.levels.leaves.get(self._path(cell)) if cell in self.cells else None
        deepest = max(
            depth for depth in range(4) if any(one[:depth] == cell[:depth] for one in self.cells)
        )
        return RateForecast(
            drifted(known, self.drift),
            LEVELS[deepest],
            own.trials if own else 0.0,
            known.concentration,
        )

    def _path(self, cell: Cell) -> tuple[str, ...]:
        return tuple(cell[depth] for depth in self.depths)

    def _met(self, cell: Cell, depth: int) -> bool:
        """Whether this name was there before, in whatever country."""
        part = slice(1, depth + 1) if depth else slice(1)
        return any(one[part] == cell[part] for one in self.cells)


def fit_conversion(
    past: Sequence[PastRate], on: date, half_life_days: float = HALF_LIFE_DAYS
) -> Conversion:
    """Learn the rates that are known on this day.

    Drift and kinship are learnt by rehearsal: the latest launch days are foretold from what came
    before each, and compared with what happened. With a single launch day there is nothing to
    rehearse, and drift is `ASSUMED_SPREAD`. ValueError for no trial at all and for launches after
    the day.
    """
    known = _fit(past, on, half_life_days)
    days = sorted({one.launched_on for one in past if one.counts.trials > 0})
    rehearsed: list[tuple[PastRate, Beta]] = []
    for day in days[1:][-_REHEARSALS:]:
        before = _fit([one for one in past if one.launched_on < day], day, half_life_days)
        of_day = (one for one in past if one.launched_on == day and one.counts.trials > 0)
        rehearsed += ((one, before.known(one.cell)) for one in of_day)
    if not rehearsed:
        return known
    drift = fit_drift((rate, one.counts) for one, rate in rehearsed)
    by_drop: dict[tuple[str, str, date], list[tuple[Beta, Counts]]] = {}
    for one, rate in rehearsed:
        drop = (one.category, one.creator, one.launched_on)
        by_drop.setdefault(drop, []).append((drifted(rate, drift), one.counts))
    return Conversion(known.levels, known.depths, known.cells, drift, kinship(by_drop.values()))


def _fit(past: Sequence[PastRate], on: date, half_life_days: float) -> Conversion:
    counted = [one for one in past if one.counts.trials > 0]
    if not counted:
        raise ValueError("past: no drop has counted anything, so no rate can be learnt")
    cells = frozenset(one.cell for one in counted)
    depths = tuple(depth for depth in range(3) if _told_apart(cells, depth)) or (0,)
    by_path: dict[tuple[str, ...], list[Counts]] = {}
    for one in counted:
        path = tuple(one.cell[depth] for depth in depths)
        faded = decay(one.counts, (on - one.launched_on).days, half_life_days)
        by_path.setdefault(path, []).append(faded)
    levels = fit_levels({path: total(counts) for path, counts in by_path.items()})
    return Conversion(levels, depths, cells, ASSUMED_SPREAD, 0.0)


def _told_apart(cells: frozenset[Cell], depth: int) -> bool:
    """Whether any parent has two children there: a child alone says nothing of how they differ."""
    children = {cell[: depth + 1] for cell in cells}
    return len(children) > len({cell[:depth] for cell in cells})
