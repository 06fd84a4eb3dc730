"""Proofs that hold are accepted and all others refused, by published vectors and by definition."""

import json
import os
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_tree import audit_path, consistency, numbered_leaves, root_of

from governance.transparency.tree import (
    EMPTY_ROOT,
    ProofInvalid,
    leaf_hash,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

LEAVES = numbered_leaves(300)


@pytest.fixture(scope="module")
def vectors(require_part: Callable[[str], NoReturn]) -> dict[str, list[dict[str, Any]]]:
    beside_the_project = Path(__file__).parents[2].parent / "shared" / "data"
    folder = Path(os.environ.get("GOVERNANCE_BENCH_DATA", beside_the_project))
    file = folder / "rfc6962-vectors.json"
    if not file.is_file():
        require_part(f"The test vectors of transparency-dev/merkle are not in {folder}")
    found: dict[str, list[dict[str, Any]]] = json.loads(file.read_bytes())
    return found


def accepted(check: Callable[..., None], *claim: Any) -> bool:
    try:
        check(*claim)
    except ProofInvalid:
        return False
    return True


def proof_of(vector: dict[str, Any]) -> list[bytes]:
    return [b64decode(text) for text in vector["proof"] or []]


def test_every_published_inclusion_vector_comes_out_as_it_says(
    vectors: dict[str, list[dict[str, Any]]],
) -> None:
    wrong = [
        vector["name"]
        for vector in vectors["inclusion"]
        if accepted(
            verify_inclusion,
            vector["leafIdx"],
            vector["treeSize"],
            b64decode(vector["leafHash"]),
            proof_of(vector),
            b64decode(vector["root"]),
        )
        is vector["wantErr"]
    ]
    assert len(vectors["inclusion"]) == 98
    assert wrong == []


def test_every_published_consistency_vector_comes_out_as_it_says(
    vectors: dict[str, list[dict[str, Any]]],
) -> None:
    wrong = [
        vector["name"]
        for vector in vectors["consistency"]
        if accepted(
            verify_consistency,
            vector["size1"],
            vector["size2"],
            b64decode(vector["root1"]),
            b64decode(vector["root2"]),
            proof_of(vector),
        )
        is vector["wantErr"]
    ]
    assert len(vectors["consistency"]) == 98
    assert wrong == []


def test_the_hashes_are_those_of_rfc_6962() -> None:
    """The first and the last root of the Certificate Transparency reference tests (2012)."""
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657",
              "606162636465666768696a6b6c6d6e6f"]  # fmt: skip
    root = root_of([leaf_hash(bytes.fromhex(data)) for data in leaves])
    assert root.hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert node_hash(leaf_hash(b""), leaf_hash(b"\0")).hex() == (
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    )


@given(size=st.integers(1, 300), data=st.data())
def test_a_leaf_is_proved_by_its_audit_path_and_by_nothing_near_it(
    size: int, data: st.DataObject
) -> None:
    leaves = LEAVES[:size]
    index = data.draw(st.integers(0, size - 1))
    proof, root = audit_path(index, leaves), root_of(leaves)
    verify_inclusion(index, size, leaves[index], proof, root)
    other = data.draw(st.integers(0, size - 1).filter(lambda one: one != index)) if size > 1 else 9
    assert not accepted(verify_inclusion, other, size, leaves[index], proof, root)
    assert not accepted(verify_inclusion, index, size, root[::-1], proof, root)
    assert not accepted(verify_inclusion, index, size, leaves[index], proof, root[::-1])
    for broken in mutations(proof):
        assert not accepted(verify_inclusion, index, size, leaves[index], broken, root)


@given(size=st.integers(1, 300), data=st.data())
def test_a_tree_is_proved_the_beginning_of_another_by_its_proof_and_by_nothing_near_it(
    size: int, data: st.DataObject
) -> None:
    old = data.draw(st.integers(1, size))
    proof = consistency(old, LEAVES[:size])
    root1, root2 = root_of(LEAVES[:old]), root_of(LEAVES[:size])
    verify_consistency(old, size, root1, root2, proof)
    assert not accepted(verify_consistency, old, size, root1[::-1], root2, proof)
    assert not accepted(verify_consistency, old, size, root1, root2[::-1], proof)
    assert not accepted(verify_consistency, size + 1, size, root1, root2, proof)
    for broken in mutations(proof):
        assert not accepted(verify_consistency, old, size, root1, root2, broken)


def mutations(proof: list[bytes]) -> list[list[bytes]]:
    """The proof with one more hash, one less, one cut, one changed, two exchanged."""
    more = [[*proof, EMPTY_ROOT], [EMPTY_ROOT, *proof]]
    for at, value in enumerate(proof):
        more.append([*proof[:at], *proof[at + 1 :]])
        others = (value[:-1], value + b"\0", bytes([value[0] ^ 1]) + value[1:], b"")
        more.extend([*proof[:at], other, *proof[at + 1 :]] for other in others)
    if len(proof) > 1:
        more.append([proof[1], proof[0], *proof[2:]])
    return more


@pytest.mark.parametrize(
    ("index", "size", "reason"),
    [(0, 0, "no leaf 0"), (-1, 1, "no leaf -1"), (1, 1, "no leaf 1"), (2**64, 3, "no leaf")],
)
def test_a_leaf_outside_the_tree_is_refused_in_words(index: int, size: int, reason: str) -> None:
    with pytest.raises(ProofInvalid, match=reason):
        verify_inclusion(index, size, EMPTY_ROOT, [], EMPTY_ROOT)


def test_the_empty_tree_is_the_beginning_of_nothing() -> None:
    with pytest.raises(ProofInvalid, match="No tree of 0 leaves"):
        verify_consistency(0, 1, EMPTY_ROOT, LEAVES[0], [])
    with pytest.raises(ProofInvalid, match="No tree of 0 leaves"):
        verify_consistency(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])


def test_a_root_of_another_length_is_refused_even_where_no_hash_is_needed() -> None:
    with pytest.raises(ProofInvalid, match="32 bytes; one here has 31"):
        verify_inclusion(0, 1, LEAVES[0][:31], [], LEAVES[0][:31])


def test_a_hash_of_another_length_in_a_proof_of_growth_is_named() -> None:
    proof, root1, root2 = consistency(3, LEAVES[:5]), root_of(LEAVES[:3]), root_of(LEAVES[:5])
    for claim in (
        (root1[:31], root2, proof),
        (root1, root2 + b"\0", proof),
        (root1, root2, [*proof[:-1], b""]),
    ):
        with pytest.raises(ProofInvalid, match="A hash has 32 bytes"):
            verify_consistency(3, 5, *claim)


def test_the_wrong_number_of_hashes_is_named() -> None:
    with pytest.raises(ProofInvalid, match="leaf 4 in a tree of 5 has 1 hashes, not 0"):
        verify_inclusion(4, 5, LEAVES[4], [], root_of(LEAVES[:5]))
    with pytest.raises(ProofInvalid, match="from 4 to 5 leaves has 1 hashes, not 0"):
        verify_consistency(4, 5, root_of(LEAVES[:4]), root_of(LEAVES[:5]), [])
    with pytest.raises(ProofInvalid, match="from 3 to 5 leaves has 4 hashes, not 0"):
        verify_consistency(3, 5, root_of(LEAVES[:3]), root_of(LEAVES[:5]), [])
