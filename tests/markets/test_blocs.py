"""Membership of a bloc has a first and a last day."""

from datetime import date

from governance.markets.blocs import Bloc, Membership

EU = Bloc(
    "EU",
    "European Union",
    {"DE": Membership(date(1958, 1, 1)), "GB": Membership(date(1973, 1, 1), date(2021, 1, 1))},
)


def test_a_country_is_a_member_from_its_first_day() -> None:
    assert not EU.has("GB", date(1972, 12, 31))
    assert EU.has("GB", date(1973, 1, 1))


def test_a_country_is_no_member_from_its_end_on() -> None:
    assert EU.has("GB", date(2020, 12, 31))
    assert not EU.has("GB", date(2021, 1, 1))


def test_a_member_without_an_end_stays() -> None:
    assert EU.has("DE", date.max)


def test_a_country_that_never_joined_and_a_region_are_no_members() -> None:
    assert not EU.has("NO", date(2026, 11, 22))
    assert not EU.has("DE-BY", date(2026, 11, 22))
