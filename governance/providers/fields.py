"""The types of a provider's fields: each refuses what cannot be meant, and says how to mend it."""

import re
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import urlsplit

import pycountry
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from governance.markets.countries import country_codes, suggest_country
from governance.providers.models import Service
from governance.providers.words import METRICS, MODES, TEMPERATURES, UN_CLASSES
from governance.rules.problems import did_you_mean
from governance.rules.values import WrongValue, parse_date

SLUG = "[a-z0-9]+(-[a-z0-9]+)*"
_LISTABLE = 12
_LONGEST_DAYS = 730


class Strict(BaseModel):
    """Nothing is converted and nothing unknown is accepted: `false` is not 0, "5" is not 5."""

    model_config = ConfigDict(strict=True, extra="forbid")


def one_of(known: Collection[str], what: str) -> Callable[[str], str]:
    """A check that a word is among the known ones."""

    def check(word: str) -> str:
        if word in known:
            return word
        few = f"one of: {', '.join(known)}" if len(known) <= _LISTABLE else None
        raise WrongValue(f"unknown {what} `{word}`", did_you_mean(word, known) or few)

    return check


def between(low: float, high: float, unit: str) -> Callable[[Any], Any]:
    """A check that a number lies between two, both included."""

    def check(value: float) -> float:
        if not low <= value <= high:  # not a number lies nowhere
            bounds = f"{low:,} to {high:,} {unit}"
            raise WrongValue(f"{value} is out of range", f"it goes from {bounds}")
        return value

    return check


@lru_cache
def _currencies() -> dict[str, str]:
    return {currency.alpha_3: currency.name for currency in pycountry.currencies}


def _country(code: str) -> str:
    if code not in country_codes():
        suggestion = suggest_country(code)
        hint = f"did you mean `{suggestion}`?" if suggestion else "two capital letters, as in DE"
        raise WrongValue(f"unknown country `{code}`: it is no ISO 3166-1 alpha-2 code", hint)
    return code


def _country_or_all(code: str) -> str:
    return code if code == "*" else _country(code)


def _currency(code: str) -> str:
    if code not in _currencies():
        hint = f"did you mean `{code.upper()}`?" if code.upper() in _currencies() else None
        hint = hint or "three capital letters, as in EUR"
        raise WrongValue(f"unknown currency `{code}`: it is no ISO 4217 code", hint)
    return code


def _slug(text: str) -> str:
    if not re.fullmatch(SLUG, text):
        raise WrongValue(f"`{text}` is no id", "small letters and digits, with single dashes")
    return text


def _line(text: str) -> str:
    if not (text.isprintable() and text.strip()):
        raise WrongValue("it must be one line of text that can be read", "no control characters")
    return text


def _paragraphs(text: str) -> str:
    if not text.replace("\n", "").isprintable():
        raise WrongValue("it holds characters that cannot be read", "no control characters")
    return text


def _website(text: str) -> str:
    try:
        parts = urlsplit(_line(text))
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text
    except ValueError:
        good = False
    if not good:
        raise WrongValue(f"`{text}` is no address of a website", "as in https://example.org")
    return text


def _date(text: str) -> str:
    parse_date(text)
    return text


Slug = Annotated[
    str,
    Field(min_length=1, max_length=64, json_schema_extra={"pattern": f"^{SLUG}$"}),
    AfterValidator(_slug),
]
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_line)]
Paragraphs = Annotated[str, Field(max_length=2000), AfterValidator(_paragraphs)]
Website = Annotated[str, Field(max_length=500), AfterValidator(_website)]
Word = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_line)]
Date = Annotated[str, Field(json_schema_extra={"format": "date"}), AfterValidator(_date)]
Country = Annotated[
    str,
    Field(max_length=100, description="ISO 3166-1 alpha-2.", examples=["DE"]),
    AfterValidator(_country),
]
CountryOrAll = Annotated[
    str,
    Field(max_length=100, description="ISO 3166-1 alpha-2, or `*` for every market."),
    AfterValidator(_country_or_all),
]
Region = Annotated[str, Field(max_length=100, description="ISO 3166-2.", examples=["US-CA"])]
Currency = Annotated[
    str,
    Field(max_length=100, description="ISO 4217.", examples=["EUR"]),
    AfterValidator(_currency),
]
ServiceName = Annotated[
    str,
    Field(max_length=100, json_schema_extra={"enum": [service.value for service in Service]}),
    AfterValidator(one_of([service.value for service in Service], "service")),
]
Metric = Annotated[
    str,
    Field(max_length=100, json_schema_extra={"enum": [*METRICS]}),
    AfterValidator(one_of(METRICS, "metric")),
]
Mode = Annotated[
    str,
    Field(max_length=100, json_schema_extra={"enum": [*MODES]}),
    AfterValidator(one_of(MODES, "mode")),
]
UnClass = Annotated[
    str,
    Field(max_length=100, description="UN class or division.", examples=["3", "9"]),
    AfterValidator(one_of(UN_CLASSES, "UN class")),
]
Temperature = Annotated[
    str,
    Field(max_length=100, json_schema_extra={"enum": [*TEMPERATURES]}),
    AfterValidator(one_of(TEMPERATURES, "temperature")),
]
Latitude = Annotated[float, AfterValidator(between(-90, 90, "degrees"))]
Longitude = Annotated[float, AfterValidator(between(-180, 180, "degrees"))]
Days = Annotated[float, AfterValidator(between(0, _LONGEST_DAYS, "days"))]
Units = Annotated[int, AfterValidator(between(0, 1_000_000_000, "units"))]
Grams = Annotated[int, AfterValidator(between(1, 100_000_000, "grams"))]
MinorUnits = Annotated[int, AfterValidator(between(0, 100_000_000_000, "minor units"))]
