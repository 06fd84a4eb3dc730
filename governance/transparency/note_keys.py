"""Ed25519 keys of signed notes in the text forms of golang.org/x/mod/sumdb/note.

A verifier key is `<name>+<key id>+<base64 of 0x01 ‖ public key>` (https://c2sp.org/signed-note);
a signer key is `PRIVATE+KEY+<name>+<key id>+<base64 of 0x01 ‖ seed>` (note.NewSigner).
"""

import re
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from governance.errors import GovernanceError
from governance.transparency import canonical_base64

_ED25519 = b"\x01"
_KEY_BYTES = 32
_KEY_ID = re.compile(r"[0-9a-f]{8}")


class InvalidNoteKey(GovernanceError, ValueError):
    """A text is no key of signed notes. The message never repeats it: it may be a private one."""

    status = 422
    code = "invalid-note-key"
    title = "This is not a key of signed notes"


@dataclass(frozen=True)
class Verifier:
    """A public key that checks notes: the name it goes by and its 32 bytes."""

    name: str
    public_key: bytes
    key_id: int = field(init=False)

    def __post_init__(self) -> None:
        _require_name(self.name)
        if len(self.public_key) != _KEY_BYTES:
            raise InvalidNoteKey(f"An Ed25519 key has 32 bytes, not {len(self.public_key)}")
        digest = sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()
        object.__setattr__(self, "key_id", int.from_bytes(digest[:4], "big"))

    def __str__(self) -> str:
        """The key's text form."""
        return (
            f"{self.name}+{self.key_id:08x}+{canonical_base64.encode(_ED25519 + self.public_key)}"
        )

    @staticmethod
    def parse(text: str) -> "Verifier":
        """The key of a text form; raises InvalidNoteKey for all else, a wrong key id included."""
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise InvalidNoteKey("A verifier key is <name>+<8 hex digits>+<base64>")
        name, key_id, encoded = parts
        verifier = Verifier(name, _key_bytes(encoded))
        _require_key_id(key_id, verifier)
        return verifier

    def verifies(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's for the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A private key that signs notes; printing it shows the public half only."""

    name: str
    seed: bytes = field(repr=False)
    verifier: Verifier = field(init=False)

    def __post_init__(self) -> None:
        _require_name(self.name)
        if len(self.seed) != _KEY_BYTES:
            raise InvalidNoteKey(f"The seed of an Ed25519 key has 32 bytes, not {len(self.seed)}")
        public_key = self._private_key().public_key().public_bytes_raw()
        object.__setattr__(self, "verifier", Verifier(self.name, public_key))

    @staticmethod
    def generate(name: str) -> "Signer":
        """A new key under a name, for a log its origin; raises InvalidNoteKey for a bad name."""
        return Signer(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @staticmethod
    def parse(text: str) -> "Signer":
        """The key of a secret text; raises InvalidNoteKey for all else, a wrong key id included."""
        parts = text.split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
            raise InvalidNoteKey("A signer key is PRIVATE+KEY+<name>+<8 hex digits>+<base64>")
        _, _, name, key_id, encoded = parts
        signer = Signer(name, _key_bytes(encoded))
        _require_key_id(key_id, signer.verifier)
        return signer

    def secret_text(self) -> str:
        """The text form of the private key: whoever reads it can sign."""
        encoded = canonical_base64.encode(_ED25519 + self.seed)
        return f"PRIVATE+KEY+{self.name}+{self.verifier.key_id:08x}+{encoded}"

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the Ed25519 signature (RFC 8032)."""
        return self._private_key().sign(message)

    def _private_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def is_key_name(name: str) -> bool:
    """Whether a key may have this name: not empty, no white space, control character or `+`."""
    return (
        name != ""
        and "+" not in name
        and not any(one.isspace() or one < " " or "\ud800" <= one <= "\udfff" for one in name)
    )


def _require_name(name: str) -> None:
    if not is_key_name(name):
        raise InvalidNoteKey("A key's name is not empty and has no white space and no `+`")


def _key_bytes(encoded: str) -> bytes:
    try:
        typed = canonical_base64.decode(encoded)
    except ValueError as error:
        raise InvalidNoteKey("The last part of a key is canonical base64") from error
    if typed[:1] != _ED25519:
        raise InvalidNoteKey("Only Ed25519 keys (type 0x01) are known here")
    return typed[1:]


def _require_key_id(key_id: str, verifier: Verifier) -> None:
    if not _KEY_ID.fullmatch(key_id) or int(key_id, 16) != verifier.key_id:
        raise InvalidNoteKey("The key's id does not fit its name and bytes: it was changed or cut")
