"""Exports the log: every record that the filters mean, with its proof, under one checkpoint.

Memory does not grow with the log, and no transaction is open while somebody reads slowly.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, Row, select
from sqlmodel import col

from governance.access.caller import Caller, Forbidden
from governance.audit.exports.lines import record_line
from governance.audit.exports.manifest import FORMAT, Header, Tally, lines_in_a_block, signed
from governance.audit.exports.openings import disclosed
from governance.audit.filter_query import described
from governance.audit.log.keys import ensure_key, signer, verifiers
from governance.audit.log.sealer import seal
from governance.audit.log.stored_tree import LogDamaged, loader, newest_checkpoint, tree
from governance.audit.masks import event_pointer, masked_fields
from governance.audit.models import LogEntry
from governance.db import transaction
from governance.decisions.entry import COLUMNS
from governance.decisions.filters import Filters, conditions
from governance.decisions.models import Decision, PersonalValues
from governance.errors import FieldError, InvalidRequest
from governance.gates.filing import BY_GATE
from governance.gates.pipeline import Pipeline
from governance.transparency.checkpoint import Checkpoint, open_checkpoint
from governance.transparency.note_keys import Signer
from governance.transparency.proof_walk import ProofWalk
from governance.transparency.proofs import TiledTree

ACTION = "decisions:export"
_AT_ONCE = 500  # places of the log in memory
Reached = Callable[[int], None]


@dataclass(frozen=True)
class Export:
    """What is exported: the header says it; `filters` are those that it describes."""

    header: Header
    checkpoint: Checkpoint
    filters: Filters
    signer: Signer


def begin(
    pipeline: Pipeline, caller: Caller, filters: Filters, from_index: int, **asked: str
) -> Export:
    """Put on the record who exports what, seal all that is committed, and fix the checkpoint.

    `asked` are further words for the record. Raises Forbidden (on the record too), InvalidRequest
    for an index beyond the log, what `seal` and `signer` raise, and LogDamaged.
    """
    _put_on_record(pipeline, caller, filters, from_index, asked)
    engine = pipeline.engine
    with transaction(engine, write=True) as session:
        ensure_key(pipeline.settings, session)
        key = signer(pipeline.settings, session)
    seal(engine, key)
    with transaction(engine) as session:
        newest = newest_checkpoint(session)
        if newest is None:
            raise LogDamaged("Decisions are on the record, and no checkpoint was signed for them")
        checkpoint = open_checkpoint(newest.note, verifiers(session), key.name)
        if tree(session).root(checkpoint.size) != checkpoint.root:
            raise LogDamaged(f"The tiles do not have the root of checkpoint {newest.number}")
    if from_index > checkpoint.size:
        message = f"the log has {checkpoint.size} records"
        wrong = FieldError("cursor", message, "the index after the last one that you have")
        raise InvalidRequest(f"There is no record {from_index}: {message}", errors=[wrong])
    personal = {gate: filed.personal.fields for gate, filed in BY_GATE.items() if filed.personal}
    header = Header(
        format=FORMAT,
        checkpoint=newest.note,
        filter=described(filters),
        personal={gate: list(map(event_pointer, fields)) for gate, fields in personal.items()},
        masks={
            gate: [
                event_pointer(field)
                for field in masked_fields(caller.gates, caller.id, caller.role, "export", gate)
            ]
            for gate in personal
        },
        exporter=caller.id,
        started_at=now(),
        from_index=from_index,
    )
    return Export(header, checkpoint, filters, key)


def ndjson(
    engine: Engine,
    export: Export,
    tally: Tally | None = None,
    reached: Reached = lambda index: None,
) -> Iterator[bytes]:
    """The export as its bytes: header, records, manifest, each step some hundred lines.

    With a `tally` of lines that a file has already, it goes on after them. `reached` is told up to
    which index the log has been read. Raises LogDamaged and BrokenTile; then there is no manifest.
    """
    if tally is None:
        tally = new_tally(export)
        yield export.header.line()
    # A short transaction for each tile: no reader may keep the database from tidying up.
    walk = ProofWalk(TiledTree(_tiles(engine)), export.checkpoint.size)
    for end, rows in pages(engine, export, next_index(export, tally)):
        lines = []
        for row in rows:
            line = _line(row, walk, export.header)
            tally.add(row.entry_index, row.gate, line)
            lines.append(line)
        yield b"".join(lines)
        reached(end)
    yield signed(tally.manifest(export.header, export.checkpoint, now()), export.signer)


def new_tally(export: Export) -> Tally:
    """The tally of an export that has no record yet."""
    return Tally(lines_in_a_block(export.checkpoint.size))


def next_index(export: Export, tally: Tally) -> int:
    """The index from which the log is still to be read."""
    return export.header.from_index if tally.last_index is None else tally.last_index + 1


def pages(engine: Engine, export: Export, start: int) -> Iterator[tuple[int, Sequence[Row[Any]]]]:
    """The rows that are meant from an index on, in their order, each page in its own transaction.

    With each page comes the index that it reaches up to. Raises LogDamaged where a place is empty.
    """
    query = (
        select(
            col(LogEntry.entry_index),
            *COLUMNS,
            col(Decision.category),
            col(PersonalValues.opened),
        )
        .join(Decision, col(Decision.sequence) == col(LogEntry.sequence))
        .outerjoin(PersonalValues, col(PersonalValues.sequence) == col(LogEntry.sequence))
        .where(*conditions(export.filters))
        .order_by(col(LogEntry.entry_index))
    )
    place = col(LogEntry.entry_index)
    while start < export.checkpoint.size:
        end = min(start + _AT_ONCE, export.checkpoint.size)
        with transaction(engine) as session:
            page = query.where(place >= start, place < end)
            rows = session.connection().execute(page).all()
        if not export.header.filter and len(rows) != end - start:
            raise LogDamaged(f"Of the places {start} to {end - 1} only {len(rows)} are filled")
        yield end, rows
        start = end


def now() -> str:
    """This instant: RFC 3339, UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _line(row: Row[Any], walk: ProofWalk, header: Header) -> bytes:
    fields, masks = header.personal.get(row.gate, ()), header.masks.get(row.gate, ())
    shown = disclosed(row.input, row.opened, fields, masks)
    return record_line(row, row.entry_index, walk.proof(row.entry_index), *shown)


def _tiles(engine: Engine) -> Callable[[int, int], bytes]:
    def load(level: int, index: int) -> bytes:
        with transaction(engine) as session:
            return loader(session)(level, index)

    return load


def _put_on_record(
    pipeline: Pipeline, caller: Caller, filters: Filters, from_index: int, asked: Mapping[str, str]
) -> None:
    resource = {"filter": described(filters), "from_index": from_index, **asked}
    question = {
        "caller": {"id": caller.id, "role": caller.role},
        "action": ACTION,
        "resource": resource,
    }
    evaluation = caller.gates.evaluate("access", question)
    with transaction(pipeline.engine, write=True) as session:
        evaluation.record(session, caller.id, caller.trace_id)
    if evaluation.result["verdict"] != "allowed":
        raise Forbidden(evaluation.result["reason"])
