"""Countries and regions by their ISO codes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.markets.countries import (
    country_codes,
    country_of,
    is_region,
    place_name,
    suggest_country,
)


def test_codes_are_those_of_iso_3166_1() -> None:
    assert {"DE", "NO", "GB", "TW", "XK"} - country_codes() == {"XK"}
    assert len(country_codes()) == 249


@pytest.mark.parametrize(
    ("code", "region"),
    [("US-CA", True), ("GB-NIR", True), ("DE-BY", True), ("US", False), ("US-ZZ", False),
     ("us-ca", False), ("", False), ("-", False)],
)  # fmt: skip
def test_a_region_has_a_code_of_iso_3166_2(code: str, region: bool) -> None:
    assert is_region(code) is region


def test_a_region_lies_in_its_country() -> None:
    assert country_of("US-CA") == "US"
    assert country_of("DE") == "DE"


@pytest.mark.parametrize(
    ("code", "name"),
    [("US-CA", "California"), ("GB-NIR", "Northern Ireland"), ("DE", "Germany"),
     ("TW", "Taiwan"), ("EU", "EU"), ("US-ZZ", "US-ZZ")],
)  # fmt: skip
def test_a_place_has_the_name_that_people_use(code: str, name: str) -> None:
    assert place_name(code) == name


@pytest.mark.parametrize(
    ("text", "code"),
    [("UK", "GB"), ("uk", "GB"), ("EL", "GR"), ("UAE", "AE"), ("USA", "US"), ("KSA", "SA"),
     ("de", "DE"), ("DEU", "DE"), ("Germany", "DE"), ("Germny", "DE"), ("Norwey", "NO"),
     ("Q9Q9", None), ("", None)],
)  # fmt: skip
def test_the_country_that_was_meant_is_suggested(text: str, code: str | None) -> None:
    assert suggest_country(text) == code


@given(st.text(max_size=40))
def test_any_text_gives_a_country_or_none(text: str) -> None:
    suggestion = suggest_country(text)
    assert suggestion is None or suggestion in country_codes()
