"""Money, counts and sentences of the report, as they are read."""

import pytest

from governance.drops.report.words import (
    NBSP,
    change_words,
    count,
    days,
    large,
    listed,
    merged,
    money,
    verbal_ratio,
)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1234, "USD", "USD 12.34"),
        (0, "USD", "USD 0"),
        (99_999, "EUR", "EUR 999.99"),
        (123_456, "EUR", "EUR 1,235"),
        (-31_200_00, "USD", "\u2212USD 31,200"),
        (-0.2, "USD", "USD 0.00"),
        (850, "JPY", "JPY 850"),
        (1500, "KWD", "KWD 1.500"),
    ],
)
def test_money_has_its_code_and_its_decimals(minor: float, currency: str, text: str) -> None:
    assert money(minor, currency).replace(NBSP, " ") == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(940, "940"), (86_400, "86.4 k"), (999_700, "1 M"), (13_254_150, "13.3 M"), (2e9, "2 bn")],
)
def test_large_numbers_have_three_figures(number: float, text: str) -> None:
    assert large(number).replace(NBSP, " ") == text


def test_numbers_are_read_whole_or_to_a_tenth() -> None:
    assert count(12_339.6) == "12,340"
    assert [days(3.0), days(4.5)] == ["3", "4.5"]


def test_names_are_listed_up_to_a_few() -> None:
    assert listed([]) == ""
    assert listed(["A"]) == "A"
    assert listed(["A", "B", "C"]) == "A, B and C"
    assert listed(["A", "B", "C", "D", "E"]).replace(NBSP, " ") == "A, B, C and 2 more"


def test_sentences_under_one_heading_are_merged() -> None:
    said = ["Needed: a paper.", "It may not be sold.", "Needed: a mark.", "It may not be sold."]
    assert merged(said) == ["Needed: a paper; a mark.", "It may not be sold."]


def test_a_critical_ratio_says_what_weighs_more() -> None:
    assert "75 of 100 futures: a sale missed costs 3 times" in verbal_ratio(0.75)
    assert "25 of 100 futures: a unit left over costs 3 times" in verbal_ratio(0.25)
    assert "costs as much as" in verbal_ratio(0.5)
    assert verbal_ratio(0.0) == "It pays to meet all demand in 0 of 100 futures."


def test_a_change_is_said_in_its_sentence_if_it_has_one() -> None:
    change = {"change": "leave_out", "what": "BR"}
    assert change_words(change | {"message": "Leave out Brazil."}) == "Leave out Brazil."
    assert change_words(change) == "Leave out: BR"
