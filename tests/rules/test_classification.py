"""Derive rules run to a fixed point before any market is asked."""

from datetime import date
from itertools import permutations
from random import Random

import real_library
from small_library import ATTRIBUTES, derive, library, rules

from governance.rules.classification import Classified, Classifier
from governance.rules.conditions import FactValue
from governance.rules.reference import truth

DAY = date(2026, 11, 22)
RADIO_IS_RED = derive(sets="{colour: red}")


def on_red(identifier: str, **fields: str | None) -> str:
    return derive(
        id=identifier,
        when="{colour: red}",
        cases="{fires: [{colour: red}], silent: [{colour: blue}], undetermined: [{}]}",
        **fields,
    )


def always(identifier: str, **fields: str | None) -> str:
    return derive(
        id=identifier,
        when=None,
        cases="{fires: [{}], silent: [{as_of: 2019-12-31}]}",
        **fields,
    )


def classify(
    *texts: str, category: str = "gadgets", day: date = DAY, **facts: FactValue
) -> Classified:
    return Classifier(library(classification=rules(*texts))).classify(category, facts, day)


def ids(found: Classified) -> tuple[list[str], list[str]]:
    """The rules that are undetermined and those that are contradicted."""
    return (
        [finding.rule.id for finding in found.undetermined],
        [rule.id for rule in found.contradicted],
    )


def test_without_derive_rules_everything_stays_as_it_was_declared() -> None:
    found = Classifier(library()).classify("gadgets", {"cells": 2}, DAY)
    assert found == Classified(("gadgets",), {"cells": 2}, (), ())


def test_what_follows_from_what_follows_is_derived_whatever_the_order_of_the_rules() -> None:
    chain = (
        RADIO_IS_RED,
        on_red("classify.b", sets="{cells: 3}"),
        derive(
            id="classify.c",
            when="{cells: {gte: 3}}",
            adds_category="batteries",
            cases="{fires: [{cells: 3}], silent: [{cells: 2}], undetermined: [{}]}",
        ),
    )
    for order in permutations(chain):
        found = classify(*order, contains_radio=True)
        assert found.categories == ("gadgets", "batteries")
        assert found.facts == {"contains_radio": True, "colour": "red", "cells": 3}
        assert ids(found) == ([], [])


def test_a_chain_longer_than_any_fixed_number_of_rounds_is_followed_to_its_end() -> None:
    length = 80
    attributes = ATTRIBUTES + "".join(
        f"  step_{index}: {{of: product, type: boolean, title: Step}}\n" for index in range(length)
    )
    chain = [
        derive(
            id=f"classify.step-{index}",
            when=f"{{step_{index}: true}}",
            sets=f"{{step_{index + 1}: true}}",
            cases=f"{{fires: [{{step_{index}: true}}], silent: [{{step_{index}: false}}], "
            "undetermined: [{}]}",
        )
        for index in reversed(range(length - 1))
    ]
    found = Classifier(library(attributes=attributes, classification=rules(*chain))).classify(
        "gadgets", {"step_0": True}, DAY
    )
    assert found.facts[f"step_{length - 1}"] is True


def test_a_derived_category_brings_its_rules_and_those_above_it() -> None:
    found = classify(
        always("classify.a", category="batteries", adds_category="drones"),
        always("classify.b", category="drones", sets="{cells: 1}"),
        always("classify.c", category="gadgets", sets="{colour: blue}"),
        category="batteries",
    )
    assert found.categories == ("batteries", "drones")
    assert found.facts == {"cells": 1, "colour": "blue"}


def test_a_category_that_the_goods_have_already_is_not_added_again() -> None:
    found = classify(always("classify.a", adds_category="goods"), category="drones")
    assert found.categories == ("drones",)


def test_a_lacking_fact_is_named_while_it_could_change_something() -> None:
    found = classify(RADIO_IS_RED)
    assert ids(found) == (["classify.x"], [])
    assert found.undetermined[0].missing == ("contains_radio",)
    assert "colour" not in found.facts


def test_a_lacking_fact_that_could_change_nothing_is_not_asked_for() -> None:
    assert ids(classify(RADIO_IS_RED, colour="red")) == ([], [])
    assert ids(classify(RADIO_IS_RED, contains_radio=False)) == ([], [])
    adds_what_is = derive(adds_category="gadgets", category="goods")
    assert ids(classify(adds_what_is, category="drones")) == ([], [])


def test_a_fact_that_another_rule_derives_is_not_asked_for() -> None:
    found = classify(RADIO_IS_RED, always("classify.b", sets="{contains_radio: true}"))
    assert ids(found) == ([], [])
    assert found.facts == {"contains_radio": True, "colour": "red"}


def test_a_declared_fact_is_kept_and_the_rule_that_contradicts_it_is_reported() -> None:
    found = classify(RADIO_IS_RED, contains_radio=True, colour="blue")
    assert found.facts["colour"] == "blue"
    assert ids(found) == ([], ["classify.x"])


def test_two_rules_that_contradict_one_another_are_reported() -> None:
    found = classify(RADIO_IS_RED, always("classify.b", sets="{colour: blue}"), contains_radio=True)
    assert len(ids(found)[1]) == 1
    assert found.facts["colour"] in ("red", "blue")


def test_a_rule_derives_on_its_first_day_and_no_more_on_its_last() -> None:
    text = derive(sets="{colour: red}", status="repealed", start="2020-01-01", to="2021-01-01")
    for day, derived in (
        (date(2019, 12, 31), False),
        (date(2020, 1, 1), True),
        (date(2020, 12, 31), True),
        (date(2021, 1, 1), False),
    ):
        assert ("colour" in classify(text, day=day, contains_radio=True).facts) is derived
        assert bool(classify(text, day=day).undetermined) is derived


def test_the_declared_facts_are_not_written_to() -> None:
    declared: dict[str, FactValue] = {"contains_radio": True}
    Classifier(library(classification=rules(RADIO_IS_RED))).classify("gadgets", declared, DAY)
    assert declared == {"contains_radio": True}


def test_the_classifier_says_which_attributes_it_looks_at() -> None:
    classifier = Classifier(library(classification=rules(RADIO_IS_RED)))
    assert classifier.looks_at(("drones", "batteries")) == {"contains_radio"}
    assert classifier.looks_at(("batteries",)) == frozenset()


def test_real_goods_reach_a_fixed_point_that_classifying_again_does_not_move() -> None:
    random, real = Random(3), real_library.library()
    classifier = Classifier(real)
    for category in real.vocabulary.categories:
        for _ in range(20):
            found = classifier.classify(category, real_library.random_facts(random), DAY)
            assert found.categories[0] == category
            assert classifier.classify(category, found.facts, DAY) == found
            lineage = {up for name in found.categories for up in real.vocabulary.lineage(name)}
            for rule in real.classification:
                holds = rule.in_force_on(DAY) and lineage.intersection(rule.categories)
                if holds and truth(rule.condition, found.facts):
                    assert rule.adds_category is None or rule.adds_category in lineage
                    assert rule.sets.keys() <= found.facts.keys()
