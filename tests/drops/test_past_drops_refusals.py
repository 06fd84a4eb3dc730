"""A line that is no past drop: which field, what is wrong, and how to mend it."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from past_drop_cases import figures, past_drop

from governance.drops.past.reading import MOST_ERRORS, RefusedLine, read
from governance.errors import FieldError

TODAY = date(2026, 11, 23)


def refused(line: Any) -> tuple[FieldError, ...]:
    body = line if isinstance(line, bytes) else json.dumps(line).encode()
    with pytest.raises(RefusedLine) as caught:
        read(body, TODAY)
    return caught.value.errors


def without(name: str) -> dict[str, Any]:
    return {field: value for field, value in past_drop().items() if field != name}


@pytest.mark.parametrize("name", ["drop", "creator", "category", "launched_on", "markets"])
def test_every_field_but_the_mark_of_a_sample_is_needed(name: str) -> None:
    (error,) = refused(without(name))
    assert (error.field, error.message) == (f"/{name}", f"`{name}` is missing")


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"drop": ""}, "/drop", "at least 1 character"),
        ({"drop": "a\u0000"}, "/drop", "one line of text"),
        ({"drop": 7}, "/drop", "valid string"),
        ({"creator": "x" * 201}, "/creator", "at most 200"),
        ({"category": "  "}, "/category", "one line of text"),
        ({"launched_on": "2026-W10-1"}, "/launched_on", "is no date"),
        ({"launched_on": "2026-02-29"}, "/launched_on", "is no date"),
        ({"launched_on": "2026-11-24"}, "/launched_on", "is after today, 2026-11-23 (UTC)"),
        ({"launched_on": 20260301}, "/launched_on", "valid string"),
        ({"sample": 1}, "/sample", "valid boolean"),
        ({"markets": []}, "/markets", "at least 1 item"),
        ({"markets": {}}, "/markets", "valid array"),
        ({"markets": [7]}, "/markets/0", "an object"),
        ({"markets": [figures("UK")]}, "/markets/0/country", "unknown country `UK`"),
        ({"markets": [figures("de")]}, "/markets/0/country", "unknown country `de`"),
        ({"markets": [figures(), figures("FR"), figures()]}, "/markets/2/country", "DE is there"),
        ({"markets": [figures(orders="5")]}, "/markets/0/orders", "valid integer"),
        ({"markets": [figures(orders=5.0)]}, "/markets/0/orders", "valid integer"),
        ({"markets": [figures(orders=True)]}, "/markets/0/orders", "valid integer"),
        ({"markets": [figures(audience=-1)]}, "/markets/0/audience", "greater than or equal to 0"),
        (
            {"markets": [figures(audience=10**12 + 1)]},
            "/markets/0/audience",
            "less than or equal to",
        ),
        ({"markets": [figures(), figures("FR", visits=501)]}, "/markets/1", "501 of 500"),
        ({"markets": [figures(orders=61)]}, "/markets/0", "orders in DE cannot exceed visits"),
        ({"markets": [figures(returns=6)]}, "/markets/0", "returns in DE cannot exceed orders"),
        ({"extra": 1}, "/extra", "is not a field"),
    ],
)
def test_the_field_and_what_is_wrong_with_it_are_named(
    change: dict[str, Any], field: str, says: str
) -> None:
    (error,) = refused(past_drop(**change))
    assert error.field == field
    assert says in error.message


def test_more_may_be_reached_than_follow() -> None:
    (market,) = read(
        json.dumps(past_drop(markets=[figures(audience=0)])).encode(), TODAY
    ).markets  # fmt: skip
    assert (market.audience, market.reached) == (0, 500)


def test_all_that_is_wrong_is_told_at_once_but_no_more_than_can_be_read() -> None:
    wrong = past_drop(drop="", markets=[figures(orders=None), figures("UK")])
    assert {one.field for one in refused(wrong)} == {
        "/drop",
        "/markets/0/orders",
        "/markets/1/country",
    }
    twice = past_drop(launched_on="2027-01-01", markets=[figures(), figures()])
    assert [one.field for one in refused(twice)] == ["/markets/1/country", "/launched_on"]
    assert len(refused(past_drop(**{f"x{number}": 1 for number in range(50)}))) == MOST_ERRORS


def test_the_mend_is_told_where_it_can_be_guessed() -> None:
    (error,) = refused(past_drop(markets=[figures("UK")]))
    assert error.hint == "did you mean `GB`?"


@pytest.mark.parametrize(
    "line", [b"{", b"7", b"[]", b"null", b"\xff\xfe", b'"text"', b"[" * 5_000, b"9" * 9_000]
)
def test_what_is_no_object_of_json_is_refused_as_a_whole(line: bytes) -> None:
    (error,) = refused(line)
    assert error.field == ""


def test_where_json_breaks_is_told_by_the_byte_of_the_line() -> None:
    (error,) = refused(b'{"drop": "a" "creator"')
    assert error.message.endswith("at byte 14")


def test_a_name_of_any_length_is_told_in_a_length_that_can_be_read() -> None:
    (error,) = refused(past_drop(**{"x" * 100_000: 1}))
    assert len(error.field) == 300
    assert len(error.message) == 300


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_is_a_past_drop_or_refused_with_reasons(value: Any) -> None:
    errors = refused(value)
    assert errors
    assert all(one.message for one in errors)


@given(st.binary())
def test_any_bytes_are_refused_with_reasons(line: bytes) -> None:
    assert refused(line)
