"""The decision record: append in the caller's transaction, read back."""
