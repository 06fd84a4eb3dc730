"""Counts decisions by what they are found by: gate, category, release, day, market, verdict."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
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
_VALUE: ColumnElement[str] = literal_column("value")
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
    newest_first = _VALUE.desc()
    counts = [
        _total(filters),
        _by("gate", col(Decision.gate), filters),
        _by("category", col(Decision.category), filters),
        _by("release", col(Decision.release), filters),
        _by("day", _day(session), filters, newest_first, MOST_DAYS + 1),
        _answers(filters),
    ]
    # SQLite takes a limit only in a SELECT of its own.
    rows = session.connection().execute(union_all(*(select(count.subquery()) for count in counts)))
    total = 0
    found = {name: Counter[str]() for name in _MOST}
    for facet, value, verdict, count in rows:
        if facet == "total":
            total = count
        elif facet == "market":
            found["verdict"][verdict] += count
            if value:
                found["market"][value] += count
        elif value is not None:
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


def _total(filters: Filters) -> Select[Any]:
    return (
        _row("total", _NONE, func.count()).select_from(Decision).where(*conditions_at_once(filters))
    )


def _by(
    name: str,
    value: SQLColumnExpression[Any],
    filters: Filters,
    order: SQLColumnExpression[Any] | None = None,
    most: int = MOST_VALUES + 1,
) -> Select[Any]:
    count = func.count()
    found = _row(name, value, count).where(*conditions_at_once(filters), value.is_not(None))
    orders = (count.desc(), _VALUE) if order is None else (order,)
    return found.group_by(_VALUE).order_by(*orders).limit(most)


def _answers(filters: Filters) -> Select[Any]:
    """Bounded by the countries that there are, times the verdicts."""
    market, verdict = col(DecisionVerdict.market), col(DecisionVerdict.verdict)
    found = _row("market", market, func.count(), verdict).where(*conditions_on_answers(filters))
    of_decision = conditions_but_answers(filters)
    if of_decision:
        found = found.join(Decision, col(Decision.sequence) == col(DecisionVerdict.sequence))
    return found.where(*of_decision).group_by(market, verdict)


def _row(
    facet: str,
    value: SQLColumnExpression[Any],
    count: SQLColumnExpression[int],
    verdict: SQLColumnExpression[Any] | None = None,
) -> Select[Any]:
    columns: list[SQLColumnExpression[Any]] = [
        literal(facet).label("facet"),
        value.label("value"),
        (_NONE if verdict is None else verdict).label("verdict"),
        count.label("n"),
    ]
    return select(*columns)


def _day(session: Session) -> SQLColumnExpression[str]:
    """The day of a decision in UTC, ISO 8601."""
    instant = col(Decision.timestamp)
    if session.connection().dialect.name == "sqlite":
        return func.substr(instant, literal_column("1"), literal_column("10"), type_=String)
    return cast(cast(func.timezone(literal_column("'UTC'"), instant), Date), String)
