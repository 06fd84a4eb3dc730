"""Proofs made from tiles are those of the definition, at every size that the tiles ever had."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_tree import audit_path, consistency, loader, numbered_leaves, root_of

from governance.transparency.proofs import TiledTree
from governance.transparency.tiles import BrokenTile, grow
from governance.transparency.tree import (
    EMPTY_ROOT,
    ProofInvalid,
    verify_consistency,
    verify_inclusion,
)

SIZE = 700
LEAVES = numbered_leaves(SIZE)
TILES = grow(0, loader({}), LEAVES)
ROOTS = [root_of(LEAVES[:size]) for size in range(SIZE + 1)]


def test_the_root_at_every_size_is_that_of_the_definition() -> None:
    tree = TiledTree(loader(TILES))
    assert [tree.root(size) for size in range(SIZE + 1)] == ROOTS
    assert tree.root(0) == EMPTY_ROOT


@pytest.mark.parametrize("size", [*range(1, 66), 127, 128, 129, 255, 256, 257, 258, 511, 513, 700])
def test_every_leaf_is_proved(size: int) -> None:
    tree = TiledTree(loader(TILES))
    for index in range(size):
        proof = tree.inclusion_proof(index, size)
        verify_inclusion(index, size, LEAVES[index], proof, ROOTS[size])


@pytest.mark.parametrize("size", [*range(1, 66), 127, 128, 129, 255, 256, 257, 258, 511, 513, 700])
def test_every_smaller_tree_is_proved_the_beginning(size: int) -> None:
    tree = TiledTree(loader(TILES))
    for old in range(1, size + 1):
        proof = tree.consistency_proof(old, size)
        verify_consistency(old, size, ROOTS[old], ROOTS[size], proof)


@given(size=st.integers(1, SIZE), data=st.data())
def test_the_proofs_are_those_of_the_definition(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    tree = TiledTree(loader(TILES), cached_tiles=1)
    assert tree.inclusion_proof(index, size) == audit_path(index, LEAVES[:size])
    assert tree.consistency_proof(index + 1, size) == consistency(index + 1, LEAVES[:size])


def test_a_tree_that_grows_under_the_reader_is_read_anew() -> None:
    tiles = grow(0, loader({}), LEAVES[:100])
    tree = TiledTree(loader(tiles))
    assert tree.root(100) == ROOTS[100]
    tiles |= grow(100, loader(tiles), LEAVES[100:])
    assert tree.root(700) == ROOTS[700]
    assert tree.inclusion_proof(99, 100) == audit_path(99, LEAVES[:100])


def test_a_tile_is_read_once_while_it_is_cached() -> None:
    asked: list[tuple[int, int]] = []

    def counted(level: int, index: int) -> bytes:
        asked.append((level, index))
        return TILES[level, index]

    roomy, narrow = TiledTree(counted, cached_tiles=4), TiledTree(counted, cached_tiles=2)
    for _ in range(3):
        roomy.inclusion_proof(0, SIZE)
    assert sorted(asked) == [(0, 0), (0, 2), (1, 0)]
    for _ in range(3):
        narrow.inclusion_proof(0, SIZE)
    assert len(asked) > 6


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 33, b"x" * 8224, b"".join(LEAVES[:9])])
def test_a_tile_without_the_hashes_that_the_size_needs_proves_nothing(content: bytes) -> None:
    with pytest.raises(BrokenTile):
        TiledTree(lambda level, index: content).root(10)


def test_a_proof_outside_the_tree_is_refused() -> None:
    tree = TiledTree(loader(TILES))
    for index, size in [(0, 0), (5, 5), (-1, 5)]:
        with pytest.raises(ProofInvalid):
            tree.inclusion_proof(index, size)
    for old, new in [(0, 5), (6, 5), (0, 0)]:
        with pytest.raises(ProofInvalid):
            tree.consistency_proof(old, new)
