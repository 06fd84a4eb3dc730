"""Compiles conditions to durable rules that match where a rule is possible.

Three values in a two-valued engine: a pattern matches unless its condition is certainly false.
Negations are pushed down to the literals first ("possibly not" is not "not possibly"), and what a
literal asks is encoded in the fact, so that each literal stays one comparison in the engine:

- an ordered attribute is asserted as the ranks of its lowest and its highest possible value among
  the bounds that the shard's literals name; they are equal when it is declared and at the two ends
  when it is not: "possibly > 1" is "highest > rank of 1". Ranks are small integers, for the engine
  cannot read 0.00001 (`1e-05` in JSON) and rounds what is large;
- any other literal becomes one signal (another one where it is negated), asserted when it is
  possible.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from governance.rules.conditions import All, AnyOf, Condition, FactValue, Literal, Not, literals

# Every fact carries this mark and every rule asks for it: a pattern that the engine's own state
# document could match would fire on it for ever.
MARK = "asked"
# The engine expands a pattern to its alternatives, and refuses (error 113) or drowns in many.
MOST_ALTERNATIVES = 16
MOST_LITERALS = 12

_OPPOSITE = {"gt": "lte", "gte": "lt", "lt": "gte", "lte": "gt"}

Definition = dict[str, Any]


class Signals:
    """The facts of one shard as the engine takes them."""

    def __init__(self, conditions: Iterable[Condition]) -> None:
        bounds: dict[str, set[Any]] = {}
        self._names: dict[tuple[str, tuple[Any, ...], bool], str] = {}
        for condition in conditions:
            for literal, negated in _signed(condition):
                if literal.comparison == "in":
                    key = (literal.attribute, literal.values, negated)
                    self._names.setdefault(key, f"s{len(self._names)}")
                else:
                    bounds.setdefault(literal.attribute, set()).add(literal.values[0])
        self._bounds = {attribute: sorted(found) for attribute, found in bounds.items()}

    @property
    def width(self) -> int:
        """The most properties that a document can have."""
        return 3 + 2 * len(self._bounds) + len(self._names)

    def comparison(self, literal: Literal, *, negated: bool) -> Definition:
        """The one comparison that holds where the literal (or its negation) is possible."""
        if literal.comparison == "in":
            return {self._names[literal.attribute, literal.values, negated]: 1}
        comparison = _OPPOSITE[literal.comparison] if negated else literal.comparison
        end = "highest" if comparison in ("gt", "gte") else "lowest"
        rank = self._rank(literal.attribute, literal.values[0])
        return {f"${comparison}": {f"{literal.attribute}_{end}": rank}}

    def document(self, facts: Mapping[str, FactValue]) -> dict[str, Any]:
        """The message to assert: every possible signal, and the ranks of ordered attributes."""
        document: dict[str, Any] = {MARK: 1}
        for attribute, bounds in self._bounds.items():
            value = facts.get(attribute)
            rank = None if value is None else self._rank(attribute, value)
            document[f"{attribute}_lowest"] = 0 if rank is None else rank
            document[f"{attribute}_highest"] = 2 * len(bounds) if rank is None else rank
        for (attribute, values, negated), name in self._names.items():
            fact = facts.get(attribute)
            if isinstance(fact, frozenset):
                possible = fact.isdisjoint(values) is negated
            else:
                possible = fact is None or (fact not in values) is negated
            if possible:
                document[name] = 1
        return document

    def _rank(self, attribute: str, value: Any) -> int:
        """Odd for a bound itself (1, 3, 5, …), even for what lies between two (0, 2, 4, …)."""
        bounds = self._bounds[attribute]
        return bisect_left(bounds, value) + bisect_right(bounds, value)


def possible(condition: Condition, signals: Signals) -> Definition:
    """The pattern that matches every fact under which `condition` is not certainly false.

    A condition that is not exact is left to the evaluator that decides the candidates: its pattern
    matches every fact.
    """
    if not is_exact(condition):
        return {MARK: 1}
    return {"$and": [{MARK: 1}, _possible(condition, signals, negated=False)]}


def is_exact(condition: Condition) -> bool:
    """Whether the engine can take the condition as it is: few enough alternatives."""
    return (
        alternatives(condition) <= MOST_ALTERNATIVES and len(literals(condition)) <= MOST_LITERALS
    )


def _possible(condition: Condition, signals: Signals, *, negated: bool) -> Definition:
    if isinstance(condition, Literal):
        return signals.comparison(condition, negated=negated)
    if isinstance(condition, Not):
        return _possible(condition.part, signals, negated=not negated)
    parts = [_possible(part, signals, negated=negated) for part in condition.parts]
    if len(parts) == 1:
        return parts[0]
    return {"$and" if isinstance(condition, All) is not negated else "$or": parts}


def _signed(condition: Condition, *, negated: bool = False) -> Iterator[tuple[Literal, bool]]:
    """Every literal with whether it stands under an odd number of negations."""
    if isinstance(condition, Literal):
        yield condition, negated
    elif isinstance(condition, Not):
        yield from _signed(condition.part, negated=not negated)
    else:
        for part in condition.parts:
            yield from _signed(part, negated=negated)


def alternatives(condition: Condition, *, negated: bool = False) -> int:
    """How many conjunctions the condition expands to."""
    if isinstance(condition, Literal):
        return 1
    if isinstance(condition, Not):
        return alternatives(condition.part, negated=not negated)
    counts = [alternatives(part, negated=negated) for part in condition.parts]
    if isinstance(condition, AnyOf) is not negated:
        return sum(counts)
    product = 1
    for count in counts:
        product *= count
    return product
