"""Statements of reasons, and their form for the EU DSA Transparency Database."""
