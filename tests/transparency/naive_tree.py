"""The definitions of RFC 6962, sections 2.1 to 2.1.2, word for word: slow, and the reference."""

from collections.abc import Mapping
from hashlib import sha256

from governance.transparency.tiles import TileLoader


def leaf(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def root_of(leaves: list[bytes]) -> bytes:
    """MTH over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = _split(len(leaves))
    return sha256(b"\x01" + root_of(leaves[:k]) + root_of(leaves[k:])).digest()


def audit_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D[n])."""
    if len(leaves) == 1:
        return []
    k = _split(len(leaves))
    if index < k:
        return [*audit_path(index, leaves[:k]), root_of(leaves[k:])]
    return [*audit_path(index - k, leaves[k:]), root_of(leaves[:k])]


def consistency(size: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    """PROOF(m, D[n]), which is SUBPROOF(m, D[n], true)."""
    if size == len(leaves):
        return [] if whole else [root_of(leaves)]
    k = _split(len(leaves))
    if size <= k:
        return [*consistency(size, leaves[:k], whole), root_of(leaves[k:])]
    return [*consistency(size - k, leaves[k:], False), root_of(leaves[:k])]


def numbered_leaves(count: int) -> list[bytes]:
    return [leaf(b"record %d" % number) for number in range(count)]


def loader(tiles: Mapping[tuple[int, int], bytes]) -> TileLoader:
    """Tiles held in memory, as the code under test asks for them."""
    return lambda level, index: tiles[level, index]


def _split(count: int) -> int:
    """The largest power of two smaller than the count."""
    return 1 << ((count - 1).bit_length() - 1)
