"""Logistics providers: the registry, how they perform, where they stand, the store."""
