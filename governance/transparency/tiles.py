"""Tiles of 256 hashes (C2SP tlog-tiles): their names, and what they hold as the tree grows.

https://c2sp.org/tlog-tiles
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from governance.errors import GovernanceError
from governance.transparency.tree import HASH_BYTES, require_hashes

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
MAX_LEVEL = 63
TILE_BYTES = TILE_WIDTH * HASH_BYTES

TileLoader = Callable[[int, int], bytes]
"""The hashes so far of the tile (level, index), one after the other: 32 to 8,192 bytes."""

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class InvalidTilePath(GovernanceError, ValueError):
    """A path names no tile."""

    status = 404
    code = "no-such-tile"
    title = "There is no tile under that path"


class BrokenTile(GovernanceError):
    """A stored tile does not hold what a tree of this size needs: the log cannot be trusted."""

    code = "broken-tile"
    title = "The stored tree is incomplete or damaged; nothing is proved with it"


@dataclass(frozen=True)
class TilePath:
    """Where a tile is served: `tile/<level>/<index>[.p/<width>]`; level None is `entries`.

    `width` is the number of hashes (entries), 256 where the tile is full.
    """

    level: int | None
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        level_fits = self.level is None or 0 <= self.level <= MAX_LEVEL
        if not (level_fits and 0 <= self.index < 1000**7 and 1 <= self.width <= TILE_WIDTH):
            raise InvalidTilePath(
                f"There is no tile with level {self.level}, index {self.index}, width {self.width}"
            )

    def __str__(self) -> str:
        groups = [f"{self.index % 1000:03}"]
        rest = self.index // 1000
        while rest:
            groups.append(f"x{rest % 1000:03}")
            rest //= 1000
        level = "entries" if self.level is None else self.level
        partial = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"

    @staticmethod
    def parse(path: str) -> "TilePath":
        """The tile under a path; raises InvalidTilePath unless the path is its one spelling."""
        found = _PATH.fullmatch(path)
        if not found:
            raise InvalidTilePath(
                f"Not a tile path: {path[:80]!r}; one is tile/<level>/<index>, as in "
                "tile/0/x001/234 or tile/entries/000.p/17"
            )
        level, index, width = found["level"], found["index"], found["width"]
        tile = TilePath(
            None if level == "entries" else int(level),
            int(index.replace("x", "").replace("/", "")),
            int(width) if width else TILE_WIDTH,
        )
        if str(tile) != path:
            raise InvalidTilePath(f"A tile has one path; {path!r} is written {str(tile)!r}")
        return tile


def changed_tiles(old_size: int, new_size: int) -> list[TilePath]:
    """The tiles of hashes that are new or longer once a tree of `old_size` has `new_size` leaves.

    With `old_size` 0 these are all tiles of the tree. Level by level, in ascending index order.
    """
    changed: list[TilePath] = []
    for level in range(MAX_LEVEL + 1):
        old, new = (size >> TILE_HEIGHT * level for size in (old_size, new_size))
        if new <= old:
            break
        changed.extend(
            TilePath(level, index, min(TILE_WIDTH, new - index * TILE_WIDTH))
            for index in range(old // TILE_WIDTH, (new - 1) // TILE_WIDTH + 1)
        )
    return changed


def grow(
    old_size: int, load: TileLoader, leaf_hashes: Sequence[bytes]
) -> dict[tuple[int, int], bytes]:
    """The full new content of every tile, by (level, index), that appending the leaves changes.

    `load` is asked only for the right-most partial tile of each level that changes. Costs about
    one node hash a leaf: a subtree is hashed when its tile is full, and never again. Raises
    BrokenTile where a loaded tile does not have exactly the hashes of `old_size`, ProofInvalid
    for a leaf hash that is not 32 bytes long.
    """
    require_hashes(*leaf_hashes)
    changed: dict[tuple[int, int], bytes] = {}
    added = b"".join(leaf_hashes)
    for level in range(MAX_LEVEL + 1):
        if not added:
            break
        index, width = divmod(old_size >> TILE_HEIGHT * level, TILE_WIDTH)
        content = _edge(load, level, index, width) + added if width else added
        full_tiles = []
        for start in range(0, len(content), TILE_BYTES):
            tile = content[start : start + TILE_BYTES]
            changed[level, index] = tile
            if len(tile) == TILE_BYTES:
                full_tiles.append(subtree_levels(tile)[-1])
            index += 1
        added = b"".join(full_tiles)
    return changed


def subtree_levels(hashes: bytes) -> list[bytes]:
    """The tile's own hashes, then the level above them, and so on while a level has a whole node:
    for a full tile 256, 128, …, 1 hashes."""
    levels = [hashes]
    while len(hashes) >= 2 * HASH_BYTES:
        pairs = range(0, len(hashes) - 2 * HASH_BYTES + 1, 2 * HASH_BYTES)
        hashes = b"".join(
            [sha256(b"\x01" + hashes[at : at + 2 * HASH_BYTES]).digest() for at in pairs]
        )
        levels.append(hashes)
    return levels


def _edge(load: TileLoader, level: int, index: int, width: int) -> bytes:
    hashes = load(level, index)
    if len(hashes) != width * HASH_BYTES:
        raise BrokenTile(
            f"The right-most tile {level}/{index} has {len(hashes)} bytes, not {width} hashes"
        )
    return hashes
