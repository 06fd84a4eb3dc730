"""Salted commitments: a value is withheld or erased, or shown to who wants to check it."""

import hmac
import json
import os
from hashlib import sha256

_PREFIX = "commitment:sha256:"
_SALT_BYTES = 32

Value = str | bool | int | None


def commit(value: Value) -> tuple[bytes, str]:
    """A fresh salt and the commitment: SHA-256 of the salt and the canonical JSON of the value.

    Without the salt, 32 random bytes, the value cannot be found by trying.
    Raises `TypeError` for a value that is not a text, an integer, true, false or null.
    """
    salt = os.urandom(_SALT_BYTES)
    return salt, _commitment(salt, value)


def opens(commitment: str, salt: bytes, value: Value) -> bool:
    """Whether this salt and value are what was committed to."""
    if len(salt) != _SALT_BYTES or not isinstance(value, Value):
        return False
    return hmac.compare_digest(commitment.encode(), _commitment(salt, value).encode())


def _commitment(salt: bytes, value: Value) -> str:
    if not isinstance(value, Value):
        raise TypeError(f"{type(value).__name__} has no commitment: text, integer, bool or null")
    # For these types json.dumps writes what RFC 8785 asks for.
    canonical = json.dumps(value, ensure_ascii=False).encode()
    return _PREFIX + sha256(salt + canonical).hexdigest()
