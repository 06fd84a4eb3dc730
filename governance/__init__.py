"""Rules-based compliance and governance for cross-border drops."""

__version__ = "0.1.0"
