"""Counts decisions by what they are found by: gate, category, release, day, market, verdict."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    Select,
    SQLColumnExpression,
    String,
    cast,
    func,
    literal,
    literal_column,
    select,
    union_all,
)
from sqlmodel import Session, col

from governance.decisions.filters import (
    Filters,
    conditions_at_once,
    conditions_but_answers,
    conditions_on_answers,
)
from governance.decisions.models import Decision, DecisionVerdict

MOST_VALUES = 250
MOST_DAYS = 366
_MOST = dict.fromkeys(("gate", "category", "release", "market", "verdict"), MOST_VALUES)
_MOST["day"] = MOST_DAYS
_NONE = literal(None, String)


@dataclass(frozen=True)
class Facets:
    """How often each value occurs: the most frequent first, days the newest first.

    `gate`, `category`, `release` and `day` (UTC) count decisions; `market` and `verdict` count
    answers, which are one decision about one market (one a decision for a gate that knows none).
    Of answers only those count that have the market and verdict of the filters, where these name
    one. `cut` names what has more values than the 250 (days: 366) that are given.
    """

    total: int
    gate: dict[str, int]
    category: dict[str, int]
    release: dict[str, int]
    day: dict[str, int]
    market: dict[str, int]
    verdict: dict[str, int]
    cut: tuple[str, ...]


def facets(session: Session, filters: Filters) -> Facets:
    """The facets of what the filters mean, by one statement: they agree while others append."""
    meant = _meant(session, filters)
    counts = [
        _row("total", _NONE).select_from(meant),
        *(_by(name, meant.c[name], _MOST[name]) for name in ("gate", "category", "release", "day")),
        _answers(filters, meant),
    ]
    # SQLite takes a limit only in a SELECT of its own.
    rows = session.connection().execute(union_all(*(select(count.subquery()) for count in counts)))
    total = 0
    found = {name: Counter[str]() for name in _MOST}
    for facet, value, verdict, count in rows:
        if facet == "total":
            total = count
        elif facet == "answers":
            found["verdict"][verdict] += count
            if value:
                found["market"][value] += count
        else:
            found[facet][value] = count
    cut = tuple(name for name, most in _MOST.items() if len(found[name]) > most)
    return Facets(total=total, cut=cut, **{name: _first(name, found[name]) for name in found})


def _first(name: str, counted: Counter[str]) -> dict[str, int]:
    """As many as are given, in their order."""
    if name == "day":
        ordered = sorted(counted.items(), reverse=True)
    else:
        ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return dict(ordered[: _MOST[name]])


def _meant(session: Session, filters: Filters) -> CTE:
    """What the filters mean, without the texts: read once, counted several times."""
    columns: list[SQLColumnExpression[Any]] = [
        col(Decision.sequence).label("sequence"),
        col(Decision.gate).label("gate"),
        col(Decision.category).label("category"),
        col(Decision.release).label("release"),
        _day(session).label("day"),
    ]
    return select(*columns).where(*conditions_at_once(filters, looked_up=False)).cte("meant")


def _by(name: str, value: ColumnElement[Any], most: int) -> Select[Any]:
    """One value more than is given, so that it is seen that there are more."""
    first = (value.desc(),) if name == "day" else (func.count().desc(), value)
    counted = _row(name, value).where(value.is_not(None)).group_by(value)
    return counted.order_by(*first).limit(most + 1)


def _answers(filters: Filters, meant: CTE) -> Select[Any]:
    """Bounded by the countries that there are, times the verdicts."""
    market, verdict = col(DecisionVerdict.market), col(DecisionVerdict.verdict)
    found = _row("answers", market, verdict).where(*conditions_on_answers(filters))
    if conditions_but_answers(filters):
        # Computed, so that the index on market and verdict is read from end to end.
        sequence = col(DecisionVerdict.sequence) + 0
        found = found.where(sequence.in_(select(meant.c.sequence)))
    return found.group_by(market, verdict)


def _row(
    facet: str, value: SQLColumnExpression[Any], verdict: SQLColumnExpression[Any] = _NONE
) -> Select[Any]:
    columns: list[SQLColumnExpression[Any]] = [
        literal(facet).label("facet"),
        value.label("value"),
        verdict.label("verdict"),
        func.count().label("n"),
    ]
    return select(*columns)


def _day(session: Session) -> SQLColumnExpression[str]:
    """The day of a decision in UTC, ISO 8601."""
    instant = col(Decision.timestamp)
    if session.connection().dialect.name == "sqlite":
        return func.substr(instant, literal_column("1"), literal_column("10"), type_=String)
    return cast(cast(func.timezone(literal_column("'UTC'"), instant), Date), String)
