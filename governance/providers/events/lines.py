"""Lines of an upload in constant memory: a line that is too long is passed over, not gathered."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

MOST_BYTES = 1_000_000
"""The longest line that is read."""

_KEPT_BYTES = 2_000


@dataclass(frozen=True, slots=True)
class Line:
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
            self._gather(memoryview(piece)[start:end])
            yield from self._line()
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
