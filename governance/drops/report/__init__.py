"""The report of a drop plan: one page for people, and tables for a terminal."""
