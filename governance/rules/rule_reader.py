"""Reads rule files: coverage rows and rules."""

import re
from collections.abc import Callable
from typing import Any, TypeVar, get_args

from governance.rules import reading
from governance.rules.condition_reader import attribute_named, condition
from governance.rules.conditions import FactValue, Value
from governance.rules.model import (
    ALWAYS,
    Case,
    CaseOutcome,
    Certainty,
    Coverage,
    Deadline,
    Effect,
    Rank,
    Rule,
    Source,
    Status,
)
from governance.rules.problems import Place
from governance.rules.reading import Problems, Unreadable
from governance.rules.values import from_node
from governance.rules.vocabulary import Attribute, Vocabulary
from governance.rules.yaml_text import Entries, Items, Node, Scalar

_RULE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+")
_URL = re.compile(r"https?://[^\s/]+\.[^\s]+")
_REQUIRED = ("id", "title", "status", "from", "category", "effect", "source", "cases")
_OPTIONAL = (
    "to", "when", "evidence", "deadline", "sets", "adds_category", "also_in", "not_in", "note"
)  # fmt: skip

T = TypeVar("T")


def read_rule(
    node: Node, jurisdiction: str | None, vocabulary: Vocabulary, problems: Problems
) -> Rule:
    """One rule; `jurisdiction` is the folder it stands in, None for classification.

    Raises:
        Unreadable: the first thing that makes it unusable; lesser things go to `problems`.
    """
    found = reading.entries(node, problems, required=_REQUIRED, optional=_OPTIONAL)
    values = found.values

    def optional(name: str, read: Callable[[Node], T], default: T) -> T:
        return read(values[name]) if name in values else default

    def place(child: Node) -> str:
        return reading.country(child, also=vocabulary.blocs)

    identifier = reading.text(values["id"], "an id")
    if not _RULE_ID.fullmatch(identifier):
        raise Unreadable(
            values["id"].place,
            f"`{identifier}` cannot be a rule's id",
            "lower-case words with dots and dashes, as in au.laser-pointers.over-1mw",
        )
    effect: Effect = _word(values["effect"], Effect, "effect")
    rule = Rule(
        id=identifier,
        title=reading.text(values["title"]),
        status=_word(values["status"], Status, "status"),
        start=reading.day(values["from"]),
        end=optional("to", reading.day, None),
        categories=reading.one_or_more(
            values["category"],
            lambda child: reading.one_of(child, vocabulary.categories, "category"),
        ),
        condition=condition(values["when"], vocabulary) if "when" in values else ALWAYS,
        effect=effect,
        source=read_source(values["source"], problems),
        jurisdiction=jurisdiction,
        place=found.place,
        evidence=optional(
            "evidence",
            lambda child: reading.one_or_more(
                child, lambda item: reading.one_of(item, vocabulary.evidence_types, "evidence type")
            ),
            (),
        ),
        deadline=optional("deadline", lambda child: _deadline(child, problems), None),
        sets=optional("sets", lambda child: _sets(child, vocabulary), {}),
        adds_category=optional(
            "adds_category",
            lambda child: reading.one_of(child, vocabulary.categories, "category"),
            None,
        ),
        also_in=optional("also_in", lambda child: reading.one_or_more(child, place), ()),
        not_in=optional("not_in", lambda child: reading.one_or_more(child, place), ()),
        note=optional("note", reading.text, None),
        cases=_cases(values["cases"], vocabulary, problems),
    )
    _check_effect(rule, found, problems)
    _check_dates(rule, found, problems)
    return rule


def read_coverage(
    node: Node, jurisdiction: str, vocabulary: Vocabulary, problems: Problems
) -> Coverage:
    """One coverage row. Raises Unreadable."""
    found = reading.entries(
        node,
        problems,
        required=["category", "researched_on", "from", "certainty"],
        optional=["note", "source"],
    )
    values = found.values
    return Coverage(
        jurisdiction=jurisdiction,
        category=reading.one_of(values["category"], vocabulary.categories, "category"),
        researched_on=reading.day(values["researched_on"]),
        start=reading.day(values["from"]),
        certainty=_word(values["certainty"], Certainty, "certainty"),
        place=found.place,
        note=reading.text(values["note"]) if "note" in values else None,
        source=read_source(values["source"], problems) if "source" in values else None,
    )


def read_source(node: Node, problems: Problems) -> Source:
    """A citation. Raises Unreadable."""
    found = reading.entries(
        node, problems, required=["citation", "url", "rank", "read_on", "certainty"]
    )
    url = reading.text(found.values["url"], "an address")
    if not _URL.fullmatch(url):
        raise Unreadable(found.values["url"].place, f"`{url}` is no address", "write https://…")
    return Source(
        citation=reading.text(found.values["citation"]),
        url=url,
        rank=_word(found.values["rank"], Rank, "rank"),
        read_on=reading.day(found.values["read_on"]),
        certainty=_word(found.values["certainty"], Certainty, "certainty"),
    )


def _word(node: Node, words: object, what: str) -> Any:
    """A word of a `Literal` type."""
    return reading.one_of(node, get_args(words), what)


def _deadline(node: Node, problems: Problems) -> Deadline:
    found = reading.entries(node, problems, required=["days", "after"])
    return Deadline(reading.integer(found.values["days"]), reading.text(found.values["after"]))


def _sets(node: Node, vocabulary: Vocabulary) -> dict[str, FactValue]:
    found = reading.mapping(node)
    sets: dict[str, FactValue] = {}
    for name, child in found.values.items():
        attribute = attribute_named(found.keys[name], vocabulary)
        if attribute.type in ("set", "country", "hs_code", "date"):
            raise Unreadable(
                child.place, f"a derive rule cannot set `{name}`, a {attribute.type}", None
            )
        sets[name] = from_node(child, attribute, vocabulary)
    return sets


def _cases(node: Node, vocabulary: Vocabulary, problems: Problems) -> tuple[Case, ...]:
    found = reading.entries(node, problems, required=["fires", "silent"], optional=["undetermined"])
    cases: list[Case] = []
    for outcome in get_args(CaseOutcome):
        if outcome in found.values:
            children = reading.listed(found.values[outcome], reading.mapping)
            cases.extend(_case(child, outcome, vocabulary) for child in children)
    return tuple(cases)


def _case(found: Entries, outcome: CaseOutcome, vocabulary: Vocabulary) -> Case:
    values = dict(found.values)
    as_of = reading.day(values.pop("as_of")) if "as_of" in values else None
    category = None
    if "category" in values:
        category = reading.one_of(values.pop("category"), vocabulary.categories, "category")
    facts: dict[str, FactValue] = {}
    for name, node in values.items():
        attribute = attribute_named(found.keys[name], vocabulary)
        facts[name] = _case_fact(node, attribute, vocabulary)
    written = {name: _written(node) for name, node in found.values.items()}
    return Case(outcome, facts, written, as_of, category, found.place)


def _case_fact(node: Node, attribute: Attribute, vocabulary: Vocabulary) -> FactValue:
    """A case's fact; a country is taken with the blocs of today's members."""
    if attribute.type == "set":
        if isinstance(node, Items) and not node.items:
            return frozenset()
        return frozenset(
            str(value)
            for value in reading.listed(node, lambda item: from_node(item, attribute, vocabulary))
        )
    value: Value = from_node(node, attribute, vocabulary)
    if attribute.type == "country":
        code = str(value)
        return frozenset(
            {code, *(b for b, bloc in vocabulary.blocs.items() if code in bloc.members)}
        )
    if attribute.type == "hs_code":
        return frozenset(str(value)[:length] for length in range(2, len(str(value)) + 1))
    return value


def _written(node: Node) -> str:
    if isinstance(node, Scalar):
        return node.text
    return ", ".join(_written(item) for item in node.items) if isinstance(node, Items) else "…"


def _check_effect(rule: Rule, found: Entries, problems: Problems) -> None:
    """Each effect has its own companions: evidence, deadline, sets or adds_category."""
    keys = found.keys

    def fits(key: str, present: bool, effect: str) -> None:
        if present and rule.effect != effect:
            problems.add(
                keys[key].place, f"`{key}` is only for `effect: {effect}`", f"drop `{key}`"
            )

    fits("evidence", bool(rule.evidence), "require")
    fits("deadline", rule.deadline is not None, "oblige")
    fits("sets", bool(rule.sets), "derive")
    fits("adds_category", rule.adds_category is not None, "derive")
    effect_place: Place = keys["effect"].place
    if rule.effect == "require" and not rule.evidence:
        problems.add(effect_place, "a `require` rule names no `evidence`", "add `evidence: […]`")
    if rule.effect == "derive" and not (rule.sets or rule.adds_category):
        problems.add(effect_place, "a `derive` rule derives nothing", "add sets or adds_category")
    if (rule.effect == "derive") != (rule.jurisdiction is None):
        problems.add(
            effect_place,
            "derive rules stand in rulesets/classification/, all others under a jurisdiction",
            "move the rule",
        )


def _check_dates(rule: Rule, found: Entries, problems: Problems) -> None:
    if rule.end is not None and rule.end <= rule.start:
        problems.add(
            found.values["to"].place,
            f"`to` ({rule.end}) must lie after `from` ({rule.start})",
            "`from` is the first day, `to` the first day after",
        )
    if rule.status == "repealed" and rule.end is None:
        problems.add(found.keys["status"].place, "a repealed rule needs its last day", "add `to`")
    if rule.status in ("planned", "deferred") and rule.start <= rule.source.read_on:
        problems.add(
            found.keys["status"].place,
            f"`{rule.status}`, but it applied already when its source was read",
            "status: in_force, or a `from` after `read_on`",
        )
    if rule.status == "in_force" and rule.start > rule.source.read_on:
        problems.add(
            found.keys["status"].place,
            f"`in_force`, but it applies only from {rule.start}, after its source was read",
            "status: planned",
        )
