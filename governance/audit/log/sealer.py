"""Seals decisions: gives each its place in the log, extends the tree, signs a checkpoint.

Appending a decision does not wait for this. The entries are hashed before the writer's lock is
taken; under it there is one short transaction a batch.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Engine, func, insert, literal
from sqlmodel import Session, col, select, text, update

from governance.audit.log.keys import UnusableLogKey, verifiers
from governance.audit.log.stored_tree import (
    LogDamaged,
    loader,
    signed_head,
    stored_checkpoint,
)
from governance.audit.models import Checkpoint, LogEntry, LogTile
from governance.db import sole_writer, transaction
from governance.decisions.entry import COLUMNS, entry
from governance.decisions.models import Decision
from governance.transparency.checkpoint import Checkpoint as Head
from governance.transparency.checkpoint import sign_checkpoint
from governance.transparency.entry_bundles import encode_entry
from governance.transparency.note_keys import Signer
from governance.transparency.proofs import TiledTree
from governance.transparency.tiles import TILE_WIDTH, grow
from governance.transparency.tree import leaf_hash

BATCH = 64 * TILE_WIDTH
"""Decisions under one checkpoint at most: they take half a second to hash, and the writer's lock
for a tenth of one."""

_READ_AT_ONCE = 500
_LOCK_SECONDS = 5


@dataclass(frozen=True)
class _Batch:
    """Decisions in the order of the record, hashed: those after one sequence up to another."""

    size: int
    after: int
    last: int
    leaf_hashes: list[bytes]


def seal(engine: Engine, signer: Signer) -> Checkpoint | None:
    """Seal every decision that is committed; the newest checkpoint made, None if nothing was new.

    Raises what `seal_batches` raises.
    """
    newest = None
    for newest in seal_batches(engine, signer):  # noqa: B007 - the last one is the answer
        pass
    return newest


def seal_batches(engine: Engine, signer: Signer) -> Iterator[Checkpoint]:
    """Seal what is committed now, a batch a step; each new checkpoint.

    Several hosts may do so at once: of two that seal the same, one wins and the other goes on with
    what is left. Raises UnusableLogKey where the signer is not the log's newest key, LogDamaged,
    NoteInvalid, InvalidCheckpoint or BrokenTile where what is stored is not what was signed, and
    StorageUnavailable.
    """
    until = _settled(engine)
    while True:
        with transaction(engine) as session:
            batch = _next_batch(session, until)
        if batch is None:
            return
        with transaction(engine, write=True) as session:
            made = _extend(session, signer, batch)
        if made is not None:
            yield made


def unsealed_after(session: Session) -> tuple[int, int]:
    """The size of the log, and the sequence of its last decision: all after it wait for a place."""
    newest = select(LogEntry).order_by(col(LogEntry.entry_index).desc()).limit(1)
    last = session.exec(newest).first()
    return (last.entry_index + 1, last.sequence) if last else (0, 0)


def _settled(engine: Engine) -> int:
    """A sequence up to which no decision can appear any more."""
    newest = select(func.max(Decision.sequence))
    with transaction(engine) as session:
        if (session.exec(newest).one() or 0) <= unsealed_after(session)[1]:
            return 0
    with transaction(engine, write=True) as session:
        if session.get_bind().dialect.name == "postgresql":
            # Who waits for this lock stops every decision behind it.
            session.connection().execute(text(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'"))
        # A sequence is taken under the lock of the table, so whoever has one now has committed.
        sole_writer(session, Decision)
        return session.exec(newest).one() or 0


def _next_batch(session: Session, until: int) -> _Batch | None:
    size, after = unsealed_after(session)
    sequence = col(Decision.sequence)
    query = (
        select(sequence, *COLUMNS)
        .where(sequence > after, sequence <= until)
        .order_by(sequence)
        .limit(BATCH)
    )
    last, leaf_hashes = after, []
    rows = session.connection().execute(query.execution_options(yield_per=_READ_AT_ONCE))
    for row in rows:
        leaf = entry(row)
        encode_entry(leaf)  # refuses one that could not be served
        leaf_hashes.append(leaf_hash(leaf))
        last = row.sequence
    return _Batch(size, after, last, leaf_hashes) if leaf_hashes else None


def _extend(session: Session, signer: Signer, batch: _Batch) -> Checkpoint | None:
    """Put a batch into the tree and sign it; None where another host was first."""
    sole_writer(session, Checkpoint)
    if unsealed_after(session) != (batch.size, batch.after):
        return None
    known = verifiers(session)
    if not known or known[-1] != signer.verifier:
        raise UnusableLogKey("Another key signs the log now")
    old = signed_head(session, known)
    if (old.size if old else 0) != batch.size:
        raise LogDamaged("There are entries that no checkpoint was signed for")
    _give_places(session, batch)
    new_tree = _grow(session, batch)
    size = batch.size + len(batch.leaf_hashes)
    if old is not None and new_tree.root(old.size) != old.root:
        raise LogDamaged(f"The tree of {size} entries does not begin with that of {old.size}")
    head = Head(signer.name, size, new_tree.root(size))
    made = stored_checkpoint(head, sign_checkpoint(head, [signer]))
    session.add(made)
    session.flush()
    return made


def _give_places(session: Session, batch: _Batch) -> None:
    place = literal(batch.size - 1) + func.row_number().over(order_by=col(Decision.sequence))
    decisions = select(place, col(Decision.sequence)).where(
        col(Decision.sequence) > batch.after, col(Decision.sequence) <= batch.last
    )
    rows = insert(LogEntry).from_select(["entry_index", "sequence"], decisions)
    counted = rows.execution_options(preserve_rowcount=True)
    given = session.connection().execute(counted).rowcount
    if given != len(batch.leaf_hashes):
        raise LogDamaged(
            f"{given} decisions lie between sequence {batch.after} and {batch.last}; "
            f"there were {len(batch.leaf_hashes)} when they were read"
        )


def _grow(session: Session, batch: _Batch) -> TiledTree:
    """Store the tiles that the batch changes; the tree with them."""
    stored = loader(session)
    edge = set()

    def load(level: int, index: int) -> bytes:
        edge.add((level, index))
        return stored(level, index)

    changed = grow(batch.size, load, batch.leaf_hashes)
    for level, number in edge:
        longer = update(LogTile).where(col(LogTile.level) == level, col(LogTile.number) == number)
        session.exec(longer.values(hashes=changed[level, number]))
    new = [
        {"level": level, "number": number, "hashes": hashes}
        for (level, number), hashes in changed.items()
        if (level, number) not in edge
    ]
    if new:
        session.connection().execute(insert(LogTile), new)
    return TiledTree(lambda level, index: changed.get((level, index)) or stored(level, index))
