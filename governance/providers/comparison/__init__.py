"""Providers side by side: what each declares, promises, was seen to do, and quotes right now."""
