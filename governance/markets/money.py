"""Currencies (ISO 4217, from pycountry), their minor units, and amounts taken from one to another.

Exponents: List One of the maintenance agency, column CcyMnrUnts,
https://www.six-group.com/dam/download/financial-information/data-center/iso-currrency/lists/list-one.xml
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from functools import lru_cache

import pycountry

from governance.errors import InvalidRequest

_USUAL_DIGITS = 2
_OTHER_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DIGITS = {code: digits for digits, codes in _OTHER_DIGITS.items() for code in codes.split()}
# "N.A." in the list: metals, bond and account units, the test code and "no currency".
_WITHOUT_MINOR_UNITS = "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX"
# The digits of an amount (16), of two rates (12 each) and enough to spare for what follows.
_EXACT = Context(prec=60)


class UnknownCurrency(InvalidRequest):
    """The code is none of ISO 4217, or none that an amount can be counted in."""

    code = "unknown-currency"
    title = "There is no such currency"


class NoRate(InvalidRequest):
    """The exchange rates of the day do not have the currency."""

    code = "no-exchange-rate"
    title = "There is no exchange rate"


@lru_cache
def currency_codes() -> frozenset[str]:
    """Every code of ISO 4217 that has minor units: no metal, no test code, no former currency."""
    return frozenset(one.alpha_3 for one in pycountry.currencies) - {*_WITHOUT_MINOR_UNITS.split()}


def is_currency(code: str) -> bool:
    """Whether amounts can be in it: `EUR`, but neither `eur` nor `XAU` (gold)."""
    return code in currency_codes()


def minor_digits(currency: str) -> int:
    """How many decimals the minor unit is: EUR 2, JPY 0, KWD 3; ValueError for an unknown code."""
    if not is_currency(currency):
        raise ValueError(f"{currency!r} is no currency of ISO 4217 with minor units")
    return _DIGITS.get(currency, _USUAL_DIGITS)


@dataclass(frozen=True)
class Rates:
    """Units of each currency for one unit of `base`, of one day, and where they are from.

    `sample` marks rates that were made up; `per_base` has positive rates, and none of the base.
    """

    base: str
    day: date
    source: str
    sample: bool
    per_base: Mapping[str, Decimal]

    def convert(self, minor: int | float, of: str, to: str) -> float:
        """An amount in minor units of `of`, in minor units of `to`, not rounded to whole ones.

        The same currency needs no rate. Raises UnknownCurrency, NoRate (neither the base nor among
        the rates), and ValueError for an amount that is not finite.
        """
        digits_of, digits_to = _digits(of), _digits(to)
        if not math.isfinite(minor):
            raise ValueError(f"{minor!r} is no amount of money")
        if of == to:
            return float(minor)
        into, out_of = self._per_base(to), self._per_base(of)
        amount = _EXACT.scaleb(_EXACT.create_decimal(minor), digits_to - digits_of)
        return float(_EXACT.divide(_EXACT.multiply(amount, into), out_of))

    def _per_base(self, currency: str) -> Decimal:
        if currency == self.base:
            return Decimal(1)
        if currency not in self.per_base:
            raise NoRate(
                f"The rates of {self.day} ({self.source}) have no {currency}: put them again with "
                f"{currency} among the rates, as units for one {self.base}"
            )
        return self.per_base[currency]


def _digits(currency: str) -> int:
    try:
        return minor_digits(currency)
    except ValueError:
        raise UnknownCurrency(
            f"{currency!r} is no currency of ISO 4217: write a code such as EUR, USD or JPY"
        ) from None
