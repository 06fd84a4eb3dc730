"""Writes an export into a file that is whole or not there, and goes on where one was cut off."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec
from sqlalchemy import func, select
from sqlmodel import Session, col

from governance.audit.exports.export import Export, new_tally, next_index
from governance.audit.exports.lines import read_record
from governance.audit.exports.manifest import Header, Tally, read_header
from governance.audit.log.keys import verifiers
from governance.audit.models import LogEntry
from governance.decisions.filters import conditions
from governance.decisions.models import Decision
from governance.errors import GovernanceError, InvalidRequest
from governance.transparency.checkpoint import open_checkpoint


class CannotResume(GovernanceError):
    """What is left of an earlier export is none of the export that is asked for now."""

    status = 409
    code = "cannot-resume"
    title = "The export cannot go on where it ended"


def part_of(out: Path) -> Path:
    """Where an export stands until it is whole."""
    return out.with_name(out.name + ".part")


def check_free(out: Path, resume: bool) -> None:
    """Raises InvalidRequest where writing would overwrite an export, whole or not."""
    if out.exists():
        raise InvalidRequest(f"{out} exists: an export overwrites nothing")
    if part_of(out).exists() and not resume:
        raise InvalidRequest(
            f"{part_of(out)} is an export that did not end: go on with --resume, or remove it"
        )


def write(out: Path, pieces: Iterable[bytes]) -> None:
    """Append to what there is of an export, and give it its name once it is whole on the disk."""
    part = part_of(out)
    # Readable by its owner only: it may hold personal values.
    descriptor = os.open(part, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if out.exists():
        raise InvalidRequest(f"{out} exists by now; the export is {part}")
    part.rename(out)
    with _folder(out) as descriptor:
        os.fsync(descriptor)


def resumed(session: Session, out: Path, asked: Export) -> tuple[Export, Tally] | None:
    """An export that was cut off, as it goes on, and the tally of the lines that are there.

    What follows the last whole record is cut off. None where not even the header is whole: then it
    begins anew. Raises CannotResume where it was asked for otherwise than now, where its lines are
    not those that the log has for it, or where values were erased since it began.
    """
    part = part_of(out)
    with part.open("r+b") as file:
        first = file.readline()
        if not first.endswith(b"\n"):
            file.truncate(0)
            return None
        export = _same(session, first, asked)
        tally = new_tally(export)
        file.truncate(_count_lines(file, len(first), tally, next_index(export, tally)))
    _require_all(session, export, tally)
    return export, tally


def _same(session: Session, line: bytes, asked: Export) -> Export:
    try:
        header = read_header(line)
        checkpoint = open_checkpoint(header.checkpoint, verifiers(session), asked.signer.name)
    except GovernanceError as error:
        raise CannotResume(f"What is there is no export of this log: {error}") from error
    now = msgspec.structs.replace(
        asked.header, checkpoint=header.checkpoint, started_at=header.started_at
    )
    for name in Header.__struct_fields__:
        before, after = getattr(header, name), getattr(now, name)
        if before != after:
            raise CannotResume(f"`{name}` was {before!r} when it began and is {after!r} now")
    erased = (
        select(col(LogEntry.entry_index))
        .join(Decision, col(Decision.sequence) == col(LogEntry.sequence))
        .where(col(Decision.gate) == "erasure", col(LogEntry.entry_index) >= checkpoint.size)
        .limit(1)
    )
    if session.connection().execute(erased).first() is not None:
        raise CannotResume("Personal values were erased since it began: they may stand in it")
    return Export(header, checkpoint, asked.filters, asked.signer)


def _count_lines(file: BinaryIO, start: int, tally: Tally, least: int) -> int:
    """Count the whole records of a file; where they end."""
    for number, line in enumerate(file, 2):
        if not line.endswith(b"\n") or line.startswith(b'{"manifest"'):
            break
        try:
            record = read_record(line)
            gate = msgspec.json.decode(record.gate, type=str)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise CannotResume(f"Line {number} is no record of an export: {error}") from error
        if record.index < least:
            raise CannotResume(f"Line {number} has index {record.index}; {least} was due or later")
        least = record.index + 1
        tally.add(record.index, gate, line)
        start += len(line)
    return start


def _require_all(session: Session, export: Export, tally: Tally) -> None:
    """Nothing is signed from which somebody took a record meanwhile."""
    place = col(LogEntry.entry_index)
    meant = (
        select(func.count())
        .select_from(LogEntry)
        .join(Decision, col(Decision.sequence) == col(LogEntry.sequence))
        .where(
            place >= export.header.from_index,
            place < next_index(export, tally),
            *conditions(export.filters),
        )
    )
    due = session.connection().execute(meant).scalar_one()
    if due != tally.count:
        raise CannotResume(f"There are {tally.count} records where the log has {due}")


@contextmanager
def _folder(out: Path) -> Iterator[int]:
    descriptor = os.open(out.parent, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
