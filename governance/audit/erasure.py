"""Erases personal values: in the table that holds them, and what is left of them in the files.

The record keeps its commitments, so every proof still verifies. From which decisions something was
erased and why is on the record; whose it was is not.
"""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic_core import from_json
from sqlalchemy import ColumnElement, Engine, bindparam
from sqlmodel import Session, col, select, text, update

from governance.access.caller import Caller, authorize
from governance.audit.masks import retain_days
from governance.db import transaction
from governance.decisions.models import Decision, PersonalValues
from governance.decisions.personal import PersonalFields, bucket
from governance.errors import FieldError, InvalidRequest, StorageUnavailable
from governance.gates.filing import BY_GATE
from governance.gates.pipeline import Pipeline

ACTION = "personal:erase"
_NOTHING = "{}"
_AT_ONCE = 5_000  # decisions in one transaction, so that nobody waits long for the writer's lock
_WAIT_SECONDS = 60.0  # for readers that keep SQLite from emptying its write-ahead log

Found = tuple[int, str, int]  # sequence, decision id, bytes of the text to be blanked


@dataclass(frozen=True)
class Erased:
    """From how many decisions values were erased, and the ids of the records that say so."""

    decisions: int
    records: tuple[str, ...]


def erase_subject(pipeline: Pipeline, caller: Caller, subject: str, reason: str) -> Erased:
    """Erase the values of every decision about a subject: the id of a seller.

    Raises InvalidRequest without a reason, Forbidden where the policy says no (on the record), and
    StorageUnavailable where old copies could not be removed from the files yet: ask again then.
    """
    _allow(pipeline, caller, reason)
    by_bucket = col(PersonalValues.bucket) == bucket(subject)
    return _erase(pipeline, caller, reason, [by_bucket], subject)


def erase_expired(pipeline: Pipeline, caller: Caller) -> Erased:
    """Erase the values that are kept longer than `policies/audit` lets each gate keep them.

    Raises as `erase_subject` does.
    """
    _allow(pipeline, caller, "retention")
    total = 0
    records: list[str] = []
    for gate, filed in BY_GATE.items():
        if filed.personal is None:
            continue
        days = retain_days(caller.gates, gate)
        old = col(Decision.timestamp) < datetime.now(UTC) - timedelta(days=days)
        reason = f"retention: kept for {days} days"
        erased = _erase(pipeline, caller, reason, [col(Decision.gate) == gate, old], None)
        total += erased.decisions
        records.extend(erased.records)
    return Erased(total, tuple(records))


def _allow(pipeline: Pipeline, caller: Caller, reason: str) -> None:
    if not reason.strip():
        why = "Say why: the reason goes on the record"
        raise InvalidRequest(why, errors=[FieldError("reason", why, "and name nobody in it")])
    authorize(pipeline, caller, ACTION, {"reason": reason})


def _erase(
    pipeline: Pipeline,
    caller: Caller,
    reason: str,
    where: Sequence[ColumnElement[bool]],
    subject: str | None,
) -> Erased:
    total = 0
    records: list[str] = []
    after: int | None = 0
    while after is not None:
        with transaction(pipeline.engine, write=True) as session:
            found, after = _next(session, where, subject, after)
            if found:
                _blank(session, found)
                ids = [decision_id for _, decision_id, _ in found]
                records.append(_put_on_record(session, caller, reason, ids))
                total += len(found)
    remove_old_copies(pipeline.engine)
    return Erased(total, tuple(records))


def _next(
    session: Session,
    where: Sequence[ColumnElement[bool]],
    subject: str | None,
    after: int,
) -> tuple[list[Found], int | None]:
    """What is to be erased among the next rows after a sequence, and where the rest begins."""
    query = (
        select(Decision.sequence, Decision.decision_id, Decision.gate, PersonalValues.opened)
        .join(PersonalValues, col(PersonalValues.sequence) == col(Decision.sequence))
        .where(col(Decision.sequence) > after, *where)
        .order_by(col(Decision.sequence))
        .limit(_AT_ONCE)
        .with_for_update(of=PersonalValues)
    )
    rows = session.exec(query).all()
    found = [
        (sequence, decision_id, len(opened))
        for sequence, decision_id, gate, opened in rows
        if _holds(from_json(opened), BY_GATE[gate].personal, subject)
    ]
    return found, rows[-1][0] if len(rows) == _AT_ONCE else None


def _holds(
    opened: dict[str, dict[str, object]], personal: PersonalFields | None, subject: str | None
) -> bool:
    """Whether a decision holds values still, of this subject where one is named."""
    if not opened or personal is None or subject is None:
        return bool(opened)
    return opened.get(personal.subject, {}).get("value") == subject


def _blank(session: Session, found: Sequence[Found]) -> None:
    # As long as the old text, so that SQLite writes over it where it stands.
    change = (
        update(PersonalValues)
        .where(col(PersonalValues.sequence) == bindparam("of"))
        .values(opened=bindparam("blank"))
    )
    blanks = [{"of": sequence, "blank": _NOTHING.ljust(length)} for sequence, _, length in found]
    session.connection().execute(change, blanks)


def _put_on_record(session: Session, caller: Caller, reason: str, ids: Sequence[str]) -> str:
    question = {
        "caller": {"id": caller.id, "role": caller.role},
        "action": ACTION,
        "resource": {"reason": reason, "decisions": list(ids)},
    }
    evaluation = caller.gates.evaluate("erasure", question)
    return evaluation.record(session, caller.id, caller.trace_id)


def remove_old_copies(engine: Engine) -> None:
    """Remove what a changed row leaves behind: SQLite's write-ahead log, PostgreSQL's dead rows.

    PostgreSQL's own write-ahead log and every backup are for their keeper to expire. Raises
    StorageUnavailable where readers hold SQLite's log for a minute.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM FULL personal_values"))
        return
    deadline = time.monotonic() + _WAIT_SECONDS
    with closing(engine.raw_connection()) as pooled:
        pooled.cursor().execute("PRAGMA busy_timeout=100")
        pooled.detach()  # not for others, who wait longer
        while pooled.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
            if time.monotonic() > deadline:
                raise StorageUnavailable(
                    "The values are erased from the table, but a reader keeps old copies in the "
                    "write-ahead log: erase again once long readers (exports, replays) have ended"
                )
            time.sleep(0.1)
