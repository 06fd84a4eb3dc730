"""A tree built anew from its leaves in the memory of its right edge: what a verifier compares."""

from governance.transparency.tiles import TILE_BYTES
from governance.transparency.tree import EMPTY_ROOT, HASH_BYTES, node_hash

Tile = tuple[int, int, bytes]
"""Level, index and hashes."""


class RebuiltTree:
    """Gives the root at every size that it grows through, and every tile as soon as it is full."""

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[_Level] = []

    def append(self, leaf_hash: bytes) -> list[Tile]:
        """Add a leaf; the tiles that it fills: mostly none."""
        self.size += 1
        return self._append(0, leaf_hash)

    def root(self) -> bytes:
        """MTH of RFC 6962, section 2.1, over the leaves so far."""
        root = b""
        for level in self._levels:
            for node in reversed(level.subtrees):
                root = node_hash(node, root) if root else node
        return root or EMPTY_ROOT

    def edge(self) -> list[Tile]:
        """The tiles that are not full yet."""
        return [
            (number, level.full_tiles, bytes(level.hashes))
            for number, level in enumerate(self._levels)
            if level.hashes
        ]

    def tile_count(self) -> int:
        """How many tiles the tree has, those of the edge included."""
        return sum(level.full_tiles for level in self._levels) + len(self.edge())

    def _append(self, number: int, added: bytes) -> list[Tile]:
        if number == len(self._levels):
            self._levels.append(_Level())
        level = self._levels[number]
        level.hashes += added
        count = len(level.hashes) // HASH_BYTES
        while not count & 1:
            added = node_hash(level.subtrees.pop(), added)
            count >>= 1
        if len(level.hashes) < TILE_BYTES:
            level.subtrees.append(added)
            return []
        full = (number, level.full_tiles, bytes(level.hashes))
        level.hashes.clear()
        level.full_tiles += 1
        return [full, *self._append(number + 1, added)]


class _Level:
    """The right-most tile of a level, and its whole subtrees, the largest first."""

    def __init__(self) -> None:
        self.full_tiles = 0
        self.hashes = bytearray()
        self.subtrees: list[bytes] = []
