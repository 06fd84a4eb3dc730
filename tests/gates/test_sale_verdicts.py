"""The verdicts of the sale gate, their order of severity, and that every reason is kept."""

from itertools import combinations, product

import pytest
from tiny_library import ask, judge, paper

PAPERS = [paper("eu.declaration"), paper("de.register")]

# What makes a verdict in DE when nothing graver is there, gravest first.
CAUSES = {
    "prohibited": {"colour": "red"},
    "unknown": {"cells": 2},  # a battery product, and nobody looked into batteries in DE
    "needs_review": {"materials": ["steel"]},
    "needs_facts": {"radio": None},
    "needs_evidence": {"radio": True},
}
ORDER = [*CAUSES, "allowed"]


def verdict(result) -> str:
    return result["verdict"]


def mode_of(result):
    return result["import_modes"][0]


def test_a_harmless_gadget_is_allowed(sale) -> None:
    assert verdict(sale("DE")) == "allowed"


@pytest.mark.parametrize("expected", CAUSES)
def test_each_verdict_has_a_cause_of_its_own(sale, expected: str) -> None:
    assert verdict(sale("DE", attributes=CAUSES[expected])) == expected


@pytest.mark.parametrize(
    "causes",
    [
        pair
        for size in (2, 3, 4)
        for pair in combinations(CAUSES, size)
        if not {"needs_facts", "needs_evidence"} <= set(pair)  # both are about the radio
    ],
)
def test_the_gravest_cause_gives_the_verdict_and_the_milder_ones_are_kept(sale, causes) -> None:
    attributes = {name: value for cause in causes for name, value in CAUSES[cause].items()}
    result = sale("DE", attributes=attributes)
    mode = mode_of(result)
    assert verdict(result) == min(causes, key=ORDER.index)
    assert (["de.gadgets.red", "fires"] in mode["findings"]) == ("prohibited" in causes)
    assert mode["uncovered"] == (["batteries"] if "unknown" in causes else [])
    assert (["de.gadgets.steel", "fires"] in mode["findings"]) == ("needs_review" in causes)
    assert mode["missing_facts"] == (["radio"] if "needs_facts" in causes else [])
    papers = {"de.register", "eu.declaration"} if "needs_evidence" in causes else set()
    assert set(mode["missing_evidence"]) == papers


def test_a_market_is_never_allowed_while_a_rule_lacks_its_attribute(sale, gates) -> None:
    facts = ("radio", "cells", "colour", "materials")
    evidence = PAPERS
    for declared in product([True, False], repeat=len(facts)):
        missing = [name for name, there in zip(facts, declared, strict=True) if not there]
        attributes: dict[str, object] = dict.fromkeys(missing)
        result = sale("DE", attributes=attributes, evidence=evidence)
        assert verdict(result) == ("needs_facts" if missing else "allowed")
        assert mode_of(result)["missing_facts"] == sorted(missing)


def test_a_fact_that_is_null_is_not_declared(gates) -> None:
    request = ask("DE")
    request["product"]["attributes"]["radio"] = None
    assert judge(gates, request)["DE"]["verdict"] == "needs_facts"


def test_a_false_fact_is_declared(sale) -> None:
    assert mode_of(sale("DE", attributes={"radio": False}))["missing_facts"] == []


def test_an_empty_set_is_declared(sale) -> None:
    assert mode_of(sale("DE", attributes={"materials": []}))["missing_facts"] == []
    assert mode_of(sale("DE", attributes={"materials": None}))["missing_facts"] == ["materials"]


def test_an_obligation_does_not_bar_the_sale(sale) -> None:
    result = sale("DE")
    assert verdict(result) == "allowed"
    assert ["de.gadgets.label", "fires"] in mode_of(result)["findings"]


def test_a_planned_rule_binds_from_its_day_to_the_day_before_its_end(sale) -> None:
    expected = {
        "2026-12-31": "allowed",
        "2027-01-01": "prohibited",
        "2027-12-31": "prohibited",
        "2028-01-01": "allowed",
    }
    given = {day: verdict(sale("FR", as_of=day, attributes={"colour": "blue"})) for day in expected}
    assert given == expected


def test_a_suspended_rule_never_binds(sale) -> None:
    for day in ("2015-01-01", "2026-11-22", "2027-06-01"):
        result = sale("FR", as_of=day, attributes={"colour": "green"})
        assert verdict(result) == "allowed"
        assert "eu.gadgets.suspended" not in str(result)


def test_the_same_request_gives_the_same_result(gates) -> None:
    request = ask("DE", "US", "CN", "GB", attributes={"radio": True, "materials": ["leather"]})
    assert judge(gates, request) == judge(gates, request)
