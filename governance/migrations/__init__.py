"""Versions of the database schema, applied by `governance.db.migrate`."""
