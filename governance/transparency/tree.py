"""Merkle tree hashes of RFC 6962, and the two checks that an auditor makes against a root."""

from collections.abc import Sequence
from hashlib import sha256

from governance.errors import GovernanceError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without leaves (RFC 6962, section 2.1)."""


class ProofInvalid(GovernanceError, ValueError):
    """A proof does not show what it claims; the message says in words why."""

    status = 422
    code = "invalid-proof"
    title = "The proof does not hold"


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf's exact bytes: SHA-256(0x00 ‖ data) (RFC 6962, section 2.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 ‖ left ‖ right) (RFC 6962, section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def verify_inclusion(
    index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """The tree of `size` leaves with this `root` has the leaf hash at the zero-based `index`.

    `proof` is the audit path from the leaf's sibling upwards (RFC 6962, section 2.1.1); the check
    is that of RFC 9162, section 2.1.3.2. Raises ProofInvalid for all else, an index outside the
    tree, the empty tree and a hash that is not 32 bytes long included.
    """
    require_index(index, size)
    require_hashes(leaf_hash, root, *proof)
    expected = inclusion_proof_length(index, size)
    if len(proof) != expected:
        raise ProofInvalid(
            f"The proof of leaf {index} in a tree of {size} has {expected} hashes, not {len(proof)}"
        )
    siblings = iter(proof)
    node, at, last = leaf_hash, index, size - 1
    while last:
        if at & 1:
            node = node_hash(next(siblings), node)
        elif at < last:
            node = node_hash(node, next(siblings))
        # Else the node is the last of its level and has no sibling: it moves up as it is.
        at, last = at >> 1, last >> 1
    if node != root:
        raise ProofInvalid(f"The proof of leaf {index} leads to another root than that given")


def verify_consistency(
    size1: int, size2: int, root1: bytes, root2: bytes, proof: Sequence[bytes]
) -> None:
    """The tree of `size1` leaves with `root1` is the beginning of the tree of `size2` with `root2`.

    `proof` is that of RFC 6962, section 2.1.2; the check is that of RFC 9162, section 2.1.4.2.
    Raises ProofInvalid for all else, an empty first tree and a hash in a proof that is not 32
    bytes long included. Of two equal sizes the roots are compared as they are: nothing is hashed.
    """
    if not 0 < size1 <= size2:
        raise ProofInvalid(f"No tree of {size1} leaves can be the beginning of one of {size2}")
    if size1 == size2:
        if proof:
            raise ProofInvalid(f"Two trees of {size1} leaves need no proof; this has {len(proof)}")
        if root1 != root2:
            raise ProofInvalid(f"Two trees of {size1} leaves have different roots")
        return
    require_hashes(root1, root2, *proof)
    # A first tree that is a whole subtree of the second is the start of the path itself.
    path = [root1, *proof] if size1 & (size1 - 1) == 0 else list(proof)
    expected = _consistency_path_length(size1, size2)
    if len(path) != expected:
        raise ProofInvalid(
            f"The proof from {size1} to {size2} leaves has {expected - len(path) + len(proof)} "
            f"hashes, not {len(proof)}"
        )
    at, last = size1 - 1, size2 - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        while not at & 1 and at == last:
            at, last = at >> 1, last >> 1
        if at & 1:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    if old != root1:
        raise ProofInvalid(f"The proof leads to another root for {size1} leaves than that given")
    if new != root2:
        raise ProofInvalid(f"The proof leads to another root for {size2} leaves than that given")


def inclusion_proof_length(index: int, size: int) -> int:
    """How many hashes prove the leaf `index` of a tree of `size`: one a level with a sibling."""
    # Below the level where the path meets the right border every node has a sibling; on the
    # border only right-hand nodes (an odd index) have one.
    inner = (index ^ (size - 1)).bit_length()
    return inner + (index >> inner).bit_count()


def _consistency_path_length(size1: int, size2: int) -> int:
    """Hashes of the path up from the largest whole subtree at the end of the first tree, it
    included."""
    last = size1 - 1
    shared = (size1 & -size1).bit_length() - 1
    return 1 + inclusion_proof_length(last >> shared, ((size2 - 1) >> shared) + 1)


def require_index(index: int, size: int) -> None:
    """Raises ProofInvalid unless a tree of `size` leaves has a leaf `index`."""
    if not 0 <= index < size:
        raise ProofInvalid(f"A tree of {size} leaves has no leaf {index}")


def require_hashes(*hashes: bytes) -> None:
    """Raises ProofInvalid unless each is as long as a SHA-256 hash."""
    for value in hashes:
        if len(value) != HASH_BYTES:
            raise ProofInvalid(f"A hash has {HASH_BYTES} bytes; one here has {len(value)}")
