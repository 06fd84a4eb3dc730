"""The kinds of events that there are to choose from."""

from governance.drops.models import DropState

KINDS = tuple(f"drop.{state.value}" for state in DropState)
"""A drop came to stand there."""
