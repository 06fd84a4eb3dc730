"""Exchange rates as a document: decimal texts, so that no digit is lost on the way."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from governance.errors import FieldError
from governance.markets.money import is_currency
from governance.providers.fields import Date, Line, Strict
from governance.rules.values import WrongValue

MOST_DIGITS = 12
"""Significant digits of a rate: more are a mistake, and amounts stay exact."""

_DECIMAL = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?")
_MOST_CHARACTERS = 40


def _currency(code: str) -> str:
    if not is_currency(code):
        upper = code.upper()
        hint = f"did you mean `{upper}`?" if is_currency(upper) else "a code such as EUR or JPY"
        raise WrongValue(f"unknown currency `{code}`: it is none of ISO 4217", hint)
    return code


def _rate(text: str) -> str:
    if not _DECIMAL.fullmatch(text):
        raise WrongValue(f"`{text}` is no decimal number", "digits and one point, as in 1.1553")
    digits = len(Decimal(text).as_tuple().digits)
    if digits > MOST_DIGITS:
        hint = f"at most {MOST_DIGITS}: round it"
        raise WrongValue(f"`{text}` has {digits} significant digits", hint)
    if not Decimal(text):
        raise WrongValue("a rate is more than 0", "leave a currency without a rate out")
    return text


Currency = Annotated[
    str,
    Field(
        max_length=10,
        description="ISO 4217, with minor units.",
        examples=["EUR"],
        json_schema_extra={"pattern": "^[A-Z]{3}$"},
    ),
    AfterValidator(_currency),
]
Rate = Annotated[
    str,
    Field(
        max_length=_MOST_CHARACTERS,
        description=f"More than 0, at most {MOST_DIGITS} significant digits.",
        examples=["1.1553"],
        json_schema_extra={"pattern": f"^{_DECIMAL.pattern}$"},
    ),
    AfterValidator(_rate),
]


class RatesDocument(Strict):
    """The rates of a day: units of each currency for one unit of the base."""

    base: Currency
    source: Line = Field(description="Where they are from.", examples=["ECB reference rates"])
    sample: bool = Field(default=False, description="Made up, for trying the service out.")
    rates: Annotated[dict[Currency, Rate], Field(min_length=1)] = Field(
        description="Units for one unit of the base, which is not among them.",
        examples=[{"USD": "1.1553", "JPY": "180.25"}],
    )


class DayRates(RatesDocument):
    """The rates and the day that they are of, as in a file."""

    day: Date


def faults(
    day: date, document: RatesDocument, today: date, *, named: str = "/day"
) -> Iterator[FieldError]:
    """What is wrong with rates whose fields are right one by one; `named` is where the day is."""
    if day > today:
        yield FieldError(named, f"{day} is after today, {today} (UTC)", "rates are of a past day")
    if document.base in document.rates:
        message = f"{document.base} is the base, and is 1"
        yield FieldError(f"/rates/{document.base}", message, "leave it out of the rates")
