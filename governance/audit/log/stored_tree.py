"""The stored tree: its tiles, its newest checkpoint, and the entries that it is made of."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from sqlmodel import Session, col, select

from governance.audit.models import Checkpoint, LogEntry, LogTile
from governance.decisions.entry import COLUMNS, entry
from governance.decisions.models import Decision
from governance.errors import GovernanceError
from governance.transparency import canonical_base64
from governance.transparency.checkpoint import Checkpoint as Head
from governance.transparency.checkpoint import open_checkpoint
from governance.transparency.note_keys import Verifier
from governance.transparency.proofs import TiledTree
from governance.transparency.tiles import BrokenTile, TileLoader


class LogDamaged(GovernanceError):
    """What is stored of the log is not what was signed: nothing more is signed."""

    code = "log-damaged"
    title = "The stored log is not the one that was signed"


def newest_checkpoint(session: Session) -> Checkpoint | None:
    """The checkpoint that was signed last; None before the first."""
    newest = select(Checkpoint).order_by(col(Checkpoint.number).desc()).limit(1)
    return session.exec(newest).first()


def signed_head(session: Session, verifiers: Sequence[Verifier]) -> Head | None:
    """What the newest checkpoint says, once it is shown to hold; None before the first.

    `verifiers` are the keys of the log. Raises LogDamaged where the row says something else than
    what was signed, or the tiles have another root; NoteInvalid and InvalidCheckpoint where no key
    of the log signed it; BrokenTile.
    """
    newest = newest_checkpoint(session)
    if newest is None:
        return None
    head = open_checkpoint(newest.note, verifiers, verifiers[-1].name)
    if (head.size, canonical_base64.encode(head.root)) != (newest.size, newest.root):
        raise LogDamaged(f"Checkpoint {newest.number} is stored with another size or root")
    if tree(session).root(head.size) != head.root:
        raise LogDamaged(f"The tiles do not have the root of checkpoint {newest.number}")
    return head


def stored_checkpoint(head: Head, note: str) -> Checkpoint:
    """The row of a checkpoint that is signed now."""
    root = canonical_base64.encode(head.root)
    return Checkpoint(size=head.size, root=root, note=note, signed_at=datetime.now(UTC))


def tree(session: Session) -> TiledTree:
    """The tree of the log, for roots and proofs of any sealed size."""
    return TiledTree(loader(session))


def loader(session: Session) -> TileLoader:
    """Reads tiles from the database; raises BrokenTile for one that is missing."""

    def load(level: int, index: int) -> bytes:
        wanted = (col(LogTile.level) == level) & (col(LogTile.number) == index)
        hashes = session.exec(select(LogTile.hashes).where(wanted)).first()
        if hashes is None:
            raise BrokenTile(f"Tile {level}/{index} is missing")
        return hashes

    return load


def entries(session: Session, start: int, end: int) -> Iterator[bytes]:
    """The sealed entries of the places `start` to `end` - 1, in order."""
    query = (
        select(*COLUMNS)
        .join(LogEntry, col(LogEntry.sequence) == col(Decision.sequence))
        .where(col(LogEntry.entry_index) >= start, col(LogEntry.entry_index) < end)
        .order_by(col(LogEntry.entry_index))
    )
    return map(entry, session.connection().execute(query))
