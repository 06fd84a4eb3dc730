"""Checkpoints (C2SP tlog-checkpoint): the signed size and root of a log.

https://c2sp.org/tlog-checkpoint
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from governance.errors import GovernanceError
from governance.transparency import canonical_base64
from governance.transparency.note_keys import Signer, Verifier
from governance.transparency.notes import open_note, sign
from governance.transparency.tree import EMPTY_ROOT, HASH_BYTES

MAX_SIZE = (1 << 63) - 1
"""The largest size that readers with signed 64-bit integers (Go's `tlog`) take."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


class InvalidCheckpoint(GovernanceError, ValueError):
    """A text is no checkpoint, or that of another log."""

    status = 422
    code = "invalid-checkpoint"
    title = "The checkpoint does not hold"


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: its origin, its number of leaves, its root, and lines without meaning
    for the tree. Raises InvalidCheckpoint for values that the text form cannot carry."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for line in (self.origin, *self.extensions):
            if not line or "\n" in line:
                raise InvalidCheckpoint(
                    f"Origin and extensions are lines that are not empty: {line!r}"
                )
        if not 0 <= self.size <= MAX_SIZE:
            raise InvalidCheckpoint(f"The size of a log is 0 to {MAX_SIZE}, not {self.size}")
        if len(self.root) != HASH_BYTES:
            raise InvalidCheckpoint(f"A root has {HASH_BYTES} bytes, not {len(self.root)}")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise InvalidCheckpoint("The root of an empty log is the hash of nothing")

    def __str__(self) -> str:
        """The text that is signed: a line each for origin, size, root and extensions."""
        root = canonical_base64.encode(self.root)
        lines = [self.origin, str(self.size), root, *self.extensions]
        return "".join(f"{line}\n" for line in lines)

    @staticmethod
    def parse(text: str) -> "Checkpoint":
        """The checkpoint of a text; raises InvalidCheckpoint unless it is the one spelling."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1]:
            raise InvalidCheckpoint(
                "A checkpoint has a line each for origin, size and root, all ended"
            )
        origin, size, encoded_root, *extensions = lines[:-1]
        if not _DECIMAL.fullmatch(size):
            raise InvalidCheckpoint(
                f"The size of a log is decimal without leading zeros: {size[:40]!r}"
            )
        try:
            root = canonical_base64.decode(encoded_root)
        except ValueError as error:
            raise InvalidCheckpoint("The root is canonical base64") from error
        return Checkpoint(origin, int(size), root, tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[Signer]) -> str:
    """The checkpoint as a signed note. The caller sees to it that no earlier one contradicts it.

    Raises NoteInvalid where the origin or an extension has control characters.
    """
    return sign(str(checkpoint), signers)


def open_checkpoint(note: str | bytes, verifiers: Iterable[Verifier], origin: str) -> Checkpoint:
    """The checkpoint in a note that at least one of the `verifiers` signed, for this log.

    `verifiers` are the keys of the log, not of its witnesses: any one of them is enough. Raises
    NoteInvalid (see `open_note`), InvalidCheckpoint for a malformed text or another origin.
    """
    checkpoint = Checkpoint.parse(open_note(note, verifiers).text)
    if checkpoint.origin != origin:
        raise InvalidCheckpoint(
            f"The checkpoint is that of {checkpoint.origin[:200]!r}, not of {origin!r}"
        )
    return checkpoint
