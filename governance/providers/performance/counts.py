"""Counts of a rate by provider, service, market and lane: plain in windows, and faded with age."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, String, case, cast, func, null, select
from sqlmodel import Session

from governance.planning.counts import Counts, decay, total
from governance.providers.performance.models import Shipment
from governance.providers.performance.rates import NOW, Rate

WINDOWS = (7, 30, 90)
"""Days over which plain counts are kept."""

DAY = 86_400_000_000


class Cell(NamedTuple):
    """What is counted together: a provider, its service in a market, a lane of that."""

    provider_id: str
    service: str | None = None
    market: str | None = None
    lane: str | None = None


@dataclass(frozen=True)
class Seen:
    """Counts of a cell: all trials, hits and trials by window, and both faded."""

    trials: int
    windows: tuple[tuple[int, int], ...]
    faded: Counts

    @staticmethod
    def sum(every: Iterable["Seen"]) -> "Seen":
        """The counts of several cells together."""
        each = list(every)
        windows = zip(*(one.windows for one in each), strict=True)
        return Seen(
            sum(one.trials for one in each),
            tuple((sum(h for h, _ in window), sum(t for _, t in window)) for window in windows),
            total(one.faded for one in each),
        )


def counts_by_cell(session: Session, rate: Rate, now: int) -> dict[Cell, Seen]:
    """The counts of every cell that has any, at an instant (microseconds since 1970)."""
    rows = session.connection().execute(_question(rate), {"now": now}).fetchall()
    sums: dict[tuple[str, ...], _Sum] = defaultdict(_Sum)
    for provider_id, service, market, lane, age, trials, hits in rows:
        sums[provider_id, service, market, lane].add(age, hits, trials)
    return {Cell(*cell): one.seen() for cell, one in sums.items()}


@dataclass(slots=True)
class _Sum:
    """Counts of a cell while they are added up, a day at a time."""

    trials: int = 0
    hits_in: list[int] = field(default_factory=lambda: [0] * len(WINDOWS))
    trials_in: list[int] = field(default_factory=lambda: [0] * len(WINDOWS))
    faded_hits: float = 0.0
    faded_trials: float = 0.0

    def add(self, age: int, hits: int, trials: int) -> None:
        weight = _weight(age)
        self.trials += trials
        self.faded_hits += weight * hits
        self.faded_trials += weight * trials
        if age < WINDOWS[-1]:
            for place, window in enumerate(WINDOWS):
                if age < window:
                    self.hits_in[place] += hits
                    self.trials_in[place] += trials

    def seen(self) -> Seen:
        windows = tuple(zip(self.hits_in, self.trials_in, strict=True))
        return Seen(self.trials, windows, Counts(self.faded_hits, self.faded_trials))


@lru_cache(maxsize=4096)
def _weight(age: int) -> float:
    """What a trial weighs after so many days."""
    return decay(Counts(1, 1), age).trials


@lru_cache
def _question(rate: Rate) -> Select[Any]:
    """A row for every cell and age in whole days: trials and hits."""
    table = rate.model.__table__.c  # type: ignore[attr-defined]
    lane = table.lane if rate.model is Shipment else cast(null(), String)
    trials = (
        select(
            table.provider_id,
            table.service,
            table.market,
            lane.label("lane"),
            ((NOW - rate.at) // DAY).label("age"),
            case((rate.hit, 1), else_=0).label("hit"),
        )
        .where(rate.counts, rate.at <= NOW)
        .subquery()
        .c
    )
    cell = trials.provider_id, trials.service, trials.market, trials.lane, trials.age
    return select(*cell, func.count(), func.sum(trials.hit)).group_by(*cell)
