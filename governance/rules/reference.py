"""The reference evaluator: what the language means, in plain Python (Kleene's three values)."""

from collections.abc import Mapping

from governance.rules.conditions import AnyOf, Condition, FactValue, Literal, Not


def truth(condition: Condition, facts: Mapping[str, FactValue]) -> bool | None:
    """True, False, or None where a missing attribute leaves it undetermined."""
    if isinstance(condition, Literal):
        return _holds(condition, facts.get(condition.attribute))
    if isinstance(condition, Not):
        inner = truth(condition.part, facts)
        return None if inner is None else not inner
    decisive = isinstance(condition, AnyOf)  # one such part decides the whole
    answer: bool | None = not decisive
    for part in condition.parts:
        value = truth(part, facts)
        if value is decisive:
            return decisive
        if value is None:
            answer = None
    return answer


def missing(condition: Condition, facts: Mapping[str, FactValue]) -> frozenset[str]:
    """The attributes to declare so that an undetermined condition can be decided."""
    if truth(condition, facts) is not None:
        return frozenset()
    if isinstance(condition, Literal):
        return frozenset({condition.attribute})
    parts = (condition.part,) if isinstance(condition, Not) else condition.parts
    return frozenset().union(*(missing(part, facts) for part in parts))


def _holds(literal: Literal, fact: FactValue | None) -> bool | None:
    if fact is None:
        return None
    if isinstance(fact, frozenset):
        return any(value in fact for value in literal.values)
    if literal.comparison == "in":
        return fact in literal.values
    bound = literal.values[0]
    if isinstance(fact, str) or isinstance(bound, str):
        raise TypeError(f"`{literal.attribute}` cannot be ordered: {fact!r}")
    match literal.comparison:
        case "gt":
            return fact > bound
        case "gte":
            return fact >= bound
        case "lt":
            return fact < bound
        case "lte":
            return fact <= bound
