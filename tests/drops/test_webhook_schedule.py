"""How long a failed delivery waits."""

from datetime import UTC, datetime, timedelta

import pytest

from governance.drops.webhooks.schedule import (
    LONGEST_RETRY_AFTER,
    WAITS,
    read_retry_after,
    wait_after,
)

NOW = datetime(2026, 10, 21, 7, 28, tzinfo=UTC)


def test_the_waits_are_those_of_standard_webhooks() -> None:
    assert sum(WAITS, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    assert list(WAITS) == sorted(WAITS)


@pytest.mark.parametrize("attempts", range(1, len(WAITS) + 1))
def test_a_wait_is_up_to_a_fifth_longer_by_chance(attempts: int) -> None:
    base = WAITS[attempts - 1]
    waits = [wait_after(attempts) for _ in range(200)]
    assert all(base <= wait <= base * 1.2 for wait in waits if wait is not None)
    assert None not in waits
    assert len(set(waits)) > 100


def test_after_the_last_attempt_there_is_no_wait_even_where_one_is_asked_for() -> None:
    assert wait_after(len(WAITS) + 1) is None
    assert wait_after(len(WAITS) + 1, timedelta(hours=1)) is None


def test_a_wait_is_at_least_what_the_receiver_asked_for() -> None:
    assert wait_after(1, timedelta(hours=1)) == timedelta(hours=1)
    longer = wait_after(9, timedelta(hours=1))
    assert longer is not None
    assert longer >= WAITS[-1]


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("0", timedelta()),
        ("120", timedelta(seconds=120)),
        ("9" * 5000, LONGEST_RETRY_AFTER),
        ("Wed, 21 Oct 2026 07:30:00 GMT", timedelta(minutes=2)),
        ("Wed, 21 Oct 2026 07:30:00", timedelta(minutes=2)),
        ("Wed, 21 Oct 2020 07:30:00 GMT", timedelta()),
        ("Wed, 21 Oct 2099 07:30:00 GMT", LONGEST_RETRY_AFTER),
        ("Wed, 99 Oct 2026 07:30:00 GMT", None),
    ],
)
def test_what_a_receiver_asks_for_is_read_as_seconds_or_a_date(
    value: str | None, wait: timedelta | None
) -> None:
    assert read_retry_after(value, NOW) == wait
