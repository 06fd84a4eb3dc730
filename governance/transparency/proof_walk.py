"""Inclusion proofs of many leaves of one tree in ascending order, for an export.

The paths of two leaves to the root join, and above that node their proofs are the same. So each
proof is made anew only below it: for neighbours two hashes on average, whatever the tree's size.
"""

from governance.transparency import canonical_base64
from governance.transparency.proofs import TiledTree
from governance.transparency.tree import ProofInvalid, require_index


class ProofWalk:
    """A walk over the tree of `size` leaves; needs the memory of one proof beside the tree's."""

    def __init__(self, tree: TiledTree, size: int) -> None:
        self._tree = tree
        self._size = size
        self._index = -1
        self._proof: list[str] = []

    def proof(self, index: int) -> list[str]:
        """The full proof of a leaf, each hash in base64, from the leaf's sibling upwards.

        Raises ProofInvalid unless `index` is in the tree and greater than that asked before.
        """
        require_index(index, self._size)
        if index <= self._index:
            raise ProofInvalid(f"Leaf {index} is asked after {self._index}: ask in ascending order")
        last = self._size - 1
        joined = (index ^ self._index if self._index >= 0 else last).bit_length()
        lower = [
            canonical_base64.encode(self._tree.node(height, index >> height ^ 1, self._size))
            for height in range(joined)
            if index >> height ^ 1 <= last >> height
        ]
        # The leaf before is left of this one, hence not on the tree's right border below the
        # joint: it has a sibling on each of these levels.
        self._proof = lower + self._proof[joined:]
        self._index = index
        return self._proof.copy()
