"""The walk over many leaves makes the same proofs as one at a time, and the checker believes the
same ones."""

from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_tree import loader, numbered_leaves, root_of

from governance.transparency.inclusion_checker import InclusionChecker
from governance.transparency.proof_walk import ProofWalk
from governance.transparency.proofs import TiledTree
from governance.transparency.tiles import grow
from governance.transparency.tree import ProofInvalid, verify_inclusion

SIZE = 600
LEAVES = numbered_leaves(SIZE)
TILES = grow(0, loader({}), LEAVES)
TREE = TiledTree(loader(TILES))

sizes = st.integers(1, SIZE) | st.sampled_from([1, 2, 3, 255, 256, 257, 511, 512, 513])


@st.composite
def ascending(draw: st.DrawFn) -> tuple[int, list[int]]:
    """A size, and indices in it: some of them, or a run."""
    size = draw(sizes)
    if draw(st.booleans()):
        start = draw(st.integers(0, size - 1))
        return size, list(range(start, min(size, start + 20)))
    return size, sorted(draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=20)))


def encoded(proof: list[bytes]) -> list[str]:
    return [b64encode(one).decode() for one in proof]


@given(ascending())
def test_a_walk_gives_the_proof_of_every_leaf_it_is_asked_for(case: tuple[int, list[int]]) -> None:
    size, indices = case
    walk = ProofWalk(TREE, size)
    for index in indices:
        proof = walk.proof(index)
        assert proof == encoded(TREE.inclusion_proof(index, size))
        proof.clear()


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 7, 8, 9, 31, 33, 256, 257, 511, 600])
def test_every_leaf_in_turn_is_proved_and_checked(size: int) -> None:
    walk, checker = ProofWalk(TREE, size), InclusionChecker(size, root_of(LEAVES[:size]))
    for index in range(size):
        proof = walk.proof(index)
        assert proof == encoded(TREE.inclusion_proof(index, size))
        checker.check(index, LEAVES[index], proof)


def changed(data: st.DataObject, proof: list[str]) -> list[str]:
    """The proof, or one near it: most of these are wrong, and some are the same in other words."""
    kind = data.draw(st.sampled_from(["same", "bit", "less", "more", "swap", "text", "repeat"]))
    if kind == "more":
        at = data.draw(st.integers(0, len(proof)))
        return [*proof[:at], b64encode(LEAVES[0]).decode(), *proof[at:]]
    if kind == "same" or not proof:
        return proof
    at = data.draw(st.integers(0, len(proof) - 1))
    before, one, after = proof[:at], proof[at], proof[at + 1 :]
    if kind == "less":
        return before + after
    if kind == "swap":
        return [*after, one, *before]
    if kind == "repeat":
        return [*before, one, one, *after]
    if kind == "bit":
        raw = bytearray(b64decode(one))
        raw[data.draw(st.integers(0, 31))] ^= 1 << data.draw(st.integers(0, 7))
        return [*before, b64encode(raw).decode(), *after]
    position = data.draw(st.integers(0, len(one) - 1))
    letter = data.draw(st.sampled_from("AB=\n é+-"))
    return [*before, one[:position] + letter + one[position + 1 :], *after]


def believed_alone(index: int, size: int, leaf: bytes, proof: list[str], root: bytes) -> bool:
    """What verify_inclusion says of the hashes; base64 in a second spelling is not believed."""
    try:
        hashes = [b64decode(one, validate=True) for one in proof]
        if encoded(hashes) != proof:
            return False
        verify_inclusion(index, size, leaf, hashes, root)
    except ValueError:
        return False
    return True


@given(case=ascending(), data=st.data())
def test_the_checker_believes_exactly_what_verifying_alone_believes(
    case: tuple[int, list[int]], data: st.DataObject
) -> None:
    size, indices = case
    root = root_of(LEAVES[:size])
    checker = InclusionChecker(size, root)
    for index in indices:
        leaf = LEAVES[data.draw(st.sampled_from([index, index, index, index ^ 1])) % SIZE]
        proof = changed(data, encoded(TREE.inclusion_proof(index, size)))
        try:
            checker.check(index, leaf, proof)
            believed = True
        except ProofInvalid:
            believed = False
        assert believed is believed_alone(index, size, leaf, proof, root)


@pytest.mark.parametrize(
    ("at", "reason"), [(0, "Hash 0 of the proof is not canonical"), (1, "another root")]
)
def test_set_bits_under_the_padding_are_refused(at: int, reason: str) -> None:
    """The 43rd character of a hash has two bits that mean nothing; other decoders drop them."""
    checker = InclusionChecker(5, root_of(LEAVES[:5]))
    proofs = [encoded(TREE.inclusion_proof(index, 5)) for index in range(5)]
    checker.check(1, LEAVES[1], proofs[1])
    text = proofs[2][at]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    second = text[:42] + letters[letters.index(text[42]) + 1] + "="
    assert b64decode(second) == b64decode(text)
    proofs[2][at] = second
    with pytest.raises(ProofInvalid, match=reason):
        checker.check(2, LEAVES[2], proofs[2])


def test_a_bad_proof_does_not_spoil_the_check_of_the_next() -> None:
    checker = InclusionChecker(5, root_of(LEAVES[:5]))
    for index in range(5):
        proof = encoded(TREE.inclusion_proof(index, 5))
        with pytest.raises(ProofInvalid):
            checker.check(index, LEAVES[9], proof)
        checker.check(index, LEAVES[index], proof)
        with pytest.raises(ProofInvalid, match="not in ascending order"):
            checker.check(index, LEAVES[index], proof)


def test_a_changed_list_does_not_change_what_was_found_good() -> None:
    checker = InclusionChecker(6, root_of(LEAVES[:6]))
    proof = encoded(TREE.inclusion_proof(0, 6))
    checker.check(0, LEAVES[0], proof)
    proof[2] = "forged"
    forged = [*encoded(TREE.inclusion_proof(1, 6))[:2], "forged"]
    with pytest.raises(ProofInvalid):
        checker.check(1, LEAVES[1], forged)


@pytest.mark.parametrize("index", [-1, 5, 2**64])
def test_a_leaf_outside_the_tree_is_neither_proved_nor_believed(index: int) -> None:
    with pytest.raises(ProofInvalid, match="no leaf"):
        ProofWalk(TREE, 5).proof(index)
    with pytest.raises(ProofInvalid, match="no leaf"):
        InclusionChecker(5, root_of(LEAVES[:5])).check(index, LEAVES[0], [])


def test_a_walk_goes_forward_only_and_the_empty_tree_has_no_leaf() -> None:
    walk = ProofWalk(TREE, 5)
    walk.proof(3)
    with pytest.raises(ProofInvalid, match="ascending order"):
        walk.proof(3)
    with pytest.raises(ProofInvalid, match="no leaf 0"):
        ProofWalk(TREE, 0).proof(0)
    with pytest.raises(ProofInvalid, match="no leaf 0"):
        InclusionChecker(0, root_of([])).check(0, LEAVES[0], [])


def test_hashes_of_another_length_are_refused() -> None:
    with pytest.raises(ProofInvalid, match="32 bytes"):
        InclusionChecker(1, b"short")
    with pytest.raises(ProofInvalid, match="32 bytes"):
        InclusionChecker(1, LEAVES[0]).check(0, b"short", [])
    with pytest.raises(ProofInvalid, match="has 31 bytes, not 32"):
        InclusionChecker(2, LEAVES[0]).check(0, LEAVES[0], [b64encode(b"x" * 31).decode()])
