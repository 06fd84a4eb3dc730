"""Immutable, digest-named sets of rulesets and policies, and which one is in force."""
