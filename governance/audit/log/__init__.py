"""The transparency log over the decisions: keys, sealing, tiles, proofs, verification."""
