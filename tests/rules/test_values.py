"""A declared fact is of its attribute's type, strictly: false is not 0, "5" is not 5."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_library import library

from governance.rules.values import WrongValue, check, fact, parse_date
from governance.rules.vocabulary import Attribute

DAY = date(2026, 11, 22)
ATTRIBUTES = library().vocabulary.attributes
GOOD: dict[str, list[Any]] = {
    "boolean": [True, False],
    "integer": [0, 5, 999_999_999_999_999],
    "number": [0, 5, 0.5, 0.00001, 5000],
    "choice": ["red"],
    "set": [[], ["wood"], ["wood", "leather", "wood"]],
    "country": ["DE", "NO"],
    "hs_code": ["330410", "0101210000"],
    "date": ["2026-11-22", "0001-01-01"],
    "string": ["", "A-1"],
}
BAD: dict[str, list[Any]] = {
    "boolean": [0, 1, "true", "", [], {}],
    "integer": [True, False, 1.0, 1.5, "5", [], {}, 10**15, -(10**15), 10**400],
    "number": [True, False, "5", "", [5], float("nan"), float("inf"), float("-inf"), 1e15,
               10**400, 1e300],
    "choice": ["purple", "Red", "", 1, True, ["red"]],
    "set": ["wood", ["oak"], [1], [None], [["wood"]], [True], {}, ("wood",)],
    "country": ["UK", "de", "DEU", "Germany", "EU", "US-CA", "", 49, True],
    "hs_code": ["3", "3304", "33.04", "33 04", "٣٣٠٤", "²²", "1234567890123", "", 3304],
    "date": ["2026-13-01", "2026-02-29", "20261122", "2026-W47-7", "2026-11-22T00:00", "22.11.2026",
             "", 20261122],
    "string": [5, True, [], {}],
}  # fmt: skip
BY_TYPE = {attribute.type: attribute for attribute in ATTRIBUTES.values()}


def pairs(values: dict[str, list[Any]]) -> list[Any]:
    return [
        pytest.param(BY_TYPE[kind], value, id=f"{kind} {str(value)[:20]!r}")  # type: ignore[index]
        for kind, found in values.items()
        for value in found
    ]


def test_every_type_is_tried() -> None:
    assert set(BY_TYPE) == set(GOOD) == set(BAD)


@pytest.mark.parametrize(("attribute", "value"), pairs(GOOD))
def test_a_value_of_its_type_is_taken(attribute: Attribute, value: Any) -> None:
    check(value, attribute)


@pytest.mark.parametrize(("attribute", "value"), pairs(BAD))
def test_a_value_of_another_type_is_refused(attribute: Attribute, value: Any) -> None:
    with pytest.raises(WrongValue) as refused:
        check(value, attribute)
    assert len(str(refused.value)) < 200
    assert refused.value.hint


@pytest.mark.parametrize("attribute", BY_TYPE.values(), ids=BY_TYPE)
def test_null_is_no_value(attribute: Attribute) -> None:
    with pytest.raises(WrongValue, match="not null"):
        check(None, attribute)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(value=_JSON, attribute=st.sampled_from(list(ATTRIBUTES.values())))
def test_any_json_is_taken_or_refused_and_what_is_taken_becomes_a_fact(
    value: Any, attribute: Attribute
) -> None:
    try:
        check(value, attribute)
    except WrongValue:
        return
    known = fact(value, attribute, library().vocabulary, DAY)
    assert isinstance(known, bool | int | float | str | frozenset)


def number(low: float | None, high: float | None, unit: str | None = None) -> Attribute:
    return Attribute("x", "product", "number", "X", unit=unit, minimum=low, maximum=high)


@pytest.mark.parametrize(
    ("attribute", "value", "message"),
    [
        (number(0, None, "mW"), -1, "`x` must be at least 0 mW, not -1 mW"),
        (number(None, 5, "mW"), 6, "`x` must be at most 5 mW, not 6 mW"),
        (number(None, -5), 0, "`x` must be at most -5, not 0"),
        (number(0, 100), 100.5, "`x` must be from 0 to 100, not 100.5"),
        (number(-2.5, 0), -3, "`x` must be from -2.5 to 0, not -3"),
        (number(0, 1_234_567), 12_345_678.5, "`x` must be from 0 to 1234567, not 12345678.5"),
        (number(0.001, None), 0.00001, "`x` must be at least 0.001, not 0.00001"),
        (number(None, None), 1e300, "`x` must be a number of at most 15 digits"),
        (number(0, 5), float("nan"), "`x` must be a finite number"),
    ],
)
def test_a_range_is_told_as_it_was_declared(attribute: Attribute, value: Any, message: str) -> None:
    with pytest.raises(WrongValue) as refused:
        check(value, attribute)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("kind", "value", "message", "hint"),
    [
        ("number", "5", '`emission_mw` must be a number in mW, not "5"', "it is: Radiant power"),
        ("boolean", 0, "`contains_radio` must be true or false, not 0", "it is: Sends or"),
        ("choice", "gren", '`colour` cannot be "gren"', "did you mean `green`?"),
        ("choice", "x", '`colour` cannot be "x"', "one of: red, green, blue"),
        ("set", ["wod"], '`materials` cannot be "wod"', "did you mean `wood`?"),
        ("country", "UK", '`made_in`: "UK" is no ISO 3166-1 alpha-2 country code', "mean GB?"),
        ("country", "Q9", '`made_in`: "Q9" is no ISO 3166-1 alpha-2 country code', "as in DE"),
        ("hs_code", "33.04", '"33.04" is no HS code', "without dots"),
        ("date", "2026-W47-7", '"2026-W47-7" is no date', "write YYYY-MM-DD"),
    ],
)
def test_a_refusal_says_what_and_how_to_mend_it(
    kind: str, value: Any, message: str, hint: str
) -> None:
    with pytest.raises(WrongValue) as refused:
        check(value, BY_TYPE[kind])  # type: ignore[index]
    assert str(refused.value) == message
    assert hint in (refused.value.hint or "")


def test_facts_are_what_conditions_compare() -> None:
    vocabulary = library().vocabulary

    def known(name: str, value: Any) -> Any:
        return fact(value, ATTRIBUTES[name], vocabulary, DAY)

    assert known("made_on", "2026-11-22") == DAY.toordinal()
    assert known("materials", ["wood", "wood"]) == {"wood"}
    assert known("hs", "330410") == {"33", "330", "3304", "33041", "330410"}
    assert known("made_in", "DE") == {"DE", "EU"}
    assert known("made_in", "GB") == {"GB"}
    assert known("made_in", "JP") == {"JP"}
    assert known("contains_radio", False) is False
    assert known("emission_mw", 0.5) == 0.5


def test_a_country_belongs_to_the_blocs_of_the_day() -> None:
    vocabulary = library().vocabulary
    assert fact("GB", ATTRIBUTES["made_in"], vocabulary, date(2020, 12, 31)) == {"GB", "EU"}
    assert fact("GB", ATTRIBUTES["made_in"], vocabulary, date(2021, 1, 1)) == {"GB"}


@given(st.dates())
def test_a_date_is_read_back_as_it_was_written(day: date) -> None:
    assert parse_date(day.isoformat()) == day
