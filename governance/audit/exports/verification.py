"""Verifies an export with nothing but the keys of its log: no database, no settings, no network.

Every record is in the tree that the checkpoint signs, every opened commitment opens, and the
manifest accounts for every line. It goes over the file once, in constant memory.
"""

import gc
import os
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from governance.audit.exports import filter_agreement
from governance.audit.exports.blocks import Block, Checked, Terms, check_block
from governance.audit.exports.manifest import (
    ExportBroken,
    Header,
    Manifest,
    open_manifest,
    read_header,
    tree_head,
)
from governance.audit.log.rebuilt_tree import RebuiltTree
from governance.errors import GovernanceError
from governance.transparency.checkpoint import Checkpoint, open_checkpoint
from governance.transparency.note_keys import Verifier

_PIECE = 1024 * 1024
_LONGEST_LINE = 4 * _PIECE  # of header and manifest, whose notes have at most 1 MB
_LARGEST_BLOCK = 1024 * _PIECE
_WORTH_PROCESSES = 5_000  # records: fewer are checked while a process starts
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Verified:
    """What held: the manifest and its checkpoint, and the key (`<name>+<id>`) that signed both."""

    manifest: Manifest
    checkpoint: Checkpoint
    key: str


def verify_export(
    path: Path,
    verifiers: list[Verifier],
    workers: int = 1,
    progress: Progress = lambda done, total: None,
) -> Verified:
    """Verify an NDJSON export with the keys of the log whose export it should be.

    `progress` is told how many records are good of how many. Raises ExportBroken, which names the
    first line that does not hold and says why; OSError where the file cannot be read.
    """
    with path.open("rb") as file:
        first, start = file.readline(_LONGEST_LINE), file.tell()
        last, end = _last_line(file)
        if not last or end < start:
            raise ExportBroken("The export has one line or none: it was cut, or is none")
        manifest, origin, key = open_manifest(last, verifiers)
        checkpoint = _checked_header(first, manifest, verifiers, origin)
        terms = Terms(
            checkpoint.size,
            checkpoint.root,
            manifest.from_index,
            manifest.filter,
            manifest.personal,
            manifest.masks,
        )
        blocks = _blocks(file, path, start, end, manifest)
        _check_blocks(blocks, terms, manifest, checkpoint, workers, progress)
    return Verified(manifest, checkpoint, key)


def _last_line(file: BinaryIO) -> tuple[bytes, int]:
    """The last line, and the byte at which it begins."""
    size = file.seek(0, os.SEEK_END)
    begin = max(0, size - _LONGEST_LINE)
    step = size
    while step > begin:
        step = max(begin, step - _PIECE)
        file.seek(step)
        tail = file.read(size - step)
        at = tail.rfind(b"\n", 0, -1) + 1
        if at:
            return tail[at:], step + at
    return b"", 0


def _checked_header(
    line: bytes, manifest: Manifest, verifiers: list[Verifier], origin: str
) -> Checkpoint:
    """The checkpoint of the header, once header, checkpoint and manifest agree."""
    if sha256(line).hexdigest() != manifest.header:
        raise ExportBroken("Line 1, the header, is not the one that the manifest was signed for")
    header = read_header(line)
    try:
        checkpoint = open_checkpoint(header.checkpoint, verifiers, origin)
        filter_agreement.tests(header.filter)
    except (GovernanceError, filter_agreement.UnknownFilter) as error:
        raise ExportBroken(f"Line 1, the header, does not hold: {error}") from error
    _require_coherence(header, manifest, checkpoint)
    return checkpoint


def _require_coherence(header: Header, manifest: Manifest, checkpoint: Checkpoint) -> None:
    rest = max(0, checkpoint.size - header.from_index)
    holds = {
        "checkpoint": manifest.checkpoint == tree_head(checkpoint),
        "filter": manifest.filter == header.filter,
        "personal": manifest.personal == header.personal,
        "masks": manifest.masks == header.masks,
        "exporter": manifest.exporter == header.exporter,
        "started_at": manifest.started_at == header.started_at,
        "from_index": manifest.from_index == header.from_index,
        "hides_others": manifest.hides_others == bool(header.filter),
        "complete": manifest.complete == (not header.filter and header.from_index == 0),
        "count": manifest.count == rest or (manifest.hides_others and manifest.count < rest),
        "blocks": len(manifest.blocks) == -(-manifest.count // manifest.block_lines),
    }
    for name, held in holds.items():
        if not held:
            raise ExportBroken(f"The manifest is signed, but its `{name}` contradicts the rest")


def _blocks(
    file: BinaryIO, path: Path, start: int, end: int, manifest: Manifest
) -> Iterator[Block]:
    """The blocks of the lines between header and manifest."""
    records = 0
    while start < end:
        file.seek(start)
        at, missing = start, manifest.block_lines
        while at < end and missing:
            if at - start > _LARGEST_BLOCK:
                raise ExportBroken(f"No line ends for a long time after line {records + 1:,}")
            piece = file.read(min(_PIECE, end - at))
            lines = piece.count(b"\n")
            if lines < missing:
                missing -= lines
                at += len(piece)
                continue
            cut = 0
            for _ in range(missing):
                cut = piece.index(b"\n", cut) + 1
            at, missing = at + cut, 0
        yield Block(path, start, at, records)
        start, records = at, records + manifest.block_lines - missing


def _check_blocks(
    blocks: Iterator[Block],
    terms: Terms,
    manifest: Manifest,
    checkpoint: Checkpoint,
    workers: int,
    progress: Progress,
) -> None:
    count, last_index = 0, -1
    first_index: int | None = None
    gates: Counter[str] = Counter()
    tree = RebuiltTree()
    for number, (block, found) in enumerate(_results(blocks, terms, workers, manifest.count)):
        if found.broken is not None:
            raise ExportBroken(found.broken)
        if found.first_index <= last_index:
            raise ExportBroken(
                f"Line {block.records + 2:,} (index {found.first_index}) does not hold: it comes "
                f"after index {last_index}"
            )
        added = len(found.leaf_hashes)
        if number >= len(manifest.blocks) or found.digest != manifest.blocks[number]:
            raise ExportBroken(
                f"Lines {block.records + 2:,} to {block.records + 1 + added:,} are records of the "
                "log, but not the lines that the manifest was signed for: one was changed, "
                "removed, added or moved"
            )
        first_index = found.first_index if first_index is None else first_index
        last_index = found.last_index
        count += added
        gates += found.gates
        if manifest.complete:
            for leaf_hash in found.leaf_hashes:
                tree.append(leaf_hash)
        progress(count, manifest.count)
    indexes = (first_index, last_index if count else None)
    if (count, dict(gates)) != (manifest.count, manifest.gates) or indexes != (
        manifest.first_index,
        manifest.last_index,
    ):
        raise ExportBroken(f"There are {count:,} records; the manifest is for {manifest.count:,}")
    if manifest.complete and tree.root() != checkpoint.root:
        raise ExportBroken("The tree over all records has another root than the checkpoint")


def _results(
    blocks: Iterator[Block], terms: Terms, workers: int, count: int
) -> Iterator[tuple[Block, Checked]]:
    """Every block with what was found in it, in order; a few blocks ahead are under way."""
    if workers == 1 or count < _WORTH_PROCESSES:
        for block in blocks:
            yield block, check_block(block, terms)
        return
    waiting: deque[tuple[Block, Future[Checked]]] = deque()
    with _pool(workers) as pool:
        for block in blocks:
            waiting.append((block, pool.submit(check_block, block, terms)))
            if len(waiting) > 4 * workers:
                block, future = waiting.popleft()
                yield block, future.result()
        for block, future in waiting:
            yield block, future.result()


@contextmanager
def _pool(workers: int) -> Iterator[Executor]:
    """Processes that leave what they have not begun when the first line is found that breaks.

    They collect no garbage: they make no cycles, and end with the verification.
    """
    pool = ProcessPoolExecutor(workers, initializer=gc.disable)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
