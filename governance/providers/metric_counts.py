"""Counts of a rate by provider, service, market and lane: plain in windows, and faded with age."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, String, case, cast, func, null, select
from sqlmodel import Session

from governance.planning.counts import Counts, decay, total
from governance.providers.metric_rates import NOW, Rate
from governance.providers.performance_models import Shipment

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
    rows = session.connection().execute(_question(rate), {"now": now})
    by_cell: dict[Cell, list[tuple[int, int, int]]] = {}
    for provider_id, service, market, lane, age, trials, hits in rows:
        cell = Cell(provider_id, service, market, lane)
        by_cell.setdefault(cell, []).append((age, int(hits), int(trials)))
    return {cell: _seen(days) for cell, days in by_cell.items()}


def _seen(days: Iterable[tuple[int, int, int]]) -> Seen:
    each = list(days)
    windows = tuple(
        (
            sum(hits for age, hits, _ in each if age < window),
            sum(trials for age, _, trials in each if age < window),
        )
        for window in WINDOWS
    )
    faded = total(decay(Counts(hits, trials), age) for age, hits, trials in each)
    return Seen(sum(trials for _, _, trials in each), windows, faded)


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
