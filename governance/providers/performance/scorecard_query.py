"""What is asked of a scorecard: an instant, and perhaps a service and a market."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from governance.errors import FieldError
from governance.providers.filter_query import refuse, wrong_country, wrong_word
from governance.providers.models import Service

NAMES = ("as_of", "service", "market")
"""The names in an address."""

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_LETTERS = len("2026-11-22")
_HINT = "2026-11-22 or 2026-11-22T10:00:00Z, a + written %2B; or leave it out for now"


@dataclass(frozen=True)
class Asked:
    """A scorecard as it was asked for; None: every service, every market."""

    as_of: datetime
    service: Service | None = None
    market: str | None = None


def read_asked(now: datetime, as_of: str | None, service: str | None, market: str | None) -> Asked:
    """The question, checked. A day means its end, and today now; nothing that is to come.

    Raises InvalidRequest with everything that is wrong.
    """
    instant = now if as_of is None else _instant(as_of, now)
    errors = [
        *wrong_word("service", service, [one.value for one in Service]),
        *wrong_country("market", market),
    ]
    if instant is None:
        errors.append(
            FieldError("as_of", f"`{as_of}` is no day or instant from 1970 to now", _HINT)
        )
    refuse(errors)
    assert instant is not None
    return Asked(instant, None if service is None else Service(service), market)


def _instant(text: str, now: datetime) -> datetime | None:
    try:
        if len(text) == _DAY_LETTERS:
            day = date.fromisoformat(text)
            begins = datetime(day.year, day.month, day.day, tzinfo=UTC)
            instant = min(begins + timedelta(days=1, microseconds=-1), now)
        else:
            begins = instant = datetime.fromisoformat(text)
        if begins.tzinfo is None or not _EARLIEST <= begins <= now:
            return None
    except (ValueError, OverflowError):
        return None
    return instant.astimezone(UTC)
