"""A cursor leads on in the search that gave it, and nowhere else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.audit.cursor import cursor_after, place_of
from governance.decisions.filters import Filters
from governance.errors import InvalidRequest

SECRET = b"s" * 32
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEARCH = Filters(since=NOON, market="FR", caller="key_1")
SEQUENCES = st.integers(0, 2**63 - 1)


def refused(cursor: str, filters: Filters = SEARCH, order="desc", secret: bytes = SECRET) -> bool:
    try:
        place_of(secret, cursor, filters, order)
    except InvalidRequest as problem:
        (error,) = problem.errors
        assert error.field == "cursor"
        assert error.hint
        return True
    return False


@given(SEQUENCES, st.sampled_from(["asc", "desc"]))
def test_a_cursor_says_to_its_own_search_where_it_was(sequence: int, order) -> None:
    cursor = cursor_after(SECRET, sequence, SEARCH, order)
    assert place_of(SECRET, cursor, SEARCH, order) == sequence


@given(SEQUENCES, st.integers(0, 31), st.characters(codec="utf-8"))
def test_a_cursor_with_another_character_is_refused(sequence: int, at: int, other: str) -> None:
    cursor = cursor_after(SECRET, sequence, SEARCH, "desc")
    changed = cursor[:at] + other + cursor[at + 1 :]
    assert refused(changed) == (changed != cursor)


@given(st.text(max_size=40))
def test_a_text_that_is_no_cursor_is_refused(text: str) -> None:
    assert refused(text)


@pytest.mark.parametrize(
    "change",
    [
        {"since": NOON + timedelta(microseconds=1)},
        {"since": None, "until": NOON},
        {"market": "DE"},
        {"market": None},
        {"market": None, "category": "FR"},
        {"verdict": "allowed"},
        {"gate": "sale"},
        {"caller": "key_2"},
        {"caller": None},
        {"release": "sha256:" + "0" * 64},
    ],
)
def test_a_cursor_of_another_search_is_refused(change) -> None:
    cursor = cursor_after(SECRET, 7, SEARCH, "desc")
    assert not refused(cursor)
    assert refused(cursor, replace(SEARCH, **change))


def test_a_cursor_of_the_other_order_or_of_another_service_is_refused() -> None:
    cursor = cursor_after(SECRET, 7, SEARCH, "desc")
    assert refused(cursor, order="asc")
    assert refused(cursor, secret=b"t" * 32)
