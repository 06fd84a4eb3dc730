"""The filters of a search as they are written in an address or on the command line."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from governance.db import can_name
from governance.errors import FieldError, InvalidRequest
from governance.markets.countries import country_codes, suggest_country
from governance.problems import field_errors
from governance.providers.fields import SLUG, Currency, Days, Grams, MinorUnits
from governance.providers.lanes import Wanted, words_of
from governance.providers.models import Service, Standing
from governance.providers.search import Filters
from governance.providers.words import DANGEROUS_GOODS, UN_CLASSES
from governance.rules.problems import did_you_mean
from governance.rules.vocabulary import Vocabulary

NAMES = (
    "market", "service", "category", "dangerous_goods", "weight_grams", "cost_at_most", "currency",
    "lead_days_at_most", "standing", "text",
)  # fmt: skip
"""The names of the filters in an address."""

SEVERAL = ("standing",)
"""Those that may be given more than once."""

_MOST_CHARACTERS = 200
_VALUES: Mapping[str, TypeAdapter[Any]] = {
    "weight_grams": TypeAdapter(Grams),
    "cost_at_most": TypeAdapter(MinorUnits),
    "currency": TypeAdapter(Currency),
    "lead_days_at_most": TypeAdapter(Days),
}


def read_filters(
    vocabulary: Vocabulary,
    *,
    market: str | None = None,
    service: str | None = None,
    category: str | None = None,
    dangerous_goods: str | None = None,
    weight_grams: int | None = None,
    cost_at_most: int | None = None,
    currency: str | None = None,
    lead_days_at_most: float | None = None,
    standing: Sequence[str] = (),
    text: str | None = None,
) -> Filters:
    """The filters, as they are named in an address; raises InvalidRequest with every wrong one."""
    errors = [
        *wrong_country("market", market),
        *wrong_word("service", service, [one.value for one in Service]),
        *wrong_word("dangerous_goods", dangerous_goods, UN_CLASSES),
        *wrong_category("category", category, vocabulary),
        *wrong_value("weight_grams", weight_grams),
        *wrong_value("cost_at_most", cost_at_most),
        *wrong_value("currency", currency),
        *wrong_value("lead_days_at_most", lead_days_at_most),
    ]
    for one in standing:
        errors += wrong_word("standing", one, [known.value for known in Standing])
    if cost_at_most is not None:
        needed = {"weight_grams": weight_grams, "currency": currency}
        for name in (name for name, value in needed.items() if value is None):
            message = f"`cost_at_most` is asked without `{name}`"
            hint = "a cost is that of a weight, in minor units of a currency: give all three"
            errors.append(FieldError(name, message, hint))
    if text is not None and not (0 < len(text) <= _MOST_CHARACTERS and can_name(text)):
        hint = f"1 to {_MOST_CHARACTERS} characters, or leave it out"
        errors.append(FieldError("text", "no name holds such a text", hint))
    refuse(errors)
    lane = Wanted(
        market=market,
        service=None if service is None else Service(service),
        refusable=() if category is None else words_of(vocabulary, category),
        dangerous_goods=dangerous_goods,
        weight_grams=weight_grams,
        cost_at_most=cost_at_most,
        currency=currency,
        lead_days_at_most=lead_days_at_most,
    )
    return Filters(lane, standings=tuple(Standing(one) for one in standing), text=text)


def check_cursor(cursor: str | None) -> None:
    """Refuse what no page gave as its `next_cursor`. Raises InvalidRequest."""
    if cursor is not None and not re.fullmatch(SLUG, cursor):
        message = "no page gave this cursor"
        hint = "send `next_cursor` as it was given, or leave it out"
        refuse([FieldError("cursor", message, hint)])


def refuse(errors: Sequence[FieldError]) -> None:
    """Raise InvalidRequest where anything is wrong."""
    if errors:
        raise InvalidRequest(errors[0].message, errors=errors)


def wrong_country(name: str, code: str | None) -> Iterator[FieldError]:
    """What is wrong with a country; nothing where none was given."""
    if code is not None and code not in country_codes():
        suggestion = suggest_country(code[:_MOST_CHARACTERS])
        hint = f"did you mean {suggestion}?" if suggestion else "ISO 3166-1 alpha-2, as in FR"
        yield FieldError(name, f"unknown {name} `{code}`", hint)


def wrong_word(
    name: str, word: str | None, known: Collection[str], listed: str | None = None
) -> Iterator[FieldError]:
    """What is wrong with a word that must be a known one; `listed` says where these are listed."""
    if word is not None and word not in known:
        hint = did_you_mean(word[:_MOST_CHARACTERS], known)
        hint = hint or listed or f"one of {', '.join(known)}"
        yield FieldError(name, f"unknown {name} `{word}`", hint)


def wrong_category(name: str, word: str | None, vocabulary: Vocabulary) -> Iterator[FieldError]:
    """What is wrong with goods: a category of them, or a kind of dangerous goods."""
    known = [*vocabulary.goods, *DANGEROUS_GOODS]
    return wrong_word(name, word, known, f"GET /v1/categories; or {', '.join(DANGEROUS_GOODS)}")


def wrong_value(name: str, value: object) -> Iterator[FieldError]:
    """What is wrong with a weight, a cost, a currency or a time, by the name of its filter."""
    if value is None:
        return
    try:
        _VALUES[name].validate_python(value, strict=True)
    except ValidationError as invalid:
        for error in field_errors(invalid.errors(include_url=False)):
            yield FieldError(name, error.message, error.hint)
