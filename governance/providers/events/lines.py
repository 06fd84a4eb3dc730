"""Lines of an upload in constant memory: a line that is too long is passed over, not gathered."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

import msgspec

MOST_BYTES = 1_000_000
"""The longest line that is read."""

BATCH_LINES = 5_000
"""So many lines, or a little more than `BATCH_BYTES` of them, are one transaction."""

BATCH_BYTES = 8_000_000

_KEPT_BYTES = 8_000
_PIECE_BYTES = 1 << 16


class Line(msgspec.Struct, frozen=True, gc=False):
    """A line with its number, from 1."""

    number: int
    body: bytes


@dataclass(frozen=True, slots=True)
class TooLong:
    """A line of more than `MOST_BYTES`: its beginning, its length and the SHA-256 of all of it."""

    number: int
    beginning: bytes
    length: int
    digest: str


class Splitter:
    """Splits what is fed in pieces into lines; blank ones are counted and left out."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._number = 0
        self._pending = bytearray()
        self._length = 0
        self._hash = sha256()  # of a line that has become too long
        self._beginning = b""

    def feed(self, piece: bytes) -> Iterator[Line | TooLong]:
        """The lines that this piece completes."""
        start = 0
        while (end := piece.find(b"\n", start)) >= 0:
            if self._length or end - start > self._most:
                self._gather(memoryview(piece)[start:end])
                yield from self._line()
            else:  # nearly always: all of it is in this piece
                self._number += 1
                if body := piece[start:end].strip():
                    yield Line(self._number, body)
            start = end + 1
        self._gather(memoryview(piece)[start:])

    def end(self) -> Iterator[Line | TooLong]:
        """The last line, where no line feed ends it."""
        if self._length:
            yield from self._line()

    def _gather(self, part: memoryview) -> None:
        self._length += len(part)
        if self._length <= self._most:
            self._pending += part
            return
        if not self._beginning:  # this part makes it too long
            self._hash.update(self._pending)
            self._beginning = bytes(self._pending + part[:_KEPT_BYTES])[:_KEPT_BYTES]
            self._pending.clear()
        self._hash.update(part)

    def _line(self) -> Iterator[Line | TooLong]:
        self._number += 1
        if self._length > self._most:
            digest = self._hash.hexdigest()
            yield TooLong(self._number, self._beginning, self._length, digest)
            self._hash, self._beginning = sha256(), b""
        elif body := bytes(self._pending).strip():
            yield Line(self._number, body)
        self._pending.clear()
        self._length = 0


class Batch:
    """Lines that are gathered until they are enough for a transaction."""

    def __init__(self, most_lines: int = BATCH_LINES) -> None:
        self._most_lines = most_lines
        self._lines: list[Line | TooLong] = []
        self._bytes = 0

    def add(self, line: Line | TooLong) -> bool:
        """Add a line; whether they are enough now."""
        self._lines.append(line)
        self._bytes += len(line.body if isinstance(line, Line) else line.beginning)
        return len(self._lines) >= self._most_lines or self._bytes >= BATCH_BYTES

    def taken(self) -> list[Line | TooLong]:
        """The lines, which are gathered no more."""
        lines, self._lines, self._bytes = self._lines, [], 0
        return lines


def batches(
    lines: Iterable[Line | TooLong], most_lines: int = BATCH_LINES
) -> Iterator[list[Line | TooLong]]:
    """The lines in batches, each for one transaction."""
    batch = Batch(most_lines)
    for line in lines:
        if batch.add(line):
            yield batch.taken()
    if rest := batch.taken():
        yield rest


def pieces_of(stream: BinaryIO) -> Iterator[bytes]:
    """What a file holds, in pieces."""
    while piece := stream.read(_PIECE_BYTES):
        yield piece


def lines_of(pieces: Iterable[bytes]) -> Iterator[Line | TooLong]:
    """The lines of a text that comes in pieces."""
    splitter = Splitter()
    for piece in pieces:
        yield from splitter.feed(piece)
    yield from splitter.end()
