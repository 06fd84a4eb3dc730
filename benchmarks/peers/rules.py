"""A library as the peers take it: each rule a disjunction of conjunctions of plain comparisons.

Kleene's logic distributes and obeys De Morgan, so a condition and its disjunctive form have the
same of the three values: a conjunction is broken by one literal that fails, open while one is
missing, and holds otherwise; a rule fires if one conjunction holds, and is undetermined if none
holds but one is open.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

from words import OWN_FIELDS

from governance.rules.conditions import All, AnyOf, Condition, Literal, Not
from governance.rules.model import Library, Rule
from governance.rules.vocabulary import Vocabulary

_OPPOSITE = {
    "gt": "lte", "gte": "lt", "lt": "gte", "lte": "gt",
    "in": "not_in", "contains": "lacks",
}  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """`operator`: gt, gte, lt, lte (one value), in, not_in (scalars), contains, lacks (sets)."""

    attribute: str
    operator: str
    values: tuple[Any, ...]


Conjunction = tuple[Comparison, ...]


@dataclass(frozen=True)
class PeerRule:
    """A rule in force; `conjunctions` empty: it always fires."""

    id: str
    market: str
    category: str
    effect: str
    evidence: tuple[str, ...]
    conjunctions: tuple[Conjunction, ...]


@dataclass(frozen=True)
class PeerRequest:
    """A request flattened to what a peer asks for; facts that are not declared are left out."""

    as_of: str
    category: str
    facts: Mapping[str, Any]
    evidence: tuple[Mapping[str, Any], ...]
    markets: tuple[str, ...]


# Market -> its verdict and the rules that are not silent, with their state.
Answer = Mapping[str, tuple[str, frozenset[tuple[str, str]]]]


def peer_rules(library: Library, day: date) -> list[PeerRule]:
    """The rules in force on `day`, so that peers need no dates (which spares them work).

    Takes what the generator makes: rules of one country and one category, no regions, no hs_code.
    """
    return [_peer_rule(rule, library.vocabulary, day) for rule in library.rules["sale"]
            if rule.in_force_on(day)]  # fmt: skip


def peer_request(request: Mapping[str, Any]) -> PeerRequest:
    """The same facts; made outside the time that is measured."""
    facts = {
        name: value
        for part in (request["seller"], request["product"], request["offer"])
        for name, value in (part | part["attributes"]).items()
        if name in OWN_FIELDS or name in part["attributes"]
    }
    return PeerRequest(
        request["as_of"],
        request["product"]["category"],
        facts,
        tuple(request["evidence"]),
        tuple(request["markets"]),
    )


def covered_cells(library: Library) -> frozenset[tuple[str, str]]:
    """The (market, category) pairs that somebody researched."""
    return frozenset((row.jurisdiction, row.category) for row in library.coverage)


def _peer_rule(rule: Rule, vocabulary: Vocabulary, day: date) -> PeerRule:
    (category,) = rule.categories
    assert rule.jurisdiction
    conjunctions = () if rule.unconditional else tuple(
        tuple(_comparison(literal, negated, vocabulary, day) for literal, negated in conjunction)
        for conjunction in _disjunctive(rule.condition, negated=False)
    )  # fmt: skip
    return PeerRule(rule.id, rule.jurisdiction, category, rule.effect, rule.evidence, conjunctions)


def _disjunctive(
    condition: Condition, *, negated: bool
) -> Iterator[tuple[tuple[Literal, bool], ...]]:
    if isinstance(condition, Literal):
        yield ((condition, negated),)
    elif isinstance(condition, Not):
        yield from _disjunctive(condition.part, negated=not negated)
    elif isinstance(condition, AnyOf) is not negated:
        for part in condition.parts:
            yield from _disjunctive(part, negated=negated)
    else:
        assert isinstance(condition, All | AnyOf)
        parts = (tuple(_disjunctive(part, negated=negated)) for part in condition.parts)
        for chosen in product(*parts):
            yield tuple(literal for conjunction in chosen for literal in conjunction)


def _comparison(literal: Literal, negated: bool, vocabulary: Vocabulary, day: date) -> Comparison:
    kind = vocabulary.attributes[literal.attribute].type
    assert kind not in ("hs_code", "date")
    operator = "contains" if kind == "set" else str(literal.comparison)
    values = literal.values
    if kind == "country":  # a bloc stands for those who are members on the day
        values = tuple(sorted({m for v in values for m in _members(str(v), vocabulary, day)}))
    return Comparison(literal.attribute, _OPPOSITE[operator] if negated else operator, values)


def _members(place: str, vocabulary: Vocabulary, day: date) -> list[str]:
    bloc = vocabulary.blocs.get(place)
    return [m for m in bloc.members if bloc.has(m, day)] if bloc else [place]
