"""Conditions: the `when` of a rule as a tree of typed literals."""

from dataclasses import dataclass
from typing import Literal as OneOf

Value = bool | int | float | str
# What a condition looks at: attribute -> value. Dates are `date.toordinal()`; membership types
# (country, hs_code, set) are the frozenset of everything that the value belongs to.
FactValue = Value | frozenset[str]
Comparison = OneOf["in", "gt", "gte", "lt", "lte"]


@dataclass(frozen=True, slots=True)
class Literal:
    """One comparison. `in` holds if the fact is, or belongs to, any of `values`."""

    attribute: str
    comparison: Comparison
    values: tuple[Value, ...]
    membership: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Holds if every part holds; `All(())` always holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds if at least one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Holds if the part does not."""

    part: "Condition"


Condition = Literal | All | AnyOf | Not


def literals(condition: Condition) -> list[Literal]:
    """Every literal of a condition, in reading order."""
    if isinstance(condition, Literal):
        return [condition]
    if isinstance(condition, Not):
        return literals(condition.part)
    return [literal for part in condition.parts for literal in literals(part)]


def attributes(condition: Condition) -> frozenset[str]:
    """The attributes that a condition looks at."""
    return frozenset(literal.attribute for literal in literals(condition))
