"""Reads the `when` of a rule."""

from governance.rules import reading
from governance.rules.conditions import All, AnyOf, Comparison, Condition, Literal, Not
from governance.rules.problems import did_you_mean
from governance.rules.reading import Unreadable
from governance.rules.values import from_node
from governance.rules.vocabulary import MEMBERSHIP_TYPES, ORDERED_TYPES, Attribute, Vocabulary
from governance.rules.yaml_text import Entries, Node, Scalar

_ORDERED: tuple[Comparison, ...] = ("gt", "gte", "lt", "lte")
_OPERATORS = ("in", *_ORDERED, "contains")


def condition(node: Node, vocabulary: Vocabulary) -> Condition:
    """A conjunction of attribute entries, `any` and `not`.

    Raises:
        Unreadable: an unknown attribute or operator, a wrong type, an empty mapping.
    """
    found = reading.mapping(node)
    if not found.values:
        raise Unreadable(node.place, "the condition is empty", "leave `when` out: it always holds")
    parts: list[Condition] = []
    for name, child in found.values.items():
        if name == "any":
            parts.append(AnyOf(reading.listed(child, lambda part: condition(part, vocabulary))))
        elif name == "not":
            parts.append(Not(condition(child, vocabulary)))
        else:
            attribute = attribute_named(found.keys[name], vocabulary)
            parts.extend(_literals(attribute, child, vocabulary))
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def attribute_named(key: Scalar, vocabulary: Vocabulary) -> Attribute:
    """The attribute of that name. Raises Unreadable."""
    attribute = vocabulary.attributes.get(key.text)
    if attribute is None:
        raise Unreadable(
            key.place,
            f"unknown attribute `{key.text}`",
            did_you_mean(key.text, vocabulary.attributes)
            or "declare it in rulesets/vocabulary/attributes/",
        )
    return attribute


def _literals(attribute: Attribute, node: Node, vocabulary: Vocabulary) -> list[Condition]:
    membership = attribute.type in MEMBERSHIP_TYPES
    if not isinstance(node, Entries):
        if attribute.type == "set":
            raise Unreadable(node.place, f"`{attribute.name}` is a set", "write {contains: value}")
        value = from_node(node, attribute, vocabulary)
        return [Literal(attribute.name, "in", (value,), membership)]
    if not node.values:
        raise Unreadable(node.place, "the comparison is empty", "write a value or {gt: 1}")
    literals: list[Condition] = []
    for operator, operand in node.values.items():
        place = node.keys[operator].place
        if operator not in _OPERATORS:
            raise Unreadable(
                place,
                f"unknown operator `{operator}`",
                did_you_mean(operator, _OPERATORS) or f"one of: {', '.join(_OPERATORS)}",
            )
        if (operator == "contains") != (attribute.type == "set"):
            hint = "use contains" if attribute.type == "set" else "contains is for sets"
            raise Unreadable(
                place, f"`{operator}` does not fit `{attribute.name}`, a {attribute.type}", hint
            )
        if operator in _ORDERED and attribute.type not in ORDERED_TYPES:
            raise Unreadable(
                place,
                f"`{operator}` does not fit `{attribute.name}`, a {attribute.type}",
                "order is for numbers and dates; write a value or {in: [a, b]}",
            )
        items = reading.listed(operand, lambda item: item) if operator == "in" else (operand,)
        values = tuple(from_node(item, attribute, vocabulary) for item in items)
        comparison: Comparison = "in" if operator == "contains" else operator  # type: ignore[assignment]
        literals.append(Literal(attribute.name, comparison, values, membership))
    return literals
