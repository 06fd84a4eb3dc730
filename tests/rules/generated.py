"""Random conditions, facts and rules of every kind that the language has."""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from random import Random

from governance.rules.conditions import (
    All,
    AnyOf,
    Comparison,
    Condition,
    FactValue,
    Literal,
    Not,
    Value,
)
from governance.rules.matcher import Finding
from governance.rules.model import Rule, Source
from governance.rules.problems import Place
from governance.rules.reference import missing, truth

_DAY = date(2026, 11, 22)
# Numbers that JSON writes with an exponent, neighbours of a double, and one more than a double has.
NUMBERS: tuple[float, ...] = (
    0, 1, -1, 0.1, math.nextafter(0.1, 1), 0.3, 0.1 + 0.2, 0.00001, -0.0000001, 5e-324, 2.5, 40,
    999_999_999_999_999, 123456789.125, -5,
)  # fmt: skip
INTEGERS = (-3, 0, 1, 2, 3, 10, 12, 36, 999_999_999_999_999)
DAYS = tuple(_DAY.toordinal() + days for days in (-400, -1, 0, 1, 400))
WORDS = ("a", "b", "c", "d", "it's", 'qu"ote', "ä", "\\")
PLACES = ("DE", "FR", "NO", "EU", "EFTA")
HS = ("33", "3304", "330410", "85", "8517")
KINDS: dict[str, tuple[Value, ...]] = {
    "flag": (True, False),
    "word": WORDS,
    "count": INTEGERS,
    "number": NUMBERS,
    "day": DAYS,
    "tags": WORDS,
    "place": PLACES,
    "hs": HS,
}
_ORDERED = ("count", "number", "day")
_MEMBERSHIP = ("tags", "place", "hs")
_COMPARISONS: tuple[Comparison, ...] = ("gt", "gte", "lt", "lte")
NAMES = tuple(f"{kind}_{index}" for kind in KINDS for index in range(3))


def literal(random: Random, name: str | None = None) -> Literal:
    name = name or random.choice(NAMES)
    kind = name.rpartition("_")[0]
    values = KINDS[kind]
    if kind in _ORDERED and random.random() < 0.7:
        return Literal(name, random.choice(_COMPARISONS), (random.choice(values),))
    several = tuple(random.sample(values, random.randint(1, min(3, len(values)))))
    return Literal(name, "in", several, kind in _MEMBERSHIP)


def condition(random: Random, depth: int = 3) -> Condition:
    """A condition with `any` and `not` nested to `depth`."""
    if depth == 0 or random.random() < 0.3:
        return literal(random)
    shape = random.random()
    if shape < 0.2:
        return Not(condition(random, depth - 1))
    parts = tuple(condition(random, depth - 1) for _ in range(random.randint(1, 4)))
    return AnyOf(parts) if shape < 0.6 else All(parts)


def fact(random: Random, name: str) -> FactValue:
    kind = name.rpartition("_")[0]
    if kind in ("tags", "place"):
        return frozenset(str(v) for v in random.sample(KINDS[kind], random.randint(0, 2)))
    if kind == "hs":
        code = str(random.choice(("330410", "3304", "851762", "95", "33")))
        return frozenset(code[:length] for length in range(2, len(code) + 1))
    return random.choice(KINDS[kind])


def facts(random: Random, names: Iterable[str] = NAMES) -> dict[str, FactValue]:
    """Facts of which none, some, half or all are missing."""
    declared = random.choice((1.0, 0.9, 0.5, 0.1, 0.0))
    return {name: fact(random, name) for name in names if random.random() < declared}


def rule(identifier: str, when: Condition) -> Rule:
    source = Source("An Act", "https://example.org", "primary", _DAY, "high")
    return Rule(
        id=identifier,
        title=identifier,
        status="in_force",
        start=date(2020, 1, 1),
        end=None,
        categories=("goods",),
        condition=when,
        effect="prohibit",
        source=source,
        jurisdiction="DE",
        place=Place("sale/DE/x.yaml"),
    )


def rules(random: Random, count: int) -> list[Rule]:
    return [rule(f"r{index}", condition(random)) for index in range(count)]


def expected(found: Iterable[Rule], known: Mapping[str, FactValue]) -> dict[str, object]:
    """What the reference says: state and missing attributes of every rule that is not silent."""
    answers: dict[str, object] = {}
    for each in found:
        value = truth(each.condition, known)
        if value:
            answers[each.id] = ("fires", ())
        elif value is None:
            answers[each.id] = ("undetermined", tuple(sorted(missing(each.condition, known))))
    return answers


def answered(findings: Iterable[Finding]) -> dict[str, object]:
    """The matcher's findings in the same form; a rule reported twice fails."""
    found = list(findings)
    answers: dict[str, object] = {f.rule.id: (f.state, f.missing) for f in found}
    assert len(answers) == len(found)
    return answers
