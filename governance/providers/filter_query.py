"""The filters of a search as they are written in an address or on the command line."""

import re

from governance.db import can_name
from governance.errors import FieldError, InvalidRequest
from governance.markets.countries import country_codes, suggest_country
from governance.providers.fields import SLUG
from governance.providers.models import Service, Standing
from governance.providers.search import Filters
from governance.providers.words import UN_CLASSES
from governance.rules.problems import did_you_mean
from governance.rules.vocabulary import Vocabulary

NAMES = ("market", "service", "category", "dangerous_goods", "standing", "text")
"""The names of the filters in an address."""

_MOST_CHARACTERS = 200


def read_filters(vocabulary: Vocabulary, **given: str | None) -> Filters:
    """The filters, given by `NAMES`; raises InvalidRequest that names every wrong one."""
    market, text, category = given.get("market"), given.get("text"), given.get("category")
    errors: list[FieldError] = []
    if market is not None and market not in country_codes():
        suggestion = suggest_country(market[:_MOST_CHARACTERS])
        hint = f"did you mean {suggestion}?" if suggestion else "ISO 3166-1 alpha-2, as in FR"
        errors.append(FieldError("market", f"unknown market `{market}`", hint))
    for name, known in (
        ("service", [one.value for one in Service]),
        ("standing", [one.value for one in Standing]),
        ("dangerous_goods", UN_CLASSES),
        ("category", [*vocabulary.goods]),
    ):
        word = given.get(name)
        if word is not None and word not in known:
            hint = did_you_mean(word[:_MOST_CHARACTERS], known) or _listed(name, known)
            errors.append(FieldError(name, f"unknown {name} `{word}`", hint))
    if text is not None and not (0 < len(text) <= _MOST_CHARACTERS and can_name(text)):
        hint = f"1 to {_MOST_CHARACTERS} characters, or leave it out"
        errors.append(FieldError("text", "no name holds such a text", hint))
    if errors:
        raise InvalidRequest(errors[0].message, errors=errors)
    service, standing = given.get("service"), given.get("standing")
    return Filters(
        market=market,
        service=None if service is None else Service(service),
        refusable=() if category is None else vocabulary.lineage(category),
        dangerous_goods=given.get("dangerous_goods"),
        standing=None if standing is None else Standing(standing),
        text=text,
    )


def check_cursor(cursor: str | None) -> None:
    """Refuse what no page gave as its `next_cursor`. Raises InvalidRequest."""
    if cursor is not None and not re.fullmatch(SLUG, cursor):
        message = "no page gave this cursor"
        hint = "send `next_cursor` as it was given, or leave it out"
        raise InvalidRequest(message, errors=[FieldError("cursor", message, hint)])


def _listed(name: str, known: list[str] | tuple[str, ...]) -> str:
    return "GET /v1/categories lists them" if name == "category" else f"one of {', '.join(known)}"
