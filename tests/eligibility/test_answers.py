"""The answer to a request: every reason in words, what is missing, and where to declare it."""

import pytest
from serving import Service
from tiny_library import ask, paper

from governance.eligibility.schemas import EligibilityAnswer

# How old research may be stands in the policy alone, which says only what follows.


def answered(service: Service, request):
    answer = service.ask(request)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    EligibilityAnswer.model_validate_json(answer.content)
    return answer.json()


def only_mode(service: Service, market: str, **changes):
    (found,) = answered(service, ask(market, **changes))["markets"]
    (mode,) = found["import_modes"]
    assert mode["verdict"] == found["verdict"]
    return mode


def messages(mode) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for reason in mode["reasons"]:
        found.setdefault(reason["code"], []).append(reason["message"])
    return found


REASONS = {
    "prohibited": ("DE", {"attributes": {"colour": "red"}}, "Red gadgets are forbidden."),
    "unknown": ("BR", {}, "Nobody has researched the law for gadgets in Brazil."),
    "needs_facts": ("DE", {"attributes": {"radio": None}}, "Sends or receives radio"),
    "needs_evidence": ("FR", {"attributes": {"radio": True}}, "Declaration"),
}
REVIEWS = {
    "a rule": ("DE", {"attributes": {"materials": ["steel"]}}, "Steel is looked at"),
    "low certainty": ("JP", {}, "not certain enough"),
    "old research": ("AU", {"as_of": "2026-11-23"}, "731 days"),
    "an HS code": ("FR", {"hs": "330410"}, "HS code"),
    "a contradiction": (
        "FR",
        {"category": "lasers", "attributes": {"power_mw": 9, "power_class": "weak"}},
        "A beam above 5 mW is strong",
    ),
    "an unexamined fact": ("FR", {"attributes": {"edible": True}}, "Can be eaten"),
    "a way in": (
        "FR",
        {"offer": {"import_mode": "personal_parcel", "importer": "seller"}},
        "Who imports",
    ),
}


@pytest.mark.parametrize("code", REASONS)
def test_each_verdict_says_why(service: Service, code: str) -> None:
    market, changes, words = REASONS[code]
    mode = only_mode(service, market, **changes)
    assert mode["verdict"] == code
    assert words in messages(mode)[code][0]


@pytest.mark.parametrize("cause", REVIEWS)
def test_each_doubt_says_what_a_person_must_look_at(service: Service, cause: str) -> None:
    market, changes, words = REVIEWS[cause]
    mode = only_mode(service, market, **changes)
    assert mode["verdict"] == "needs_review"
    assert len(mode["reasons"]) == 1
    assert words in messages(mode)["needs_review"][0]


def test_old_research_is_told_beside_another_doubt(service: Service) -> None:
    mode = only_mode(service, "AU", as_of="2026-11-23", attributes={"edible": True})
    assert len(messages(mode)["needs_review"]) == 2


def test_old_research_is_told_beside_a_graver_verdict(service: Service) -> None:
    mode = only_mode(service, "DE", as_of="2028-07-01", attributes={"colour": "red"})
    assert mode["verdict"] == "prohibited"
    assert len(messages(mode)["needs_review"]) == 1


def test_an_allowed_market_has_no_reason_against_it(service: Service) -> None:
    mode = only_mode(service, "DE")
    assert (mode["verdict"], mode["reasons"]) == ("allowed", [])
    assert mode["obligations"] == [
        {
            "rule": "de.gadgets.label",
            "title": "The gadget carries a label",
            "deadline": {"days": 10, "after": "first sale"},
        }
    ]


def test_all_reasons_are_given_the_gravest_first(service: Service) -> None:
    attributes = {"colour": "red", "cells": 1, "materials": ["steel"], "radio": True}
    mode = only_mode(service, "DE", attributes=attributes)
    codes = [reason["code"] for reason in mode["reasons"]]
    assert codes == ["prohibited", "unknown", "needs_review", "needs_evidence", "needs_evidence"]


def test_a_missing_fact_names_its_field_and_who_asks(service: Service) -> None:
    mode = only_mode(service, "DE", attributes={"radio": None})
    (fact,) = mode["missing_facts"]
    assert fact["attribute"] == "radio"
    assert fact["pointer"] == "/product/attributes/radio"
    assert set(fact["asked_by"]) == {"eu.gadgets.radio", "de.gadgets.register"}


def test_what_an_answer_asks_for_leads_to_allowed(service: Service) -> None:
    """The portal's loop: declare what is named, hold what is named, and ask again."""
    request = ask("DE", attributes={"radio": None})
    (fact,) = answered(service, request)["markets"][0]["import_modes"][0]["missing_facts"]
    target = request
    *path, last = fact["pointer"].strip("/").split("/")
    for part in path:
        target = target[part]
    target[last] = True
    mode = answered(service, request)["markets"][0]["import_modes"][0]
    assert mode["verdict"] == "needs_evidence"
    request["evidence"] = [paper(missing["type"]) for missing in mode["missing_evidence"]]
    assert answered(service, request)["markets"][0]["verdict"] == "allowed"


def test_missing_evidence_names_who_asks_and_held_evidence_is_not_asked(service: Service) -> None:
    radio = {"attributes": {"radio": True}}
    mode = only_mode(service, "DE", **radio, evidence=[paper("eu.declaration")])
    (missing,) = mode["missing_evidence"]
    assert missing["type"] == "de.register"
    assert missing["asked_by"] == ["de.gadgets.register"]


def test_every_finding_carries_its_source(service: Service) -> None:
    mode = only_mode(service, "DE", attributes={"colour": "red", "radio": None})
    states = {finding["rule"]: finding["state"] for finding in mode["findings"]}
    assert states["de.gadgets.red"] == "fires"
    assert states["eu.gadgets.radio"] == "undetermined"
    for finding in mode["findings"]:
        assert finding["source"]["citation"] == "An Act"
        assert finding["source"]["url"].startswith("https://")
        assert finding["source"]["read_on"] == "2026-06-01"
    imposed = {finding["rule"]: finding["imposed_by"] for finding in mode["findings"]}
    assert imposed["eu.gadgets.radio"] == "EU"


def test_a_region_that_differs_is_answered_with_reasons_of_its_own(service: Service) -> None:
    (us,) = answered(service, ask("US", attributes={"materials": ["leather"]}))["markets"]
    (region,) = us["regions"]
    assert region["region"] == "US-CA"
    (mode,) = region["import_modes"]
    assert messages(mode)["prohibited"] == ["Leather is forbidden in California."]


def test_text_of_any_script_is_kept_as_it_was_sent(service: Service) -> None:
    request = ask("DE")
    request["product"]["title"] = "Фанат 🎤\u0000 <b>&\u202e\u2028"
    request["seller"]["id"] = "ナル\u0000"
    decision = answered(service, request)["decision_id"]
    given = service.get(f"/v1/decisions/{decision}").json()["input"]
    assert given["product"]["title"] == request["product"]["title"]
    assert given["seller"]["id"] == request["seller"]["id"]


def test_text_of_any_script_is_kept_by_both_databases(database_service: Service) -> None:
    test_text_of_any_script_is_kept_as_it_was_sent(database_service)
