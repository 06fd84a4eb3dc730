"""The matcher and the reference give the same answer for every rule under all facts."""

import os
import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import generated
import pytest
import real_library
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.rules.compiler import MOST_ALTERNATIVES, alternatives, is_exact
from governance.rules.conditions import All, AnyOf, Literal
from governance.rules.matcher import Matcher
from governance.rules.model import Rule
from governance.rules.shards import Shards

SOAK = os.environ.get("GOVERNANCE_SOAK") == "1"


def assert_agreement(rules: list[Rule], known: list[dict[str, object]]) -> int:
    """Compares every rule under every one of the facts; the number of pairs compared."""
    matcher = Matcher(rules)
    for each in known:
        answers = generated.answered(matcher.match(each))  # type: ignore[arg-type]
        assert answers == generated.expected(rules, each), each  # type: ignore[arg-type]
    return len(rules) * len(known)


@given(st.integers(0, 2**64).map(Random))
@settings(max_examples=40, deadline=None)
def test_one_condition_agrees(random: Random) -> None:
    assert_agreement(generated.rules(random, 1), [generated.facts(random) for _ in range(10)])


@pytest.mark.soak
def test_matcher_and_reference_agree_over_random_shards() -> None:
    """60,000 pairs; 1,200,000 under soak."""
    random = Random(20261122)
    wanted, pairs = (1_200_000 if SOAK else 60_000), 0
    while pairs < wanted:
        rules = generated.rules(random, random.choice((1, 5, 40, 150)))
        pairs += assert_agreement(rules, [generated.facts(random) for _ in range(60)])
    assert pairs >= wanted


def test_a_shard_of_5000_rules_agrees() -> None:
    random = Random(5000)
    facts = [{}, *(generated.facts(random) for _ in range(5))]
    assert assert_agreement(generated.rules(random, 5000), facts) == 30_000


def test_a_fact_under_which_everything_is_possible_passes_the_bounds_of_the_engine() -> None:
    """More than 64 branches and 255 properties at once: error 303 and 302 of the engine."""
    rules = [
        generated.rule(f"r{index}", Literal(f"flag_{index}", "in", (True,))) for index in range(400)
    ]
    names = [f"flag_{index}" for index in range(400)]
    every = dict.fromkeys(names, True)
    assert_agreement(rules, [{}, every, dict.fromkeys(names, False)])
    ordered = [
        generated.rule(f"r{index}", Literal(f"count_{index}", "gte", (1,))) for index in range(400)
    ]
    assert_agreement(ordered, [{}, {f"count_{index}": 1 for index in range(400)}])


def test_one_condition_wider_than_the_engine_takes_agrees() -> None:
    wide = AnyOf(tuple(Literal(f"flag_{index}", "in", (True,)) for index in range(300)))
    names = [f"flag_{index}" for index in range(300)]
    rules = [generated.rule("wide", wide), *generated.rules(Random(1), 20)]
    assert not is_exact(wide)
    facts = [{}, dict.fromkeys(names, False), dict.fromkeys(names, False) | {"flag_299": True}]
    assert_agreement(rules, facts)  # type: ignore[arg-type]


def test_conditions_with_more_alternatives_than_the_engine_takes_agree() -> None:
    random = Random(17)
    rules = []
    while len(rules) < 60:
        parts = tuple(AnyOf(tuple(generated.literal(random) for _ in range(3))) for _ in range(3))
        found = All(parts)
        assert alternatives(found) == 27 > MOST_ALTERNATIVES
        rules.append(generated.rule(f"r{len(rules)}", found))
    assert_agreement(rules, [generated.facts(random) for _ in range(100)])


@pytest.mark.parametrize("comparison", ["gt", "gte", "lt", "lte"])
def test_every_number_compares_exactly_with_every_other(comparison: str) -> None:
    """The engine cannot read 0.00001 (`1e-05` in JSON), which a portal may well send."""
    rules = [
        generated.rule(f"r{index}", Literal("number_0", comparison, (bound,)))  # type: ignore[arg-type]
        for index, bound in enumerate(generated.NUMBERS)
    ]
    assert_agreement(rules, [{"number_0": number} for number in generated.NUMBERS])


@pytest.mark.soak
def test_the_real_library_agrees_for_every_category_and_every_rule() -> None:
    """Every sale and derive rule of each category; 20 times as many facts under soak."""
    random, library = Random(38), real_library.library()
    facts = [{}, *(real_library.random_facts(random) for _ in range(500 if SOAK else 25))]
    pairs = 0
    for rules in (library.rules["sale"], library.classification):
        shards = Shards(rules, library.vocabulary)
        for category in library.vocabulary.categories:
            lineage = set(library.vocabulary.lineage(category))
            holding = [rule for rule in rules if not lineage.isdisjoint(rule.categories)]
            for known in facts:
                answers = generated.answered(shards.match([category], known))
                assert answers == generated.expected(holding, known), (category, known)
                pairs += len(holding)
    assert pairs > 20_000


def test_goods_of_several_categories_have_each_rule_once() -> None:
    random, library = Random(7), real_library.library()
    shards = Shards(library.rules["sale"], library.vocabulary)
    names = list(library.vocabulary.categories)
    for _ in range(50):
        categories = random.sample(names, 3)
        lineage = {above for name in categories for above in library.vocabulary.lineage(name)}
        holding = [r for r in library.rules["sale"] if not lineage.isdisjoint(r.categories)]
        known = real_library.random_facts(random)
        answers = generated.answered(shards.match(categories, known))
        assert answers == generated.expected(holding, known)


def test_eight_threads_lose_no_finding() -> None:
    """Threads that share a session of the engine lose matches in silence."""
    random, library = Random(8), real_library.library()
    asked = [
        (category, real_library.random_facts(random))
        for category in library.vocabulary.categories
        for _ in range(20)
    ]
    alone = Shards(library.rules["sale"], library.vocabulary)
    right = [alone.match([category], known) for category, known in asked]
    shared = Shards(library.rules["sale"], library.vocabulary)  # compiled while the eight ask

    def ask_all(seed: int) -> int:
        order = Random(seed).sample(range(len(asked)), len(asked))
        return sum(shared.match([asked[i][0]], asked[i][1]) != right[i] for i in order)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask_all, range(8))) == [0] * 8


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def test_the_same_rules_compiled_again_cost_no_memory() -> None:
    """The engine never frees a ruleset, and every draft and release builds its own matchers."""
    rules = generated.rules(Random(10), 100)
    Matcher(rules).match({})
    before = _resident_bytes()
    for _ in range(30):
        assert_agreement(list(rules), [{}])
    assert _resident_bytes() - before < 20_000_000


@pytest.mark.soak
def test_memory_stays_flat() -> None:
    """50,000 evaluations, 1,000,000 under soak: within 20 MB of the first 10,000."""
    random = Random(9)
    matcher = Matcher(generated.rules(random, 3))
    facts = [generated.facts(random) for _ in range(200)]

    def evaluate(times: int) -> None:
        for index in range(times):
            matcher.match(facts[index % len(facts)])

    evaluate(10_000)
    before = _resident_bytes()
    evaluate(990_000 if SOAK else 40_000)
    assert _resident_bytes() - before < 20_000_000
