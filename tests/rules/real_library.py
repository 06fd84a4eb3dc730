"""The rulesets of this repository, and random facts of the types that they declare."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

import pycountry

from governance.rules.conditions import FactValue, literals
from governance.rules.library import load_library, read_tree
from governance.rules.model import Library
from governance.rules.values import check, fact
from governance.rules.vocabulary import Attribute

RULESETS = Path(__file__).parents[2] / "rulesets"
DAY = date(2026, 11, 22)
_COUNTRIES = sorted(country.alpha_2 for country in pycountry.countries)


@lru_cache
def files() -> dict[str, str]:
    return read_tree(RULESETS)


@lru_cache
def library() -> Library:
    return load_library(files())


@lru_cache
def _bounds() -> dict[str, tuple[Any, ...]]:
    """The values that rules compare each attribute with: where answers turn."""
    found: dict[str, set[Any]] = {}
    for each in (*library().rules["sale"], *library().classification):
        for literal in literals(each.condition):
            found.setdefault(literal.attribute, set()).update(literal.values)
    return {name: tuple(sorted(values)) for name, values in found.items()}


def _json_value(random: Random, attribute: Attribute) -> Any:
    bounds = _bounds().get(attribute.name, ())
    match attribute.type:
        case "boolean":
            return random.random() < 0.5
        case "integer" | "number":
            low = attribute.minimum or 0
            high = 1000 if attribute.maximum is None else attribute.maximum
            near = random.choice(bounds) + random.choice((-1, 0, 1)) if bounds else low
            value = random.choice((near, random.uniform(low, high), low, high))
            value = min(max(value, low), high)
            return round(value) if attribute.type == "integer" else value
        case "choice":
            return random.choice(attribute.values)
        case "set":
            return random.sample(attribute.values, random.randint(0, len(attribute.values)))
        case "country":
            return random.choice(("DE", "GB", "NO", "US", random.choice(_COUNTRIES)))
        case "date":
            ordinal = random.choice((*bounds, DAY.toordinal())) + random.randint(-1, 1)
            return date.fromordinal(ordinal).isoformat()
        case "hs_code":
            return random.choice(("330410", "850760", "950300", "2204211000"))
        case _:
            return random.choice(("x", "a longer name"))


def random_facts(random: Random) -> dict[str, FactValue]:
    """Facts as a request declares them: checked, typed, some missing."""
    declared = random.choice((1.0, 0.9, 0.5, 0.0))
    known: dict[str, FactValue] = {}
    for attribute in library().vocabulary.attributes.values():
        if random.random() < declared:
            value = _json_value(random, attribute)
            check(value, attribute)
            known[attribute.name] = fact(value, attribute, library().vocabulary, DAY)
    return known
