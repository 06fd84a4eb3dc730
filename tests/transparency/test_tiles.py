"""Tiles have one path each, and a tree that grows writes exactly the tiles that change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_tree import loader, numbered_leaves, root_of

from governance.transparency.proofs import TiledTree
from governance.transparency.tiles import (
    BrokenTile,
    InvalidTilePath,
    TilePath,
    changed_tiles,
    grow,
)
from governance.transparency.tree import ProofInvalid

LEAVES = numbered_leaves(1200)
TREE_OF_70000 = numbered_leaves(70_000)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (TilePath(0, 1234067), "tile/0/x001/x234/067"),
        (TilePath(63, 0), "tile/63/000"),
        (TilePath(1, 999, 17), "tile/1/999.p/17"),
        (TilePath(2, 1000, 255), "tile/2/x001/000.p/255"),
        (TilePath(None, 273, 112), "tile/entries/273.p/112"),
    ],
)
def test_a_tile_has_the_path_of_the_specification(tile: TilePath, path: str) -> None:
    assert str(tile) == path
    assert TilePath.parse(path) == tile


@given(
    level=st.none() | st.integers(0, 63),
    index=st.integers(0, 1000**7 - 1),
    width=st.integers(1, 256),
)
def test_every_path_is_read_back(level: int | None, index: int, width: int) -> None:
    tile = TilePath(level, index, width)
    assert TilePath.parse(str(tile)) == tile


@pytest.mark.parametrize(
    "path",
    ["", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/1000",
     "tile/00/000", "tile/01/000", "tile/64/000", "tile/-1/000", "tile/entry/000",
     "tile/0/x000/001", "tile/0/x001", "tile/0/001/x234", "tile/0/001/234", "tile/0/X001/234",
     "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p",
     "tile/0/000.p/1 ", "/tile/0/000", "tile/0/000\n", "tile/0/٠٠٠", "tile/0/..",
     "tile/0/x001" + 6 * "/x000" + "/000"],
)  # fmt: skip
def test_a_second_spelling_and_what_is_no_path_are_refused(path: str) -> None:
    with pytest.raises(InvalidTilePath):
        TilePath.parse(path)


@pytest.mark.parametrize("parts", [(64, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)])
def test_a_tile_that_cannot_be_has_no_path(parts: tuple[int, int, int]) -> None:
    with pytest.raises(InvalidTilePath, match="There is no tile"):
        TilePath(*parts)


def test_a_tree_of_70000_has_the_tiles_of_the_specification() -> None:
    tiles = changed_tiles(0, 70_000)
    assert [tile for tile in tiles if tile.width < 256] == [
        TilePath(0, 273, 112),
        TilePath(1, 1, 17),
        TilePath(2, 0, 1),
    ]
    assert len([tile for tile in tiles if tile.level == 0]) == 274
    assert len([tile for tile in tiles if tile.level == 1]) == 2
    assert changed_tiles(0, 256) == [TilePath(0, 0), TilePath(1, 0, 1)]


def test_a_tree_of_70000_grows_to_its_root_and_its_tiles() -> None:
    tiles = grown([69_000, 1_000])
    assert list(tiles) == [(tile.level, tile.index) for tile in changed_tiles(0, 70_000)]
    assert TiledTree(loader(tiles)).root(70_000) == root_of(TREE_OF_70000)
    assert tiles[2, 0] == root_of(TREE_OF_70000[: 256**2])


@given(st.lists(st.integers(0, 300), min_size=1, max_size=8).filter(lambda one: sum(one) <= 1200))
def test_a_tree_grown_in_any_batches_has_the_root_of_the_definition(batches: list[int]) -> None:
    tiles: dict[tuple[int, int], bytes] = {}
    size = 0
    for count in batches:
        new = size + count
        changed = grow(size, loader(tiles), LEAVES[size:new])
        widths = {(tile.level, tile.index): tile.width for tile in changed_tiles(size, new)}
        assert {key: len(content) // 32 for key, content in changed.items()} == widths
        tiles |= changed
        size = new
        assert TiledTree(loader(tiles)).root(size) == root_of(LEAVES[:size])
    assert {key: len(content) // 32 for key, content in tiles.items()} == {
        (tile.level, tile.index): tile.width for tile in changed_tiles(0, size)
    }


def test_growing_asks_only_for_the_partial_tiles_at_the_right_edge() -> None:
    tiles = grown([65_000])
    asked: list[tuple[int, int]] = []

    def load(level: int, index: int) -> bytes:
        asked.append((level, index))
        return tiles[level, index]

    grow(65_000, load, LEAVES[:2])
    assert asked == [(0, 253)]
    grow(65_000, load, LEAVES[:1000])
    assert asked == [(0, 253), (0, 253), (1, 0)]
    assert grow(65_000, load, []) == {}


@pytest.mark.parametrize("width", [0, 9, 11, 256])
def test_a_right_edge_of_another_size_is_refused(width: int) -> None:
    with pytest.raises(BrokenTile, match="right-most tile 0/0 has"):
        grow(10, loader({(0, 0): b"".join(LEAVES[:width])}), LEAVES[10:12])


def test_a_leaf_hash_of_another_length_is_refused() -> None:
    with pytest.raises(ProofInvalid, match="32 bytes"):
        grow(0, loader({}), [LEAVES[0], LEAVES[1][:31]])


def grown(batches: list[int]) -> dict[tuple[int, int], bytes]:
    tiles: dict[tuple[int, int], bytes] = {}
    size = 0
    for count in batches:
        added = TREE_OF_70000[size : size + count]
        tiles |= grow(size, loader(tiles), added)
        size += count
    return dict(sorted(tiles.items()))
