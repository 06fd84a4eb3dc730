"""Proofs of one entry as a text (C2SP tlog-proof): index, audit path and signed checkpoint.

https://c2sp.org/tlog-proof
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from governance.errors import GovernanceError
from governance.transparency import canonical_base64
from governance.transparency.checkpoint import MAX_SIZE, Checkpoint, open_checkpoint
from governance.transparency.note_keys import Verifier
from governance.transparency.notes import MAX_NOTE_BYTES
from governance.transparency.tree import HASH_BYTES, leaf_hash, verify_inclusion

_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_MAX_HASHES = MAX_SIZE.bit_length()


class InvalidProofText(GovernanceError, ValueError):
    """A text is not a proof in the format of tlog-proof."""

    status = 422
    code = "invalid-proof-text"
    title = "This is not the text of a proof"


@dataclass(frozen=True)
class ProofText:
    """What the text says; nothing of it is true before `verify_proof_text`.

    `checkpoint` is the signed note as it stands. `extra` is for the application and not
    authenticated. Raises InvalidProofText for values that the text cannot carry.
    """

    index: int
    proof: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    def __post_init__(self) -> None:
        if not 0 <= self.index < MAX_SIZE:
            raise InvalidProofText(f"An index is 0 to {MAX_SIZE - 1}, not {self.index}")
        if len(self.proof) > _MAX_HASHES or any(len(one) != HASH_BYTES for one in self.proof):
            raise InvalidProofText(
                f"A proof has at most {_MAX_HASHES} hashes of {HASH_BYTES} bytes"
            )

    def __str__(self) -> str:
        lines = [_HEADER]
        if self.extra:
            lines.append(f"extra {canonical_base64.encode(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(canonical_base64.encode(one) for one in self.proof)
        return "\n".join(lines) + f"\n\n{self.checkpoint}"

    @staticmethod
    def parse(text: str) -> "ProofText":
        """What a text says; raises InvalidProofText unless it is the one spelling of it."""
        if len(text) > 2 * MAX_NOTE_BYTES:
            raise InvalidProofText(f"A proof has at most {2 * MAX_NOTE_BYTES:,} characters")
        head, blank_line, checkpoint = text.partition("\n\n")
        if not blank_line:
            raise InvalidProofText("There is no empty line between the proof and its checkpoint")
        header, *lines = head.split("\n")
        if header != _HEADER:
            raise InvalidProofText(f"The first line of a proof is {_HEADER}, not {header[:80]!r}")
        extra = b""
        if lines and lines[0].startswith("extra "):
            extra = _decoded(lines.pop(0).removeprefix("extra "))
        index = _INDEX.fullmatch(lines[0]) if lines else None
        if not index:
            raise InvalidProofText("The line before the hashes is `index`, a space and a number")
        return ProofText(
            int(index[1]), tuple(_decoded(one) for one in lines[1:]), checkpoint, extra
        )


def verify_proof_text(
    text: str, leaf: bytes, verifiers: Iterable[Verifier], origin: str
) -> tuple[int, Checkpoint]:
    """Where the log has the leaf's exact bytes: its index, and the checkpoint that says so.

    `verifiers` are the log's keys (see `open_checkpoint`), `origin` its name. Raises
    InvalidProofText, NoteInvalid, InvalidCheckpoint or ProofInvalid.
    """
    said = ProofText.parse(text)
    checkpoint = open_checkpoint(said.checkpoint, verifiers, origin)
    verify_inclusion(said.index, checkpoint.size, leaf_hash(leaf), said.proof, checkpoint.root)
    return said.index, checkpoint


def _decoded(encoded: str) -> bytes:
    try:
        value = canonical_base64.decode(encoded)
    except ValueError as error:
        raise InvalidProofText(f"Not canonical base64: {encoded[:80]!r}") from error
    if not value:
        raise InvalidProofText("A line of a proof is empty where base64 is due")
    return value
