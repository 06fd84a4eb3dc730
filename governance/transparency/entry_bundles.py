"""Entry bundles (C2SP tlog-tiles): up to 256 log entries, each with its length before it.

https://c2sp.org/tlog-tiles#log-entries
"""

from collections.abc import Sequence

from governance.errors import GovernanceError
from governance.transparency.tiles import TILE_WIDTH

MAX_ENTRY_BYTES = 65_535


class InvalidBundle(GovernanceError, ValueError):
    """Entries do not fit into a bundle, or bytes are none."""

    status = 422
    code = "invalid-entry-bundle"
    title = "This is not a bundle of log entries"


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Each entry after its length (2 bytes, big-endian).

    Raises InvalidBundle for an entry of more than 65,535 bytes, for no entry and for over 256.
    """
    _require_count(len(entries))
    return b"".join(encode_entry(entry) for entry in entries)


def encode_entry(entry: bytes) -> bytes:
    """One entry after its length; bundles are these, one after the other.

    Raises InvalidBundle for an entry of more than 65,535 bytes.
    """
    if len(entry) > MAX_ENTRY_BYTES:
        raise InvalidBundle(
            f"A log entry has at most {MAX_ENTRY_BYTES:,} bytes; this one has {len(entry):,}: "
            "keep the large part elsewhere and log its digest"
        )
    return len(entry).to_bytes(2, "big") + entry


def decode_bundle(bundle: bytes) -> list[bytes]:
    """The entries of a bundle; raises InvalidBundle where it ends within one, is empty, or has
    over 256."""
    entries: list[bytes] = []
    at = 0
    while at < len(bundle):
        start = at + 2
        at = start + int.from_bytes(bundle[at:start], "big")
        if at > len(bundle):
            raise InvalidBundle(f"The bundle ends within entry {len(entries)}")
        entries.append(bundle[start:at])
    _require_count(len(entries))
    return entries


def _require_count(count: int) -> None:
    if not 1 <= count <= TILE_WIDTH:
        raise InvalidBundle(f"A bundle has 1 to {TILE_WIDTH} entries; this one has {count}")
