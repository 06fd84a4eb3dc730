"""The transparency log's arithmetic: Merkle trees, tiles, proofs, signed notes, commitments.

Pure: no database, no HTTP, no settings.
"""
