"""Inclusion proofs of many leaves of one tree in ascending order checked, for an auditor.

Accepts what `verify_inclusion` accepts. The paths of two leaves to the root join; if the first
proof holds, the second holds exactly if it leads to the same hash at that node and goes on as the
first did (or SHA-256 is broken). So hashes are computed only below it: for neighbours one on
average.
"""

from governance.transparency import canonical_base64
from governance.transparency.tree import (
    HASH_BYTES,
    ProofInvalid,
    inclusion_proof_length,
    node_hash,
    require_hashes,
    require_index,
)


class InclusionChecker:
    """Checks proofs against the tree of `size` leaves with this `root`.

    Raises ProofInvalid for a root that is not 32 bytes long.
    """

    def __init__(self, size: int, root: bytes) -> None:
        require_hashes(root)
        self._size = size
        self._index = -1
        self._proof: list[str] = []
        self._path = [b""] * (size - 1).bit_length() + [root]
        """The hashes from the leaf checked last up to the root, one for each height."""

    def check(self, index: int, leaf_hash: bytes, proof: list[str]) -> None:
        """The leaf hash is in the tree at `index`; `proof` is base64, from the sibling upwards.

        Raises ProofInvalid where it is not, where the base64 is not canonical, and where `index`
        is not greater than that of the leaf that was found good before.
        """
        require_index(index, self._size)
        if index <= self._index:
            raise ProofInvalid(f"Leaf {index} comes after {self._index}: not in ascending order")
        if len(leaf_hash) != HASH_BYTES:
            raise ProofInvalid(f"A hash has {HASH_BYTES} bytes; that of the leaf {len(leaf_hash)}")
        if self._index < 0:
            joined = (self._size - 1).bit_length()
            path, used = self._climb(index, leaf_hash, proof, joined)
            holds = path.pop() == self._path[joined]
        else:
            # Right below the joint stand the path of the leaf before, which is left of this one,
            # and this leaf's path: each is the other's sibling, and need not be hashed with it.
            joined = (index ^ self._index).bit_length()
            path, used = self._climb(index, leaf_hash, proof, joined - 1)
            left, right = canonical_base64.encode(self._path[joined - 1]), path[-1]
            holds = (
                proof[used : used + 1] == [left]
                and canonical_base64.encode(right) == self._proof[joined - 1]
            )
            used += 1
        if not holds or proof[used:] != self._proof[joined:]:
            raise ProofInvalid(self._reason(index, proof))
        self._path[:joined] = path
        self._proof = proof.copy()
        self._index = index

    def _climb(
        self, index: int, leaf_hash: bytes, proof: list[str], levels: int
    ) -> tuple[list[bytes], int]:
        """The hashes from the leaf up to `levels` above it, and how much of the proof they need."""
        node, at, last = leaf_hash, index, self._size - 1
        path = [node]
        used = 0
        for _ in range(levels):
            if at & 1 or at < last:
                if used >= len(proof):
                    raise ProofInvalid(self._reason(index, proof))
                try:
                    sibling = canonical_base64.decode(proof[used])
                except ValueError as error:
                    raise ProofInvalid(
                        f"Hash {used} of the proof is not canonical base64"
                    ) from error
                if len(sibling) != HASH_BYTES:
                    raise ProofInvalid(f"Hash {used} of the proof has {len(sibling)} bytes, not 32")
                node = node_hash(sibling, node) if at & 1 else node_hash(node, sibling)
                used += 1
            path.append(node)
            at, last = at >> 1, last >> 1
        return path, used

    def _reason(self, index: int, proof: list[str]) -> str:
        expected = inclusion_proof_length(index, self._size)
        if len(proof) != expected:
            return (
                f"The proof of leaf {index} in a tree of {self._size} has {expected} hashes, "
                f"not {len(proof)}"
            )
        return f"The proof of leaf {index} leads to another root than that given"
