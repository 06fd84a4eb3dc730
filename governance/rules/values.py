"""Values: how a fact of each attribute type is read, from rulesets and from requests alike."""

from datetime import date
from decimal import Decimal
from math import isfinite
from typing import Any

from governance.markets.countries import country_codes, suggest_country
from governance.rules import reading
from governance.rules.conditions import FactValue, Value
from governance.rules.problems import did_you_mean
from governance.rules.reading import Unreadable
from governance.rules.vocabulary import Attribute, Vocabulary
from governance.rules.yaml_text import Node

# Rules compare with prefixes of up to six digits, the length that all countries share: a shorter
# fact could be of either side of a rule and would have to leave it undecided.
HS_LENGTHS = range(6, 13)
# Fifteen digits: what a double holds exactly, wherever the fact may travel.
_TOO_LARGE = 10**15


class WrongValue(ValueError):
    """A value that its attribute cannot have; `hint` says how to mend it."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def from_node(node: Node, attribute: Attribute, vocabulary: Vocabulary) -> Value:
    """The value written in a ruleset for `attribute`; a country may also be a bloc.

    Raises:
        Unreadable: it is not of the attribute's type.
    """
    read: Any
    match attribute.type:
        case "boolean":
            return reading.boolean(node)
        case "integer":
            read = reading.integer(node)
        case "number":
            read = reading.number(node)
        case "date":
            return reading.day(node).toordinal()
        case "country":
            return reading.country(node, also=vocabulary.blocs)
        case "hs_code":
            return reading.hs_prefix(node)
        case "choice" | "set":
            return reading.one_of(node, attribute.values, f"value of `{attribute.name}`")
        case _:
            read = reading.text(node)
    try:
        check(read, attribute)
    except WrongValue as wrong:
        raise Unreadable(node.place, str(wrong), wrong.hint) from None
    assert isinstance(read, int | float | str)
    return read


def check(value: Any, attribute: Attribute) -> None:
    """Refuse a JSON value that is not of the attribute's type, strictly: "5" is not 5.

    Raises:
        WrongValue: says what was expected, with a hint.
    """
    name, found = attribute.name, _json(value)
    wanted: str | None = None
    match attribute.type:
        case "boolean":
            wanted = None if isinstance(value, bool) else "true or false"
        case "integer":
            wanted = None if type(value) is int else "a whole number"
        case "number":
            wanted = None if type(value) in (int, float) else "a number"
        case "set":
            wanted = None if isinstance(value, list) else "a list"
        case _:
            wanted = None if isinstance(value, str) else "text"
    if wanted:
        unit = f" in {attribute.unit}" if attribute.unit else ""
        raise WrongValue(
            f"`{name}` must be {wanted}{unit}, not {found}", f"it is: {attribute.title}"
        )
    if attribute.type in ("choice", "set"):
        for word in value if isinstance(value, list) else [value]:
            if word not in attribute.values:
                raise WrongValue(
                    f"`{name}` cannot be {_json(word)}",
                    did_you_mean(str(word), attribute.values)
                    or f"one of: {', '.join(attribute.values)}",
                )
    elif attribute.type in ("integer", "number"):
        _check_range(value, attribute)
    elif attribute.type == "country" and value not in country_codes():
        suggestion = suggest_country(value)
        raise WrongValue(
            f"`{name}`: {found} is no ISO 3166-1 alpha-2 country code",
            f"did you mean {suggestion}?" if suggestion else "two capital letters, as in DE",
        )
    elif attribute.type == "date":
        parse_date(value)
    elif attribute.type == "hs_code":
        check_hs(value)


def fact(value: Any, attribute: Attribute, vocabulary: Vocabulary, as_of: date) -> FactValue:
    """A checked JSON value as conditions see it: see `conditions.FactValue`."""
    match attribute.type:
        case "date":
            return parse_date(value).toordinal()
        case "set":
            return frozenset(value)
        case "country":
            return frozenset({value, *vocabulary.blocs_of(value, as_of)})
        case "hs_code":
            return frozenset(value[:length] for length in range(2, len(value) + 1))
    assert isinstance(value, bool | int | float | str)
    return value


def parse_date(value: str) -> date:
    """An ISO date (YYYY-MM-DD). Raises WrongValue."""
    day = reading.iso_date(value)
    if day is None:
        raise WrongValue(f"{_json(value)} is no date", "write YYYY-MM-DD")
    return day


def check_hs(value: str) -> None:
    """A Harmonized System code: at least the six digits of the subheading. Raises WrongValue."""
    if not (value.isascii() and value.isdigit() and len(value) in HS_LENGTHS):
        raise WrongValue(
            f"{_json(value)} is no HS code", "6 to 12 digits without dots, for instance 330410"
        )


def _check_range(value: float, attribute: Attribute) -> None:
    if isinstance(value, float) and not isfinite(value):
        raise WrongValue(
            f"`{attribute.name}` must be a finite number", "leave out what is not known"
        )
    if abs(value) >= _TOO_LARGE:
        raise WrongValue(
            f"`{attribute.name}` must be a number of at most 15 digits", f"it is: {attribute.title}"
        )
    low, high = attribute.minimum, attribute.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        unit = f" {attribute.unit}" if attribute.unit else ""
        if low is not None and high is not None:
            bounds = f"from {_plain(low)} to {_plain(high)}"
        else:
            bounds = f"at most {_plain(high)}" if low is None else f"at least {_plain(low)}"
        raise WrongValue(
            f"`{attribute.name}` must be {bounds}{unit}, not {_plain(value)}{unit}",
            f"it is: {attribute.title}",
        )


def _plain(value: float | None) -> str:
    """A number in decimals, as a person writes it: 5, 0.5, 1234567."""
    return f"{Decimal(str(value)).normalize():f}"


def _json(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int) and abs(value) >= _TOO_LARGE:
        return "a number of more than 15 digits"
    shown = f'"{value}"' if isinstance(value, str) else str(value)
    return shown if len(shown) <= 60 else shown[:57] + "…"
