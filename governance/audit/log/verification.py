"""Verifies the whole stored log: every decision, every tile, every checkpoint ever signed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from governance.audit.log.key_chain import KeyChain
from governance.audit.log.keys import verifiers as stored_verifiers
from governance.audit.log.rebuilt_tree import RebuiltTree, Tile
from governance.audit.log.records import Gone, Placed, placed
from governance.audit.log.stored_tree import LogDamaged, loader
from governance.audit.models import Checkpoint, LogEntry, LogTile
from governance.db import transaction
from governance.decisions.models import Decision
from governance.transparency.checkpoint import Checkpoint as Head
from governance.transparency.note_keys import Verifier
from governance.transparency.tiles import TILE_HEIGHT, TILE_WIDTH, BrokenTile
from governance.transparency.tree import HASH_BYTES

_AT_ONCE = 1_000


@dataclass(frozen=True)
class LogReport:
    """A log that holds: how many entries and checkpoints it has, how many personal values were
    kept and opened their commitments, and how many decisions wait to be sealed."""

    size: int
    checkpoints: int
    openings: int
    unsealed: int


def verify_log(
    engine: Engine,
    verifiers: Sequence[Verifier] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LogReport:
    """Check that every sealed decision is what was sealed, in constant memory.

    `verifiers` are keys that are trusted, from elsewhere than the database; None trusts the key of
    the first checkpoint. `progress` is told how many entries of how many are done. Raises
    LogDamaged with the first decision (tile, checkpoint) that does not hold, and why.
    """
    with transaction(engine) as session:
        if engine.dialect.name == "postgresql":  # one state throughout, as SQLite has by itself
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return _Verification(session, verifiers, progress).run()


class _Verification:
    """One walk over the log: the tree so far, and what is wrong apart from it."""

    def __init__(
        self,
        session: Session,
        trusted: Sequence[Verifier] | None,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._session = session
        self._keys = KeyChain(stored_verifiers(session), trusted)
        self._stored = loader(session)
        self._tree = RebuiltTree()
        self._size: int = session.exec(select(func.max(Checkpoint.size))).one() or 0
        self._last_sequence = 0
        self._openings = 0
        self._wrong: list[LogDamaged] = []
        self._wrong_tiles: list[LogDamaged] = []
        tell = (lambda done: progress(done, self._size)) if progress else None
        self._records = placed(session, 0, self._size, tell)

    def run(self) -> LogReport:
        checkpoints = 0
        for checkpoint in self._checkpoints():
            head = self._opened(checkpoint)
            start = self._tree.size
            gone = self._grow(head.size)
            self._judge(checkpoint.number, head, start, gone)
            checkpoints += 1
        self._check_nothing_beside()
        untrusted = self._keys.untrusted()
        if untrusted is not None:
            raise LogDamaged(
                f"Checkpoint {untrusted} is signed by a key that no trusted key handed over to"
            )
        waiting = select(func.count()).where(col(Decision.sequence) > self._last_sequence)
        unsealed = self._session.exec(waiting).one()
        return LogReport(self._size, checkpoints, self._openings, unsealed)

    def _checkpoints(self) -> Iterator[Checkpoint]:
        number = col(Checkpoint.number)
        query, last = select(Checkpoint).order_by(number).limit(_AT_ONCE), 0
        while page := self._session.exec(query.where(number > last)).all():
            yield from page
            last = page[-1].number
            self._session.expunge_all()

    def _opened(self, checkpoint: Checkpoint) -> Head:
        try:
            head = self._keys.open(checkpoint)
        except ValueError as error:
            raise LogDamaged(f"Checkpoint {checkpoint.number} does not hold: {error}") from error
        if not self._tree.size <= head.size or head.size == 0:
            raise LogDamaged(f"Checkpoint {checkpoint.number} signs less than the one before it")
        return head

    def _grow(self, size: int) -> Gone | None:
        """Read on up to a size; where a place has no decision, that place."""
        tree = self._tree
        while tree.size < size:
            record = next(self._records)
            if isinstance(record, Gone):
                return record
            if record.wrong is not None:
                self._wrong.append(_of(record, record.wrong))
            if record.sequence <= self._last_sequence:
                self._wrong.append(_of(record, "it stands behind one that was recorded later"))
            self._last_sequence = record.sequence
            self._openings += record.openings
            for tile in tree.append(record.leaf_hash):
                self._compare(tile)
        return None

    def _judge(self, number: int, head: Head, start: int, gone: Gone | None) -> None:
        """Raise the first thing that is wrong between the checkpoint before and this one."""
        if gone is None and self._tree.root() == head.root:
            self._raise_first(self._wrong or self._wrong_tiles)
            return
        for record in placed(self._session, start, self._tree.size):
            if isinstance(record, Placed) and record.leaf_hash != self._stored_leaf(record.place):
                # Before what else is wrong with it: that follows from this.
                self._wrong.insert(0, _of(record, "it is not what was sealed: its row was changed"))
                break
        if gone is not None:
            self._wrong.append(_damaged(gone.place, f"The place {gone.place} {gone.why}"))
        self._raise_first(self._wrong)
        raise LogDamaged(
            f"Checkpoint {number} signs another root than that of the decisions and of the tiles: "
            f"both were changed, first at a place from {start} to {head.size - 1}"
        )

    def _raise_first(self, wrong: Sequence[LogDamaged]) -> None:
        if wrong:
            raise min(wrong, key=lambda one: int(one.extra["index"]))

    def _compare(self, tile: Tile) -> None:
        level, index, hashes = tile
        stored = self._stored_tile(level, index)
        if stored == hashes:
            return
        pairs = enumerate(zip(_hashes(hashes), _hashes(stored), strict=False))
        number = next((n for n, (ours, theirs) in pairs if ours != theirs), 0)
        place = index * TILE_WIDTH + number << TILE_HEIGHT * level
        said = f"Tile {level}/{index} is not that of the decisions, first at place {place}"
        self._wrong_tiles.append(_damaged(place, said))

    def _stored_leaf(self, index: int) -> bytes:
        tile, number = divmod(index, TILE_WIDTH)
        return self._stored_tile(0, tile)[number * HASH_BYTES : (number + 1) * HASH_BYTES]

    def _stored_tile(self, level: int, index: int) -> bytes:
        try:
            return self._stored(level, index)
        except BrokenTile:
            return b""

    def _check_nothing_beside(self) -> None:
        """Tiles that are not full yet; and nothing more is stored than what was signed."""
        for tile in self._tree.edge():
            self._compare(tile)
        self._raise_first(self._wrong_tiles)
        for what, count, right in (
            ("tiles", select(func.count()).select_from(LogTile), self._tree.tile_count()),
            ("places", select(func.count()).select_from(LogEntry), self._size),
        ):
            stored = self._session.exec(count).one()
            if stored != right:
                raise LogDamaged(f"There are {stored:,} {what}, and {right:,} under the signatures")
        left_out = (
            select(Decision.decision_id)
            .outerjoin(LogEntry, col(LogEntry.sequence) == col(Decision.sequence))
            .where(col(Decision.sequence) < self._last_sequence, col(LogEntry.sequence).is_(None))
            .order_by(col(Decision.sequence))
            .limit(1)
        )
        decision_id = self._session.exec(left_out).first()
        if decision_id is not None:
            raise LogDamaged(
                f"Decision {decision_id} has no place, and later ones have: it was put in since",
                decision_id=decision_id,
            )


def _of(record: Placed, why: str) -> LogDamaged:
    said = f"Decision {record.decision_id} (place {record.place}) does not hold: {why}"
    return _damaged(record.place, said, record.decision_id)


def _damaged(index: int, said: str, decision_id: str | None = None) -> LogDamaged:
    more = {} if decision_id is None else {"decision_id": decision_id}
    return LogDamaged(said, errors=(), index=index, **more)


def _hashes(tile: bytes) -> list[bytes]:
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]
