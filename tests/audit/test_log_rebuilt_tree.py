"""The tree that a verifier rebuilds has the roots and the tiles of the one that is stored."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from governance.audit.log.rebuilt_tree import RebuiltTree
from governance.transparency.proofs import TiledTree
from governance.transparency.tiles import grow

LEAVES = [sha256(b"%d" % number).digest() for number in range(66_000)]


def test_every_root_and_every_tile_is_that_of_the_tiled_tree() -> None:
    rebuilt = RebuiltTree()
    tiles = grow(0, lambda level, index: b"", LEAVES)
    tiled = TiledTree(lambda level, index: tiles[level, index])
    found = {}
    for size, leaf in enumerate(LEAVES, 1):
        found |= {(level, index): hashes for level, index, hashes in rebuilt.append(leaf)}
        if size < 1_030 or size % 997 == 0 or 65_530 < size < 65_542:
            assert rebuilt.root() == tiled.root(size)
    assert rebuilt.tile_count() == len(tiles)
    found |= {(level, index): hashes for level, index, hashes in rebuilt.edge()}
    assert found == tiles


@given(st.integers(0, 600))
def test_the_edge_holds_what_is_not_full(size: int) -> None:
    rebuilt = RebuiltTree()
    for leaf in LEAVES[:size]:
        rebuilt.append(leaf)
    assert rebuilt.size == size
    full = {(level, index) for level, index, hashes in rebuilt.edge() if len(hashes) == 8192}
    assert full == set()
    assert sum(len(hashes) for _, _, hashes in rebuilt.edge()) // 32 == size % 256 + size // 256
