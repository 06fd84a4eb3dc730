"""Signed notes (C2SP signed-note) with Ed25519 keys, as golang.org/x/mod/sumdb/note reads them.

https://c2sp.org/signed-note and https://pkg.go.dev/golang.org/x/mod/sumdb/note
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from governance.errors import GovernanceError
from governance.transparency import canonical_base64
from governance.transparency.note_keys import Signer, Verifier, is_key_name

MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIGNATURE_PREFIX = "— "


class NoteInvalid(GovernanceError, ValueError):
    """A note is malformed, or no known key signed it; the message says which."""

    status = 422
    code = "invalid-note"
    title = "The signed note does not hold"


@dataclass(frozen=True)
class Signature:
    """One signature line: the key's name and id, and the base64 of the id and the signature."""

    name: str
    key_id: int
    base64: str


@dataclass(frozen=True)
class Note:
    """An opened note: its text, and who signed it.

    `verified` are the signatures of known keys, all of them good; `unverified` are those of keys
    that the reader does not know, which prove nothing.
    """

    text: str
    verified: tuple[Signature, ...]
    unverified: tuple[Signature, ...]


def sign(text: str, signers: Sequence[Signer]) -> str:
    """The note: the text, an empty line, and a signature line for each signer.

    `text` ends with a line end. Raises NoteInvalid where it does not, has other control characters,
    or makes a note that `open_note` would refuse.
    """
    if not text.endswith("\n"):
        raise NoteInvalid("The text of a note ends with a line end; this one does not")
    message = _checked_bytes(text)
    if not 1 <= len(signers) <= MAX_SIGNATURES:
        raise NoteInvalid(f"A note has 1 to {MAX_SIGNATURES} signatures; {len(signers)} are asked")
    lines = []
    for signer in signers:
        signature = signer.verifier.key_id.to_bytes(4, "big") + signer.sign(message)
        encoded = canonical_base64.encode(signature)
        lines.append(f"{_SIGNATURE_PREFIX}{signer.verifier.name} {encoded}\n")
    note = f"{text}\n{''.join(lines)}"
    _checked_bytes(note)
    return note


def open_note(note: str | bytes, verifiers: Iterable[Verifier]) -> Note:
    """The text of a note that at least one of the known keys signed.

    As in Go's `note.Open`: signatures of unknown keys are kept apart, a known key's second
    signature and an unknown key's repeated line are passed over, and a bad signature of a known
    key spoils the note. Raises NoteInvalid for that, for a note without a known key's signature,
    for one malformed or over 1 MB or 100 signatures. Base64 must be canonical (Go lets more pass).
    """
    text, signature_block = _split(note)
    message = text.encode()
    known: dict[tuple[str, int], list[Verifier]] = {}
    for verifier in verifiers:
        known.setdefault((verifier.name, verifier.key_id), []).append(verifier)
    verified: dict[tuple[str, int], Signature] = {}
    unverified: dict[Signature, None] = {}
    lines = signature_block.split("\n")[:-1]
    if len(lines) > MAX_SIGNATURES:
        raise NoteInvalid(f"The note has over {MAX_SIGNATURES} signatures")
    for line in lines:
        signature, raw = _parse_signature(line)
        key = (signature.name, signature.key_id)
        if key not in known:
            unverified[signature] = None
            continue
        if key in verified:
            continue
        if len(known[key]) > 1:
            raise NoteInvalid(f"Two known keys are {signature.name}+{signature.key_id:08x}")
        if not known[key][0].verifies(message, raw):
            raise NoteInvalid(
                f"The signature of {signature.name}+{signature.key_id:08x} does not fit the text"
            )
        verified[key] = signature
    if not verified:
        signed_by = ", ".join(f"{one.name}+{one.key_id:08x}" for one in unverified)
        raise NoteInvalid(f"No known key signed the note; it is signed by {signed_by[:500]}")
    return Note(text, tuple(verified.values()), tuple(unverified))


def _split(note: str | bytes) -> tuple[str, str]:
    """The text with its line end, and the lines of signatures."""
    if isinstance(note, bytes):
        try:
            note = note.decode()
        except UnicodeDecodeError as error:
            raise NoteInvalid(f"A note is UTF-8; byte {error.start} is not") from error
    _checked_bytes(note)
    text, blank_line, signatures = note.rpartition("\n\n")
    if not blank_line:
        raise NoteInvalid("The note has no empty line between text and signatures")
    if not signatures.endswith("\n"):
        raise NoteInvalid("The note has no signature, or its last line has no end")
    return f"{text}\n", signatures


def _parse_signature(line: str) -> tuple[Signature, bytes]:
    """The signature of a line `— <name> <base64>`, and its bytes without the key id."""
    name, _, encoded = line.removeprefix(_SIGNATURE_PREFIX).partition(" ")
    try:
        raw = canonical_base64.decode(encoded)
    except ValueError:
        raw = b""
    if not line.startswith(_SIGNATURE_PREFIX) or not is_key_name(name) or len(raw) < 5:
        raise NoteInvalid(f"Not a signature line (— <key name> <base64>): {line[:120]!r}")
    return Signature(name, int.from_bytes(raw[:4], "big"), encoded), raw[4:]


def _checked_bytes(text: str) -> bytes:
    """The text as UTF-8; raises NoteInvalid for control characters, half characters, over 1 MB."""
    control = _CONTROL.search(text)
    if control:
        raise NoteInvalid(f"A note has no control character; {control[0]!r} is one")
    try:
        encoded = text.encode()
    except UnicodeEncodeError as error:
        raise NoteInvalid("A note has whole characters; half a surrogate pair is none") from error
    if len(encoded) > MAX_NOTE_BYTES:
        raise NoteInvalid(f"A note has at most {MAX_NOTE_BYTES:,} bytes, not {len(encoded):,}")
    return encoded
