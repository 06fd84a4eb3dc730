"""Reads rule files: coverage rows and rules."""

import re
from collections.abc import Callable, Collection
from datetime import date
from typing import Any, get_args

from governance.markets.schemes import Scheme
from governance.rules import reading
from governance.rules.condition_reader import attribute_named, condition
from governance.rules.conditions import FactValue
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
from governance.rules.reading import Fields, Problems, Unreadable
from governance.rules.values import fact, from_node
from governance.rules.vocabulary import MEMBERSHIP_TYPES, Attribute, Vocabulary
from governance.rules.yaml_text import Entries, Items, Node, Scalar

_RULE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)+")
_URL = re.compile(r"https://[^\s/]+\.[^\s]+")
_REQUIRED = ("id", "title", "status", "from", "category", "effect", "source", "cases")
_OPTIONAL = (
    "to", "when", "evidence", "deadline", "sets", "adds_category", "also_in", "not_in", "note"
)  # fmt: skip


def read_rule(
    node: Node, jurisdiction: str | None, vocabulary: Vocabulary, problems: Problems
) -> Rule | None:
    """One rule; `jurisdiction` is the folder it stands in, None for classification and drops.

    None where some field is missing or not of its type: every one is noted in `problems`.

    Raises:
        Unreadable: it is no mapping.
    """
    fields = Fields(node, problems, required=_REQUIRED, optional=_OPTIONAL)
    category = declared(vocabulary.categories, "category")
    evidence = declared(vocabulary.evidence_types, "evidence type")

    def place(child: Node) -> str:
        return reading.place(child, also=vocabulary.blocs)

    start = fields.read("from", reading.day)
    rule = Rule(
        id=fields.read("id", _rule_id),
        title=fields.read("title", reading.text),
        status=fields.read("status", word(Status, "status")),
        start=start,
        end=fields.read("to", reading.day),
        categories=fields.read("category", lambda child: reading.one_or_more(child, category)),
        condition=fields.read("when", lambda child: condition(child, vocabulary), ALWAYS),
        effect=fields.read("effect", word(Effect, "effect")),
        source=fields.read("source", lambda child: read_source(child, problems)),
        jurisdiction=jurisdiction,
        place=fields.found.place,
        evidence=fields.read(
            "evidence", lambda child: reading.one_or_more(child, evidence), default=()
        ),
        deadline=fields.read("deadline", lambda child: _deadline(child, problems)),
        sets=fields.read("sets", lambda child: _sets(child, vocabulary), default={}),
        adds_category=fields.read("adds_category", category),
        also_in=fields.read("also_in", lambda child: reading.one_or_more(child, place), ()),
        not_in=fields.read("not_in", lambda child: reading.one_or_more(child, reading.place), ()),
        note=fields.read("note", reading.text),
        cases=fields.read("cases", lambda child: _cases(child, start, vocabulary, problems), ()),
    )
    if not fields.readable:
        return None
    _check_effect(rule, fields.found, problems)
    check_dates(rule, "rule", fields.found, problems)
    return rule


def read_coverage(
    node: Node, jurisdiction: str, vocabulary: Vocabulary, problems: Problems
) -> Coverage | None:
    """One coverage row; None where something in it is wrong, which is noted.

    Raises:
        Unreadable: it is no mapping.
    """
    fields = Fields(
        node,
        problems,
        required=["category", "researched_on", "from", "certainty"],
        optional=["note", "source"],
    )
    row = Coverage(
        jurisdiction=jurisdiction,
        category=fields.read("category", declared(vocabulary.categories, "category")),
        researched_on=fields.read("researched_on", reading.day),
        start=fields.read("from", reading.day),
        certainty=fields.read("certainty", word(Certainty, "certainty")),
        place=fields.found.place,
        note=fields.read("note", reading.text),
        source=fields.read("source", lambda child: read_source(child, problems)),
    )
    return row if fields.readable else None


def read_source(node: Node, problems: Problems) -> Source:
    """A citation. Raises Unreadable."""
    found = reading.entries(
        node, problems, required=["citation", "url", "rank", "read_on", "certainty"]
    )
    url = reading.text(found.values["url"], "an address")
    if not _URL.fullmatch(url):
        raise Unreadable(
            found.values["url"].place, f"`{url}` is no https address", "write https://…"
        )
    return Source(
        citation=reading.text(found.values["citation"]),
        url=url,
        rank=word(Rank, "rank")(found.values["rank"]),
        read_on=reading.day(found.values["read_on"]),
        certainty=word(Certainty, "certainty")(found.values["certainty"]),
    )


def _rule_id(node: Node) -> str:
    identifier = reading.text(node, "an id")
    if not _RULE_ID.fullmatch(identifier):
        raise Unreadable(
            node.place,
            f"`{identifier}` cannot be a rule's id",
            "lower-case words with dots and dashes, as in au.laser-pointers.over-1mw",
        )
    return identifier


def word(words: object, what: str) -> Callable[[Node], Any]:
    """Reads a word of a `Literal` type."""
    return lambda node: reading.one_of(node, get_args(words), what)


def declared(words: Collection[str], what: str) -> Callable[[Node], str]:
    """Reads a word that the vocabulary declares."""
    return lambda node: reading.one_of(node, words, what)


def _deadline(node: Node, problems: Problems) -> Deadline:
    found = reading.entries(node, problems, required=["days", "after"])
    days = reading.integer(found.values["days"])
    if days < 0:
        raise Unreadable(found.values["days"].place, "a deadline lies before its day", "0 or more")
    return Deadline(days, reading.text(found.values["after"]))


def _sets(node: Node, vocabulary: Vocabulary) -> dict[str, FactValue]:
    found = reading.mapping(node)
    sets: dict[str, FactValue] = {}
    for name, child in found.values.items():
        attribute = attribute_named(found.keys[name], vocabulary)
        if attribute.type in ("set", "country", "hs_code", "date"):
            raise Unreadable(
                child.place,
                f"a derive rule cannot set `{name}`, a {attribute.type}",
                "set a boolean, a number, a choice or a text",
            )
        sets[name] = from_node(child, attribute, vocabulary)
    return sets


def _cases(
    node: Node, start: date | None, vocabulary: Vocabulary, problems: Problems
) -> tuple[Case, ...]:
    found = reading.entries(node, problems, required=["fires", "silent"], optional=["undetermined"])
    cases: list[Case] = []
    for outcome in get_args(CaseOutcome):
        if outcome in found.values:
            for child in reading.listed(found.values[outcome], reading.mapping):
                with problems.collect():
                    cases.append(_case(child, outcome, start, vocabulary))
    return tuple(cases)


def _case(found: Entries, outcome: CaseOutcome, start: date | None, vocabulary: Vocabulary) -> Case:
    values = dict(found.values)
    as_of = reading.day(values.pop("as_of")) if "as_of" in values else None
    category = None
    if "category" in values:
        category = reading.one_of(values.pop("category"), vocabulary.categories, "category")
    facts: dict[str, FactValue] = {}
    for name, node in values.items():
        attribute = attribute_named(found.keys[name], vocabulary)
        facts[name] = _case_fact(node, attribute, vocabulary, as_of or start or date.min)
    written = {name: _written(node) for name, node in found.values.items()}
    return Case(outcome, facts, written, as_of, category, found.place)


def _case_fact(node: Node, attribute: Attribute, vocabulary: Vocabulary, day: date) -> FactValue:
    """A case's fact, as a request's would be on the day of the case."""
    if attribute.type == "set":
        if isinstance(node, Items) and not node.items:
            return frozenset()
        words = reading.listed(node, lambda item: from_node(item, attribute, vocabulary))
        return frozenset(str(word) for word in words)
    value = from_node(node, attribute, vocabulary)
    return fact(value, attribute, vocabulary, day) if attribute.type in MEMBERSHIP_TYPES else value


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
    if (rule.effect == "derive") != rule.place.file.startswith("classification/"):
        problems.add(
            effect_place,
            "derive rules stand in rulesets/classification/, all others under a jurisdiction",
            "move the rule",
        )


def check_dates(dated: Rule | Scheme, what: str, found: Entries, problems: Problems) -> None:
    """Notes dates in the wrong order, and a status that does not fit them; `what` names it."""
    check_order(dated.start, dated.end, found, problems)
    if dated.status == "repealed" and dated.end is None:
        problems.add(
            found.keys["status"].place, f"a repealed {what} needs its last day", "add `to`"
        )
    if dated.status in ("planned", "deferred") and dated.start <= dated.source.read_on:
        problems.add(
            found.keys["status"].place,
            f"`{dated.status}`, but it applied already when its source was read",
            "status: in_force, or a `from` after `read_on`",
        )
    if dated.status == "in_force" and dated.start > dated.source.read_on:
        problems.add(
            found.keys["status"].place,
            f"`in_force`, but it applies only from {dated.start}, after its source was read",
            "status: planned",
        )


def check_order(start: date, end: date | None, found: Entries, problems: Problems) -> None:
    """Notes a `to` that does not lie after `from`."""
    if end is not None and end <= start:
        problems.add(
            found.values["to"].place,
            f"`to` ({end}) must lie after `from` ({start})",
            "`from` is the first day, `to` the first day after",
        )
