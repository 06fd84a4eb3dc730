"""Roots and proofs of any tree size, out of the tiles of the log.

The tree may have grown since: proofs of an older size use the same tiles and read less of them.
"""

from governance.transparency.tiles import (
    TILE_BYTES,
    TILE_HEIGHT,
    BrokenTile,
    TileLoader,
    subtree_levels,
)
from governance.transparency.tree import (
    EMPTY_ROOT,
    HASH_BYTES,
    ProofInvalid,
    node_hash,
    require_index,
)


class TiledTree:
    """The tree behind a tile loader; keeps the `cached_tiles` last read (some 16 kB each).

    `load(level, index)` gives the hashes so far of a tile. A method raises BrokenTile where a tile
    has fewer hashes than the size asked for needs. What was cached of a tile that has grown since
    is read anew. Not for use by several threads at once.
    """

    def __init__(self, load: TileLoader, cached_tiles: int = 64) -> None:
        self._load = load
        self._cached_tiles = cached_tiles
        self._cache: dict[tuple[int, int], list[bytes]] = {}

    def root(self, size: int) -> bytes:
        """MTH(D[size]) of RFC 6962, section 2.1."""
        return self._range(0, size) if size else EMPTY_ROOT

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        """PATH(index, D[size]) of RFC 6962, section 2.1.1; ProofInvalid for no such leaf."""
        require_index(index, size)
        return [
            self.node(height, index >> height ^ 1, size)
            for height in range((size - 1).bit_length())
            if index >> height ^ 1 <= (size - 1) >> height
        ]

    def consistency_proof(self, size1: int, size2: int) -> list[bytes]:
        """PROOF(size1, D[size2]) of RFC 6962, section 2.1.2.

        Raises ProofInvalid unless 1 ≤ size1 ≤ size2.
        """
        if not 1 <= size1 <= size2:
            raise ProofInvalid(f"No tree of {size1} leaves can be the beginning of one of {size2}")
        start, end = 0, size2
        upper: list[bytes] = []
        while size1 != end:
            middle = start + (1 << (end - start - 1).bit_length() - 1)
            if size1 <= middle:
                upper.append(self._range(middle, end))
                end = middle
            else:
                upper.append(self._range(start, middle))
                start = middle
        # A verifier has the first tree's root, so a subtree that is all of it is left out.
        lowest = [self._range(start, end)] if start else []
        return lowest + upper[::-1]

    def node(self, height: int, index: int, size: int) -> bytes:
        """The hash over the leaves [index·2^height, (index + 1)·2^height) that a tree of `size`
        leaves has of these: the last node of a height may have fewer of them."""
        start = index << height
        if start + (1 << height) <= size:
            return self._whole(height, index)
        return self._range(start, size)

    def _range(self, start: int, end: int) -> bytes:
        """MTH(D[start:end]) where `start` is the first leaf of a subtree that holds `end`."""
        parts = []
        while start < end:
            height = (end - start).bit_length() - 1
            parts.append(self._whole(height, start >> height))
            start += 1 << height
        total = parts.pop()
        while parts:
            total = node_hash(parts.pop(), total)
        return total

    def _whole(self, height: int, index: int) -> bytes:
        """The hash of a subtree of 2^height leaves."""
        level, within = divmod(height, TILE_HEIGHT)
        tile = index >> TILE_HEIGHT - within
        start = (index - (tile << TILE_HEIGHT - within)) * HASH_BYTES
        end = start + HASH_BYTES
        levels = self._cache.get((level, tile))
        if levels is None or within >= len(levels) or end > len(levels[within]):
            levels = self._read(level, tile)
            if within >= len(levels) or end > len(levels[within]):
                raise BrokenTile(f"Tile {level}/{tile} is too short for a tree of the size asked")
        return levels[within][start:end]

    def _read(self, level: int, tile: int) -> list[bytes]:
        hashes = self._load(level, tile)
        if not 0 < len(hashes) <= TILE_BYTES or len(hashes) % HASH_BYTES:
            raise BrokenTile(f"Tile {level}/{tile} has {len(hashes)} bytes: not 1 to 256 hashes")
        self._cache.pop((level, tile), None)
        if len(self._cache) >= self._cached_tiles:
            self._cache.pop(next(iter(self._cache)))
        levels = self._cache[level, tile] = subtree_levels(hashes)
        return levels
