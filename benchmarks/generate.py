"""Generates a library: seeded, legal YAML text in the service's own rule language."""

import random
import re
from collections.abc import Callable, Mapping

from vocabulary import PERMITS_A_MARKET, permit, vocabulary_files
from words import (
    ATTRIBUTES,
    CATEGORIES,
    MARKETS,
    READ_ON,
    SUBSTANCES,
    VARIETIES,
    Kind,
)

_EFFECTS = {"oblige": 40, "require": 36, "review": 12, "prohibit": 12}  # of a hundred
_ATTRIBUTES_A_CATEGORY = 10
_UNCOVERED = 0.02

# A literal: its YAML, a value under which it holds, a value under which it does not.
Literal = tuple[str, str, str]


class Generator:
    """One seeded world of rules; `files(2000)` is always the same text for the same seed."""

    def __init__(self, seed: int = 38) -> None:
        self._seed = seed
        chooser = random.Random(f"{seed} attributes")
        self.attributes_of: Mapping[str, list[Kind]] = {
            category: chooser.sample(ATTRIBUTES, _ATTRIBUTES_A_CATEGORY) for category in CATEGORIES
        }

    def files(self, rules: int, selective: int = 0) -> dict[str, str]:
        """Path below `rulesets/` -> YAML, with `rules` ordinary and `selective` specific rules.

        A selective rule names a variety (1 of 300), a substance (1 of 200) or a weight that is
        rarely reached, and then up to two ordinary conditions: it is about few products.
        """
        ordinary = self._rules(random.Random(f"{self._seed} rules"), rules, self._ordinary)
        specific = self._rules(random.Random(f"{self._seed} more"), selective, self._selective)
        chance = random.Random(f"{self._seed} coverage")
        files = vocabulary_files()
        for market in MARKETS:
            for category in CATEGORIES:
                cell = market, category
                texts = ordinary.get(cell, []) + specific.get(cell, [])
                covered = chance.random() >= _UNCOVERED
                if covered or texts:
                    files[f"sale/{market}/{category}.yaml"] = _file(category, covered, texts)
        return files

    def _rules(
        self,
        chooser: random.Random,
        count: int,
        when: Callable[[random.Random, str], list[Literal]],
    ) -> dict[tuple[str, str], list[str]]:
        """`count` rules spread over the cells, no two of which say the same."""
        cells: dict[tuple[str, str], list[str]] = {}
        said: set[tuple[str, ...]] = set()
        order: list[tuple[str, str]] = []
        number = 0
        while number < count:
            if not order:  # every cell gets as many as any other, in a random order
                order = [(market, category) for market in MARKETS for category in CATEGORIES]
                chooser.shuffle(order)
            market, category = order.pop()
            literals = when(chooser, category)
            effect = chooser.choices(list(_EFFECTS), list(_EFFECTS.values()))[0]
            paper = permit(market, chooser.randrange(PERMITS_A_MARKET))
            shape = chooser.random()
            words = sorted(word for text, _, _ in literals for word in re.findall(r"\w+", text))
            says = market, category, effect, paper if effect == "require" else "", *words
            if effect != "oblige" and says in said:  # the loader refuses such a pair
                continue
            said.add(says)
            rule = _rule(f"{when.__name__.strip('_')}-{number}", market, category, effect, paper,
                         _condition(literals, shape), chooser.random() < 0.03)  # fmt: skip
            cells.setdefault((market, category), []).append(rule)
            number += 1
        return cells

    def _ordinary(self, chooser: random.Random, category: str) -> list[Literal]:
        count = chooser.choices([0, 1, 2, 3], [20, 35, 30, 15])[0]
        return [
            kind.literal(chooser) for kind in chooser.sample(self.attributes_of[category], count)
        ]

    def _selective(self, chooser: random.Random, category: str) -> list[Literal]:
        """The first literal selects; it is the one that keeps the rule from most products."""
        which = chooser.random()
        variety, other = chooser.sample(VARIETIES, 2)
        substance = chooser.choice(SUBSTANCES)
        if which < 0.6:
            first = f"variety: {variety}", variety, other
        elif which < 0.85:
            first = f"substances: {{contains: {substance}}}", f"[{substance}]", "[none]"
        else:
            bound = chooser.choice([10_000, 15_000, 20_000, 25_000, 30_000])
            first = f"weight_grams: {{gt: {bound}}}", str(bound + 1), str(bound)
        count = chooser.choices([0, 1, 2], [30, 45, 25])[0]
        others = chooser.sample(self.attributes_of[category], count)
        return [first, *(kind.literal(chooser) for kind in others)]


def _condition(literals: list[Literal], shape: float) -> tuple[str, str, str] | None:
    """The `when` of the literals, a firing and a silent case; None: always.

    About one rule in twelve that has two literals or more ends in an `any`, one in twelve with any
    has a `not` around its last: the first literal, which may be selective, stays outside.
    """
    if not literals:
        return None
    *firm, last = literals
    parts = [text for text, _, _ in firm]
    holding, failing = {_name(text): yes for text, yes, _ in literals}, dict[str, str]()
    if shape < 0.08 and len(literals) > 2:
        parts = [parts[0], f"any: [{{{firm[1][0]}}}, {{{last[0]}}}]"]
        failing = holding | {_name(firm[0][0]): firm[0][2]}
    elif 0.08 <= shape < 0.16 and firm:
        parts.append(f"not: {{{last[0]}}}")
        holding[_name(last[0])] = last[2]
        failing = holding | {_name(last[0]): last[1]}
    else:
        parts.append(last[0])
        failing = holding | {_name(last[0]): last[2]}
    return "{" + ", ".join(parts) + "}", _case(holding), _case(failing)


def _rule(
    name: str, market: str, category: str, effect: str, paper: str,
    condition: tuple[str, str, str] | None, planned: bool,
) -> str:  # fmt: skip
    start, status = ("2027-06-01", "planned") if planned else ("2020-01-01", "in_force")
    before = "2027-05-31" if planned else "2019-12-31"
    when, fires, silent = condition or ("", "{}", f"{{as_of: {before}}}")
    return "\n".join(
        line
        for line in (
            f"  - id: {market.lower()}.{category.replace('_', '-')}.{name}",
            f"    title: Generated {effect} rule {name} for {category} in {market}",
            f"    status: {status}",
            f"    from: {start}",
            f"    category: {category}",
            f"    when: {when}" if when else "",
            f"    effect: {effect}",
            f"    evidence: [{paper}]" if effect == "require" else "",
            "    source:",
            f"      {{citation: Generated {name}, url: https://example.org/{name}, rank: vendor,",
            f"       read_on: {READ_ON}, certainty: high}}",
            "    cases:",
            f"      fires: [{fires}]",
            f"      silent: [{silent}]",
            "      undetermined: [{}]" if when else "",
        )
        if line
    )


def _file(category: str, covered: bool, rules: list[str]) -> str:
    row = f"{{category: {category}, researched_on: {READ_ON}, from: 2026-01-01, certainty: high}}"
    parts = [f"coverage:\n  - {row}"] if covered else []
    return "\n".join([*parts, *(["rules:", *rules] if rules else [])]) + "\n"


def _name(literal: str) -> str:
    return literal.partition(":")[0]


def _case(facts: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in facts.items()) + "}"
