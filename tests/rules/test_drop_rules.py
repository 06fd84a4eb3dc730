"""Rules about drops: where they stand, what they may speak of, and that what is shipped fits."""

import pytest
import real_library
from small_library import CATEGORIES, EVIDENCE, SALE, assert_refused, files, problems, rule, rules

from governance.rules.conditions import literals
from governance.rules.library import load_library
from governance.rules.model import Library

DROPS = "  creator_drops: {title: All drops}\n"
FACTS = """\
attributes:
  exposure_usd: {of: drop, type: integer, minimum: 0, unit: USD, title: Cost of all stock}
"""
FILE = "drop/exposure.yaml"
GOOD = {
    "id": "drop.exposure.high",
    "category": "creator_drops",
    "effect": "review",
    "evidence": None,
    "when": "{exposure_usd: {gt: 10}}",
    "cases": "{fires: [{exposure_usd: 11}], silent: [{exposure_usd: 10}], undetermined: [{}]}",
}


def library(path: str, *texts: str) -> dict[str, str]:
    found = files(categories=CATEGORIES + DROPS, evidence=EVIDENCE)
    return found | {"vocabulary/attributes/drop.yaml": FACTS, path: rules(*texts)}


def found(path: str, *texts: str) -> list[str]:
    return [problem.message for problem in problems(library(path, *texts))]


def test_a_rule_about_drops_stands_directly_below_drop_and_has_no_jurisdiction() -> None:
    loaded = load_library(library(FILE, rule(**GOOD)))
    (one,) = loaded.rules["drop"]
    assert one.jurisdiction is None
    assert loaded.rules_by_id["drop.exposure.high"] is one
    assert found(FILE, rule(**GOOD | {"effect": "prohibit"})) == []


@pytest.mark.parametrize("path", ["drop/DE/exposure.yaml", "drop/EU/x.yaml", "drop//x.yaml"])
def test_a_folder_below_drop_is_refused(path: str) -> None:
    (problem,) = problems(library(path, rule(**GOOD)))
    assert problem.message == f"`{path}` is no place for rules about drops: they hold everywhere"
    assert problem.hint == "drop/<topic>.yaml"


@pytest.mark.parametrize(
    "place", [{"also_in": "[FR]"}, {"not_in": "[FR]"}, {"also_in": "[FR]", "not_in": "[DE]"}]
)
def test_a_rule_about_drops_names_no_places(place: dict[str, str]) -> None:
    message = "`drop.exposure.high` names places, but a rule about drops holds everywhere"
    broken = library(FILE, rule(**GOOD | place))
    assert_refused(broken, "id", message, "drop `also_in` and `not_in`")


@pytest.mark.parametrize(
    ("effect", "more"), [("require", {"evidence": "[de.permit]"}), ("oblige", {})]
)
def test_an_effect_that_nothing_comes_of_is_refused(effect: str, more: dict[str, str]) -> None:
    broken = library(FILE, rule(**GOOD | {"effect": effect} | more))
    message = f"`drop.exposure.high` is for drop, where nothing comes of `effect: {effect}`"
    assert_refused(broken, "id", message, "effect: review, or prohibit")


def test_nothing_is_derived_for_drops() -> None:
    derived = GOOD | {"effect": "derive", "sets": "{exposure_usd: 1}"}
    assert found(FILE, rule(**derived)) == [
        "derive rules stand in rulesets/classification/, all others under a jurisdiction"
    ]


def test_rules_about_drops_and_rules_about_goods_do_not_mix() -> None:
    assert found(FILE, rule(**GOOD | {"category": "gadgets"})) == [
        "`drop.exposure.high` is for drop, but `gadgets` is not a drop"
    ]
    radio = {
        "when": "{contains_radio: true}",
        "cases": "{fires: [{contains_radio: true}], silent: [{contains_radio: false}], "
        "undetermined: [{}]}",
    }
    assert found(FILE, rule(**GOOD | radio)) == [
        "`drop.exposure.high` is for drop, which never knows `contains_radio`"
    ]
    assert found(SALE, rule(**GOOD)) == [
        "`drop.exposure.high` is for sale, but `creator_drops` is not goods",
        "`drop.exposure.high` is for sale, which never knows `exposure_usd`",
    ]
    assert found("provider/DE/x.yaml", rule(**GOOD)) == [
        "`drop.exposure.high` is for provider, but `creator_drops` is not a service",
        "`drop.exposure.high` is for provider, which never knows `exposure_usd`",
    ]


def test_no_coverage_is_of_drops() -> None:
    row = "{category: creator_drops, researched_on: 2026-11-22, from: 2026-01-01, certainty: high}"
    broken = library(FILE, rule(**GOOD)) | {SALE: f"coverage:\n  - {row}\n" + rules(rule())}
    assert [problem.message for problem in problems(broken)] == [
        "coverage is of goods, but `creator_drops` is a drop"
    ]


@pytest.fixture(scope="module")
def shipped() -> Library:
    return real_library.library()


def test_a_drop_is_no_goods(shipped: Library) -> None:
    vocabulary = shipped.vocabulary
    assert "creator_drops" not in {*vocabulary.goods, *vocabulary.services}
    assert vocabulary.kind("creator_drops") == "a drop"
    assert vocabulary.kind("last_mile") == "a service"
    assert vocabulary.kind("laser_pointers") == "goods"


def test_every_fact_about_a_drop_is_looked_at_by_some_rule(shipped: Library) -> None:
    known = {one.name for one in shipped.vocabulary.attributes.values() if one.of == "drop"}
    assert known == set().union(*(one.attributes for one in shipped.rules["drop"]))


def test_the_platforms_own_choices_say_that_they_are(shipped: Library) -> None:
    for one in shipped.rules["drop"]:
        assert (one.source.rank, one.source.certainty) == ("vendor", "low")
        assert "the platform's own choice" in (one.note or "")


def test_a_limit_lies_above_what_a_reviewer_may_let_through(shipped: Library) -> None:
    """Else there would be nothing to review."""
    by_name = {one.id: one for one in shipped.rules["drop"]}
    limits = [name for name in by_name if name.endswith("-limit")]
    assert len(limits) == 5
    for name in limits:
        review = by_name[f"{name.removesuffix('-limit')}-review"]
        assert (by_name[name].effect, review.effect) == ("prohibit", "review")
        (most,) = (x.values[0] for x in literals(by_name[name].condition) if x.comparison == "gt")
        (least,) = (x.values[0] for x in literals(review.condition) if x.comparison == "gt")
        assert float(most) > float(least)


def test_a_better_known_creator_may_risk_more(shipped: Library) -> None:
    def limit(tier: str) -> float:
        rule = shipped.rules_by_id[f"drop.exposure.{tier}-limit"]
        return max(float(x.values[0]) for x in literals(rule.condition) if x.comparison == "gt")

    assert limit("new") < limit("established") < limit("star")
