"""What a dated statement of law says of itself: its status, and where it was read."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Status = Literal["planned", "deferred", "in_force", "suspended", "repealed"]
Rank = Literal["primary", "regulator", "law_firm", "vendor"]
Certainty = Literal["high", "medium", "low"]


@dataclass(frozen=True)
class Source:
    """Where a legal fact was read, and how sure it is."""

    citation: str
    url: str
    rank: Rank
    read_on: date
    certainty: Certainty


def in_force(status: Status, start: date, end: date | None, day: date) -> bool:
    """Whether what holds from `start` (inclusive) to `end` (exclusive) binds on `day`.

    A suspended statement binds nobody.
    """
    return status != "suspended" and start <= day and (end is None or day < end)
