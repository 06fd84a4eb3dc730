"""Blocs bind their members, regions have law of their own, and both have their days."""

from tiny_library import ask, judge, paper


def regions(result) -> dict[str, str]:
    return {region["region"]: region["verdict"] for region in result["regions"]}


def asked_for(result) -> set[str]:
    return set(result["import_modes"][0]["missing_evidence"])


def test_a_member_inherits_from_its_bloc_and_adds_its_own(sale) -> None:
    radio = {"radio": True}
    assert asked_for(sale("DE", attributes=radio)) == {"eu.declaration", "de.register"}
    assert asked_for(sale("FR", attributes=radio)) == {"eu.declaration"}


def test_a_members_own_rule_does_not_bind_the_other_members(sale) -> None:
    assert sale("DE", attributes={"colour": "red"})["verdict"] == "prohibited"
    assert sale("FR", attributes={"colour": "red"})["verdict"] == "allowed"


def test_a_former_member_is_bound_until_it_left(sale) -> None:
    radio = {"radio": True}
    before = sale("GB", attributes=radio, as_of="2020-12-31")
    assert asked_for(before) == {"eu.declaration"}
    assert before["verdict"] == "unknown"  # the coverage of GB begins when it left
    assert sale("GB", attributes=radio, as_of="2021-01-01")["verdict"] == "allowed"


def test_a_region_whose_verdict_differs_is_listed_with_its_reasons(sale) -> None:
    result = sale("US", attributes={"materials": ["leather"]})
    assert result["verdict"] == "allowed"
    assert regions(result) == {"US-CA": "prohibited"}
    findings = result["regions"][0]["import_modes"][0]["findings"]
    assert ["us-ca.gadgets.leather", "fires"] in findings
    both = sale("US", attributes={"materials": ["leather", "wood"]})
    assert regions(both) == {"US-CA": "prohibited", "US-NY": "prohibited"}


def test_a_region_whose_verdict_is_that_of_the_country_is_absent(sale) -> None:
    assert regions(sale("US")) == {}
    # Beyond its country's rules California has one that fires, but its country is as grave.
    unknown = sale("US", as_of="2025-01-01", attributes={"materials": None})
    assert unknown["verdict"] == "unknown"
    assert regions(unknown) == {}


def test_a_region_lacks_a_fact_that_its_country_does_not_need(sale) -> None:
    result = sale("US", attributes={"materials": None})
    assert result["verdict"] == "allowed"
    assert regions(result) == {"US-CA": "needs_facts", "US-NY": "needs_facts"}


def test_northern_ireland_is_bound_by_law_of_the_bloc_that_its_country_left(sale) -> None:
    result = sale("GB", attributes={"radio": True})
    assert result["verdict"] == "allowed"
    assert regions(result) == {"GB-NIR": "needs_evidence"}
    held = sale("GB", attributes={"radio": True}, evidence=[paper("eu.declaration")])
    assert regions(held) == {}


def test_all_stands_for_every_country_with_coverage_of_its_own(gates) -> None:
    request = ask() | {"markets": "all"}
    assert list(judge(gates, request)) == ["AU", "CN", "DE", "FR", "GB", "JP", "NO", "US"]


def test_markets_are_answered_once_and_in_the_order_asked(gates) -> None:
    assert list(judge(gates, ask("US", "DE", "US", "AU", "DE"))) == ["US", "DE", "AU"]
