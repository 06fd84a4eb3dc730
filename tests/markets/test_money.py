"""Currencies, their minor units, and amounts taken from one to another."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.markets.money import (
    NoRate,
    Rates,
    UnknownCurrency,
    currency_codes,
    is_currency,
    minor_digits,
)

RATES = Rates(
    base="EUR",
    day=date(2026, 11, 20),
    source="a bank",
    sample=False,
    per_base={"USD": Decimal("1.25"), "JPY": Decimal("160"), "KWD": Decimal("0.4")},
)
_RATED = st.sampled_from(["EUR", *RATES.per_base])
_AMOUNT = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize(
    ("code", "digits"),
    [("EUR", 2), ("USD", 2), ("JPY", 0), ("KRW", 0), ("VND", 0), ("ISK", 0), ("KWD", 3),
     ("TND", 3), ("CLF", 4), ("HUF", 2), ("TWD", 2)],
)  # fmt: skip
def test_minor_units_are_those_of_iso_4217(code: str, digits: int) -> None:
    assert minor_digits(code) == digits


@pytest.mark.parametrize("code", ["eur", "EU", "", "XAU", "XTS", "XXX", "DEM", "BTC", "€"])
def test_what_no_amount_can_be_in_is_no_currency(code: str) -> None:
    assert not is_currency(code)
    with pytest.raises(ValueError, match="no currency of ISO 4217"):
        minor_digits(code)


def test_every_currency_has_minor_units() -> None:
    assert {minor_digits(code) for code in currency_codes()} == {0, 2, 3, 4}


@pytest.mark.parametrize(
    ("minor", "of", "to", "expected"),
    [(1000, "EUR", "USD", 1250.0), (1250, "USD", "EUR", 1000.0), (1000, "EUR", "JPY", 1600.0),
     (1600, "JPY", "KWD", 4000.0), (4000, "KWD", "USD", 1250.0), (0.5, "EUR", "USD", 0.625),
     (-100, "EUR", "USD", -125.0), (0, "JPY", "EUR", 0.0)],
)  # fmt: skip
def test_amounts_go_from_minor_units_to_minor_units(
    minor: float, of: str, to: str, expected: float
) -> None:
    assert RATES.convert(minor, of, to) == expected


def test_a_currency_needs_no_rate_to_become_itself() -> None:
    assert RATES.convert(1999, "CHF", "CHF") == 1999.0


def test_a_currency_without_a_rate_is_refused_by_name() -> None:
    for of, to in (("EUR", "CHF"), ("CHF", "EUR")):
        with pytest.raises(NoRate, match="have no CHF: put them again"):
            RATES.convert(1, of, to)


@pytest.mark.parametrize("code", ["eur", "XXX", "DEM"])
def test_what_is_no_currency_is_refused_even_for_itself(code: str) -> None:
    for of, to in ((code, "EUR"), ("EUR", code), (code, code)):
        with pytest.raises(UnknownCurrency, match=f"'{code}' is no currency"):
            RATES.convert(1, of, to)


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), float("-inf")])
def test_what_is_not_finite_is_no_amount(amount: float) -> None:
    with pytest.raises(ValueError, match="is no amount of money"):
        RATES.convert(amount, "EUR", "EUR")


@given(_AMOUNT, _RATED, _RATED)
def test_an_amount_is_exact_but_for_the_last_step_to_a_float(amount: int, of: str, to: str) -> None:
    rate = {"EUR": Decimal(1), **RATES.per_base}
    shift = Fraction(10) ** (minor_digits(to) - minor_digits(of))
    exact = Fraction(amount) * Fraction(rate[to]) / Fraction(rate[of]) * shift
    assert RATES.convert(amount, of, to) == float(exact)


@given(_AMOUNT, _AMOUNT, _RATED, _RATED)
def test_more_money_never_becomes_less(one: int, other: int, of: str, to: str) -> None:
    less, more = sorted((one, other))
    assert RATES.convert(less, of, to) <= RATES.convert(more, of, to)
