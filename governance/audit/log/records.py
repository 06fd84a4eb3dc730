"""The recorded decisions in the order of the log, each checked against what is filed beside it."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row, select
from sqlmodel import Session, col

from governance.audit.models import LogEntry
from governance.decisions.entry import COLUMNS, entry
from governance.decisions.models import Decision, DecisionVerdict, PersonalValues
from governance.decisions.personal import bucket, matching
from governance.gates.filing import BY_GATE, Filing
from governance.transparency.commitment import opens
from governance.transparency.tree import leaf_hash

_AT_ONCE = 1_000
_read = msgspec.json.Decoder().decode
_COLUMNS = (
    col(LogEntry.entry_index),
    col(LogEntry.sequence).label("placed"),
    *COLUMNS,
    col(Decision.category),
    col(PersonalValues.bucket),
    col(PersonalValues.opened),
)


class Placed(NamedTuple):
    """A decision at its place: its leaf, and what is wrong with what is filed beside it, if so."""

    place: int
    sequence: int
    decision_id: str
    leaf_hash: bytes
    openings: int
    wrong: str | None


class Gone(NamedTuple):
    """A place without a decision."""

    place: int
    why: str


def placed(
    session: Session, start: int, end: int, progress: Callable[[int], None] | None = None
) -> Iterator[Placed | Gone]:
    """What stands at the places `start` to `end` - 1; after a `Gone` nothing follows.

    `progress` is told at every thousand how many places are read.
    """
    for first in range(start, end, _AT_ONCE):
        after = min(first + _AT_ONCE, end)
        rows, verdicts = _page(session, first, after), _verdicts(session, first, after)
        if progress is not None:
            progress(after)
        for index in range(first, after):
            row = rows.get(index)
            if row is None or row.decision_id is None:
                why = "is given to no decision" if row is None else f"({row.placed}) is deleted"
                yield Gone(index, why)
                return
            yield _checked(row, verdicts.get(index, {}))


def _page(session: Session, first: int, after: int) -> dict[int, Row[Any]]:
    query = (
        select(*_COLUMNS)
        .select_from(LogEntry)
        .outerjoin(Decision, col(Decision.sequence) == col(LogEntry.sequence))
        .outerjoin(PersonalValues, col(PersonalValues.sequence) == col(LogEntry.sequence))
        .where(col(LogEntry.entry_index) >= first, col(LogEntry.entry_index) < after)
    )
    return {row.entry_index: row for row in session.connection().execute(query).all()}


def _verdicts(session: Session, first: int, after: int) -> dict[int, dict[str, str]]:
    query = (
        select(col(LogEntry.entry_index), col(DecisionVerdict.market), col(DecisionVerdict.verdict))
        .join(DecisionVerdict, col(DecisionVerdict.sequence) == col(LogEntry.sequence))
        .where(col(LogEntry.entry_index) >= first, col(LogEntry.entry_index) < after)
    )
    found: dict[int, dict[str, str]] = {}
    for index, market, verdict in session.connection().execute(query).all():
        found.setdefault(index, {})[market] = verdict
    return found


def _checked(row: Row[Any], verdicts: Mapping[str, str]) -> Placed:
    wrong, openings = None, 0
    try:
        filed, recorded = BY_GATE[row.gate], _read(row.input)
        if filed.verdicts(_read(row.result)) != verdicts:
            wrong = "its rows of verdicts, by which it is found, differ from its result"
        elif filed.category(recorded) != row.category:
            wrong = f"it is filed under the category {row.category!r}, not that of its input"
        elif row.opened is not None:
            wrong, openings = _check_openings(row, filed, recorded)
    except (LookupError, TypeError, ValueError) as error:
        wrong = f"it is not of the form of its gate, {row.gate!r} ({type(error).__name__})"
    return Placed(
        row.entry_index, row.placed, row.decision_id, leaf_hash(entry(row)), openings, wrong
    )


def _check_openings(row: Row[Any], filed: Filing, recorded: Any) -> tuple[str | None, int]:
    """What is wrong with the personal values kept of a decision, and how many there are."""
    opened = _read(row.opened)
    if not opened:
        return None, 0  # erased
    if filed.personal is None:
        return "personal values are kept of it, and its gate has none", 0
    for pointer, opening in opened.items():
        if not _is_personal(pointer, filed.personal.fields):
            return f"a value is kept for {pointer}, which is no personal field of its gate", 0
        salt, value = bytes.fromhex(opening["salt"]), opening["value"]
        if not opens(_at(recorded, pointer), salt, value):
            return f"what is kept of {pointer} does not open the commitment in its input", 0
    subject = opened.get(filed.personal.subject)
    if subject is not None and row.bucket != bucket(str(subject["value"])):
        return "its personal values are kept under another person's bucket", 0
    return None, len(opened)


_is_personal = lru_cache(matching)


def _at(document: Any, pointer: str) -> Any:
    for segment in _segments(pointer):
        document = document[int(segment) if isinstance(document, list) else segment]
    return document


@lru_cache(maxsize=1_000)
def _segments(pointer: str) -> list[str]:
    return pointer.split("/")[1:]
