"""When a delivery that failed is tried again.

Ten attempts in three days, with the waits that Standard Webhooks gives as its example: at once,
then after 5 seconds, 5 and 30 minutes, 2, 5, 10, 14, 20 and 24 hours (75 h 35 min in all), each up
to a fifth longer by chance, so that what failed together does not come back together.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from random import SystemRandom

WAITS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
LONGEST_RETRY_AFTER = timedelta(days=1)
"""A receiver that asks for more is tried after this nonetheless."""

_JITTER = 0.2
_chance = SystemRandom()


def wait_after(attempts: int, retry_after: timedelta | None = None) -> timedelta | None:
    """How long to wait after so many failed attempts (1 and more); None: it is given up.

    At least as long as the receiver asked for.
    """
    if attempts > len(WAITS):
        return None
    wait = WAITS[attempts - 1] * _chance.uniform(1, 1 + _JITTER)
    return wait if retry_after is None else max(wait, retry_after)


def read_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """What a `Retry-After` header asks for, at most LONGEST_RETRY_AFTER (RFC 9110, 10.2.3).

    None where there is none, or one that says neither seconds nor a date.
    """
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        seconds = min(int(value[:9]), LONGEST_RETRY_AFTER.total_seconds())
        return timedelta(seconds=seconds)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    until = until.replace(tzinfo=UTC) if until.tzinfo is None else until
    return min(max(until - now, timedelta()), LONGEST_RETRY_AFTER)
