"""Counts of a rate by provider, service, market and lane: plain in windows, and faded with age."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import mul
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Double,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    select,
)
from sqlmodel import Session

from governance.planning.counts import Counts, decay, total
from governance.providers.performance.models import Shipment
from governance.providers.performance.rates import NOW, Rate

WINDOWS = (7, 30, 90)
"""Days over which plain counts are kept."""

DAY = 86_400_000_000

_BITS = 16  # of an age in days: 179 years


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


def counts_by_cell(
    session: Session, rate: Rate, now: int, provider_id: str | None = None
) -> dict[Cell, Seen]:
    """The counts of every cell that has any, at an instant (microseconds since 1970).

    Those of one provider, or of all.
    """
    values: dict[str, Any] = {"now": now}
    if provider_id is not None:
        values["provider"] = provider_id
    rows = session.connection().execute(_counts(rate, provider_id is not None), values)
    found = {}
    for provider, service, market, lane, trials, hits, misses, *windows in rows:
        pairs = zip(windows[::2], windows[1::2], strict=True)
        faded = Counts(hits, hits + misses)
        found[Cell(provider, service, market, lane)] = Seen(trials, tuple(pairs), faded)
    return found


def faded_counts(session: Session, rate: Rate, now: int) -> dict[Cell, Counts]:
    """The faded counts of every provider's services in markets, lanes together, at an instant."""
    rows = session.connection().execute(_faded_counts(rate), {"now": now})
    return {Cell(*cell): Counts(hits, hits + misses) for *cell, hits, misses in rows}


def daily_counts(
    session: Session, rate: Rate, now: int, provider_id: str, days: int
) -> dict[Cell, list[tuple[int, int, int]]]:
    """By service and market of a provider: age in whole days, hits and trials of the latest days.

    Lanes together; days without trials are left out.
    """
    values = {"now": now, "provider": provider_id, "days": days}
    found: dict[Cell, list[tuple[int, int, int]]] = {}
    for service, market, age, hits, trials in session.connection().execute(_daily(rate), values):
        found.setdefault(Cell(provider_id, service, market), []).append((age, hits, trials))
    return found


@lru_cache
def _counts(rate: Rate, of_one: bool) -> Select[Any]:
    """A row for every cell: trials, faded hits and misses, hits and trials of every window."""
    trial = _trials(rate, of_one)
    windows = [
        func.sum(case((trial.age < days, counted), else_=0))
        for days in WINDOWS
        for counted in (trial.hit, literal(1))
    ]
    cell = trial.provider_id, trial.service, trial.market, trial.lane
    return select(*cell, func.count(), *_faded(trial), *windows).group_by(*cell)


@lru_cache
def _faded_counts(rate: Rate) -> Select[Any]:
    trial = _trials(rate, of_one=False)
    cell = trial.provider_id, trial.service, trial.market
    return select(*cell, *_faded(trial)).group_by(*cell)


@lru_cache
def _daily(rate: Rate) -> Select[Any]:
    trial = _trials(rate, of_one=True)
    day = trial.service, trial.market, trial.age
    asked = select(*day, func.sum(trial.hit), func.count()).where(trial.age < bindparam("days"))
    return asked.group_by(*day)


def _trials(rate: Rate, of_one: bool) -> Any:
    """The columns of all trials of a rate: its cell, its age in whole days, 1 for a hit."""
    table = rate.model.__table__.c  # type: ignore[attr-defined]
    lane = table.lane if rate.model is Shipment else cast(null(), String)
    asked = select(
        table.provider_id,
        table.service,
        table.market,
        lane.label("lane"),
        ((NOW - rate.at) // DAY).label("age"),
        case((rate.hit, 1), else_=0).label("hit"),
    ).where(rate.counts, rate.at <= NOW)
    if of_one:
        asked = asked.where(table.provider_id == bindparam("provider"))
    return asked.subquery().c


def _faded(trial: Any) -> Iterator[ColumnElement[float]]:
    """The sums of what hits and misses weigh now."""
    weight, nothing = _weight(trial.age), literal(0.0, Double)
    for hit in (1, 0):
        yield func.sum(case((trial.hit == hit, weight), else_=nothing))


def _weight(age: ColumnElement[int]) -> ColumnElement[float]:
    """What a trial of this age weighs: the product of what each binary digit of the age leaves.

    Fading by 8 days, then by 1, is fading by 9; and a power is nothing that every SQLite knows.
    """
    whole = literal(1.0, Double)
    digits = [
        case(
            (age.bitwise_and(1 << bit) != 0, literal(decay(Counts(1, 1), 1 << bit).trials, Double)),
            else_=whole,
        )
        for bit in range(_BITS)
    ]
    return reduce(mul, digits)
