"""Finds decisions a page at a time, in the order of the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy
from sqlalchemy import func
from sqlmodel import Session, col, select

from governance.decisions.entry import timestamp
from governance.decisions.filters import Filters, conditions_at_once
from governance.decisions.models import Decision, DecisionVerdict, PersonalValues

Order = Literal["asc", "desc"]
_NOTHING_LEFT = "{}"
_COLUMNS = (
    col(Decision.sequence),
    col(Decision.decision_id),
    col(Decision.timestamp),
    col(Decision.gate),
    col(Decision.category),
    col(Decision.release),
    col(Decision.requested_by),
)


@dataclass(frozen=True)
class Found:
    """A decision without its texts; `timestamp` is RFC 3339, UTC.

    `verdicts` are by market, or under `""` where the gate knows no markets; `opened` says whether
    personal values of it still exist.
    """

    sequence: int
    decision_id: str
    timestamp: str
    gate: str
    category: str | None
    release: str
    requested_by: str
    verdicts: dict[str, str]
    opened: bool


def page(
    session: Session, filters: Filters, *, order: Order, after: int | None, limit: int
) -> list[Found]:
    """At most `limit` decisions that come after the sequence `after` in this order.

    A walk from page to page gives every matching decision once that was on the record when it
    began. One that was being written then may have a sequence behind the walk (PostgreSQL): the
    walk leaves it out, and the next walk has it.
    """
    sequence = col(Decision.sequence)
    wanted = conditions_at_once(filters)
    if filters.since is not None or filters.until is not None:
        stretch = _stretch(session, filters)
        if stretch is None:
            return []
        wanted.append(sequence.between(*stretch))
    if after is not None:
        wanted.append(sequence > after if order == "asc" else sequence < after)
    by_place = sequence.asc() if order == "asc" else sequence.desc()
    # Not the texts: they are most of a row.
    chosen = sqlalchemy.select(*_COLUMNS).where(*wanted).order_by(by_place).limit(limit)
    rows: Sequence[Any] = session.connection().execute(chosen).all()
    sequences = [row.sequence for row in rows]
    verdicts, opened = _verdicts(session, sequences), _opened(session, sequences)
    return [
        Found(
            sequence=row.sequence,
            decision_id=row.decision_id,
            timestamp=timestamp(row),
            gate=row.gate,
            category=row.category,
            release=row.release,
            requested_by=row.requested_by,
            verdicts=verdicts.get(row.sequence, {}),
            opened=row.sequence in opened,
        )
        for row in rows
    ]


def has_category(session: Session, category: str) -> bool:
    """Whether any decision on the record is about this category."""
    one = select(Decision.sequence).where(col(Decision.category) == category).limit(1)
    return session.exec(one).first() is not None


def _stretch(session: Session, filters: Filters) -> tuple[int, int] | None:
    """The first and the last sequence within the times of the filters, by the index on time.

    Without it a search for an old week would read its way there through all that came later.
    """
    # Computed, so that PostgreSQL does not look for the ends along the record, which is that way.
    sequence = col(Decision.sequence) + 0
    times = Filters(since=filters.since, until=filters.until)
    ends = select(func.min(sequence), func.max(sequence)).where(*conditions_at_once(times))
    first, last = session.exec(ends).one()
    return None if first is None else (first, last)


def _verdicts(session: Session, sequences: Sequence[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    of_page = select(DecisionVerdict).where(col(DecisionVerdict.sequence).in_(sequences))
    for row in session.exec(of_page.order_by(col(DecisionVerdict.market))):
        found.setdefault(row.sequence, {})[row.market] = row.verdict
    return found


def _opened(session: Session, sequences: Sequence[int]) -> set[int]:
    beginning = func.substr(PersonalValues.opened, 1, len(_NOTHING_LEFT))
    of_page = col(PersonalValues.sequence).in_(sequences)
    kept = select(PersonalValues.sequence).where(of_page, beginning != _NOTHING_LEFT)
    return set(session.exec(kept).all())
