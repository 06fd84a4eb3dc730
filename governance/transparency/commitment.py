"""Commitments to personal values: the log holds the hash, the value can be erased beside it.

The commitment is SHA-256(salt ‖ canonical JSON of the value) with 32 random bytes of salt. Without
salt and value it says nothing, not even to one who guesses e-mail addresses.
"""

import secrets
from hashlib import sha256
from json import JSONEncoder

from governance.errors import GovernanceError

Scalar = str | bool | int | None

SALT_BYTES = 32
PREFIX = "commitment:sha256:"
MAX_INTEGER = (1 << 53) - 1
"""RFC 8785 writes numbers as IEEE 754 doubles, exact up to here (RFC 7493, section 2.2)."""

# For these values, RFC 8785 differs from JSON at large only in how strings are escaped, and that
# is how this encoder does it.
_to_json = JSONEncoder(ensure_ascii=False, allow_nan=False).encode


class NotCommittable(GovernanceError, ValueError):
    """A value has no canonical JSON that every reader writes alike."""

    status = 422
    code = "not-committable"
    title = "The value cannot be committed to"


def commit(value: Scalar) -> tuple[bytes, str]:
    """A fresh salt of 32 bytes, and the commitment `commitment:sha256:<64 hex digits>`.

    Keep the salt beside the value and erase both together. Raises NotCommittable for half a
    surrogate pair, an integer beyond ±(2^53 - 1), and types other than text, integer, truth value
    and None.
    """
    salt = secrets.token_bytes(SALT_BYTES)
    return salt, _commitment(salt, value)


def opens(commitment: str, salt: bytes, value: Scalar) -> bool:
    """Whether salt and value are those that the commitment was made of.

    A salt of another length opens nothing. Raises NotCommittable as `commit` does.
    """
    return len(salt) == SALT_BYTES and commitment == _commitment(salt, value)


def canonical_json(value: Scalar) -> bytes:
    """The value as JSON in the form of RFC 8785; raises NotCommittable as `commit` does."""
    if isinstance(value, int) and not -MAX_INTEGER <= value <= MAX_INTEGER:
        raise NotCommittable(f"An integer beyond ±{MAX_INTEGER} is not exact in JSON: send text")
    if value is not None and not isinstance(value, str | int):
        raise NotCommittable(
            f"A {type(value).__name__} is not committed to: only text, integers, true, false, null"
        )
    try:
        return _to_json(value).encode()
    except UnicodeEncodeError as error:
        raise NotCommittable("Text has whole characters; half a surrogate pair is none") from error


def _commitment(salt: bytes, value: Scalar) -> str:
    return PREFIX + sha256(salt + canonical_json(value)).hexdigest()
