"""A statement holds what article 17(3) of the DSA asks for, and no personal data."""

import json

import pytest
from pydantic import HttpUrl
from serving import Service
from statement_cases import PERSONAL, asked_and_owed, decided, drop, gadget, owed

from governance.audit.statements.dsa_export import dsa_export
from governance.db import transaction
from governance.eligibility.schemas import EligibilityRequest
from governance.eligibility.service import question
from governance.rules.model import Library

STRONG = {
    "nicotine_product": "vape_liquid",
    "contains_nicotine": True,
    "nicotine_mg_per_ml": 25,
}


def library_of(service: Service) -> Library:
    with transaction(service.engine) as session:
        return service.pipeline.gates(session).library


def test_law_of_the_union_makes_the_offer_illegal_content(shipped_service: Service) -> None:
    (one,) = asked_and_owed(shipped_service, drop("FR", "DE", attributes=STRONG))
    assert one.ground == "illegal_content"
    assert one.territories == ["FR", "DE"]
    assert [law.rule for law in one.legal_grounds] == ["eu.nicotine.vape-strength"]
    assert one.legal_grounds[0].citation == "Directive 2014/40/EU article 20(3)(b)"
    assert one.contractual_ground is None
    assert "above 20 mg nicotine per ml may not be sold" in one.explanation
    assert "Nicotine in the liquid: 25 mg/ml" in one.facts


def test_law_of_a_member_state_makes_the_offer_illegal_content(shipped_service: Service) -> None:
    (one,) = asked_and_owed(shipped_service, drop("FR"))
    assert one.ground == "illegal_content"
    assert [law.imposed_by for law in one.legal_grounds] == ["FR"]


def test_law_of_another_country_is_cited_under_the_terms(shipped_service: Service) -> None:
    (one,) = asked_and_owed(shipped_service, drop("SG"))
    rule = library_of(shipped_service).rules_by_id["sg.nicotine.vapes"]
    assert one.ground == "incompatible_with_terms"
    assert one.contractual_ground == shipped_service.settings.terms_clause
    (law,) = one.legal_grounds
    assert (law.title, law.citation, law.url) == (
        rule.title,
        rule.source.citation,
        rule.source.url,
    )
    assert rule.title in one.explanation
    assert "disposable vape" in one.facts


@pytest.mark.parametrize(
    ("verdict", "attributes", "rules", "says"),
    [
        (
            "needs_evidence",
            {"radio": True},
            ["de.gadgets.register", "eu.gadgets.radio"],
            "Needed before the sale: Entry in the register.",
        ),
        (
            "needs_review",
            {"materials": ["steel"]},
            ["de.gadgets.steel"],
            "To be reviewed: Steel is looked at.",
        ),
        ("needs_facts", {"colour": None}, ["de.gadgets.red"], "Please declare: Colour."),
        ("prohibited", {"colour": "red"}, ["de.gadgets.red"], "Red gadgets are forbidden."),
    ],
)
def test_the_rules_of_a_statement_are_those_that_refused(
    service: Service, verdict: str, attributes: dict[str, object], rules: list[str], says: str
) -> None:
    (one,) = asked_and_owed(service, gadget("DE", attributes=attributes))
    assert one.verdict == verdict
    assert [law.rule for law in one.legal_grounds] == rules
    assert says in one.explanation
    assert (one.ground == "illegal_content") == (verdict == "prohibited")


def test_a_ban_for_one_way_in_is_not_the_reason_while_another_is_open(service: Service) -> None:
    (one,) = asked_and_owed(service, gadget("CN", offer={}, hs="330410"))
    assert one.verdict == "needs_review"
    assert "cn.gadgets.parcels" not in [law.rule for law in one.legal_grounds]


def test_a_policy_that_prohibits_without_a_rule_rests_on_the_terms(service: Service) -> None:
    decision = decided(service, gadget("IT"))
    result = json.loads(decision.result)
    (market,) = result["markets"]
    for judged in (market, *market["import_modes"]):
        judged["verdict"] = "prohibited"
    decision.result = json.dumps(result)
    (one,) = owed(service, decision)
    assert (one.ground, one.legal_grounds) == ("incompatible_with_terms", [])
    assert "policies of the service" in one.explanation
    assert "Nobody has researched" in one.explanation


def test_the_decision_and_its_redress_are_told(service: Service) -> None:
    decision = decided(service, gadget("IT"))
    (one,) = owed(service, decision)
    assert one.decided_on == decision.timestamp.date()
    assert (one.decision_id, one.release) == (decision.decision_id, decision.release)
    assert (one.automated_detection, one.automated_decision) == (True, "fully")
    assert [way.kind for way in one.redress] == [
        "internal_complaint",
        "out_of_court_settlement",
        "court",
    ]
    assert one.puid in one.redress[0].description


def test_the_operator_names_terms_and_complaints(service: Service) -> None:
    decision = decided(service, gadget("IT"))
    (one,) = owed(
        service,
        decision,
        terms_clause="Terms, section 7.",
        terms_url=HttpUrl("https://shop.example/terms"),
        complaints_url=HttpUrl("https://shop.example/complain"),
    )
    assert one.contractual_ground == "Terms, section 7."
    assert one.contractual_ground_url == "https://shop.example/terms"
    assert one.redress[0].url == "https://shop.example/complain"


def test_a_puid_is_the_same_for_ever_and_of_one_statement_only(shipped_service: Service) -> None:
    decisions = [decided(shipped_service, drop()) for _ in range(2)]
    first, second = ([one.puid for one in owed(shipped_service, d)] for d in decisions)
    assert len({*first, *second}) == len(first) + len(second) > 10
    assert first == [one.puid for one in owed(shipped_service, decisions[0])]


@pytest.mark.parametrize("recorded", ["as today", "with the values themselves"])
def test_no_personal_value_enters_a_statement_or_its_export(
    shipped_service: Service, recorded: str
) -> None:
    request = drop()
    decision = decided(shipped_service, request)
    if recorded == "with the values themselves":
        decision.input = json.dumps(question(EligibilityRequest.model_validate(request)))
    found = owed(shipped_service, decision)
    assert len(found) > 5
    written = [one.model_dump_json() for one in found]
    written += [json.dumps(row, ensure_ascii=False) for row in dsa_export(found)]
    for text in written:
        assert not [value for value in (*PERSONAL, "commitment:") if value in text]
        assert shipped_service.ids["portal"] not in text
