"""Exports of the record with their proofs, and their verification away from here."""
