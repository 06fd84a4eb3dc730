"""What an event says in our own words, whatever shape it came in; and why one is set aside."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

import msgspec

from governance.providers.models import Service

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

By = Literal["provider", "buyer", "seller"]
"""Who cancelled."""


class Milestone(StrEnum):
    """What can happen to a shipment; each is a column `…_at` of the table."""

    ACCEPTED = "accepted"
    SHIPPED = "shipped"
    TRACKED = "tracked"
    CUSTOMS_SUBMITTED = "customs_submitted"
    CUSTOMS_RELEASED = "customs_released"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    LOST = "lost"
    DAMAGED = "damaged"
    RETURNED = "returned"
    RETURN_COMPLETED = "return_completed"
    CLAIM_OPENED = "claim_opened"
    CLAIM_ANSWERED = "claim_answered"


class Reason(StrEnum):
    """Why an event was not taken in."""

    BROKEN_JSON = "broken-json"
    TOO_LONG = "line-too-long"
    MISSING_FIELD = "missing-field"
    UNKNOWN_FIELD = "unknown-field"
    WRONG_VALUE = "wrong-value"
    UNKNOWN_TYPE = "unknown-type"
    OTHER_VERSION = "other-version"
    UNKNOWN_PROVIDER = "unknown-provider"
    UNKNOWN_MARKET = "unknown-market"
    IN_THE_FUTURE = "in-the-future"
    NOT_MAPPED = "not-mapped"
    OTHER_CONTENT = "other-content"


class Refused(Exception):
    """An event that cannot be taken in: a JSON pointer to the place, the reason, and the mend."""

    def __init__(self, reason: Reason, pointer: str, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.pointer = pointer
        self.message = message
        self.hint = hint


class Counted(msgspec.Struct, frozen=True, gc=False):
    """A count of a product in a node, in whole units."""

    node: str
    product: str
    expected: int
    counted: int


class Observation(msgspec.Struct, frozen=True, gc=False):
    """An event in our own words. `at` and `promised` are microseconds since 1970, UTC.

    It is of a shipment (`shipment` and `milestone`), or a count (`count`).
    """

    source: str
    id: str
    type: str
    provider: str
    service: Service
    market: str
    at: int
    shipment: str | None = None
    milestone: Milestone | None = None
    lane: str | None = None
    promised: int | None = None
    by: By | None = None
    count: Counted | None = None


def microseconds(instant: datetime) -> int:
    """Whole microseconds from 1970 to an aware instant."""
    since = instant - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
