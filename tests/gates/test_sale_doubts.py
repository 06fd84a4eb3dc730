"""What a person must look at whatever the rules say."""

import pytest
from tiny_library import FILES, ask, judge, tiny_gates


def doubts(result) -> list[str]:
    found = result["import_modes"][0]["doubts"]
    assert (result["verdict"] == "needs_review") == bool(found)
    return found


@pytest.mark.parametrize(
    ("category", "hs", "fits"),
    [
        ("gadgets", "851762", True),
        ("gadgets", "901320", False),
        ("gadgets", "330410", False),
        ("lasers", "901320", True),
        ("paper", "330410", True),  # a category without prefixes is not checked
    ],
)
def test_an_hs_code_of_other_goods_needs_a_person(gates, category, hs, fits) -> None:
    attributes = {"power_mw": 1} if category == "lasers" else {}
    request = ask("FR", category=category, hs=hs, attributes=attributes)
    result = judge(gates, request)["FR"]
    found = result["import_modes"][0]["doubts"]
    assert ("hs_contradicts_category" in found) == (not fits)
    if category != "paper":
        assert result["verdict"] == ("allowed" if fits else "needs_review")


def test_a_declared_fact_against_a_derived_one_needs_a_person(sale) -> None:
    strong = {"power_mw": 9, "power_class": "weak"}
    result = sale("FR", category="lasers", attributes=strong)
    assert doubts(result) == ["facts_contradict:classify.strong-beam"]
    agreed = {"power_mw": 9, "power_class": "strong"}
    assert doubts(sale("FR", category="lasers", attributes=agreed)) == []


def test_a_derived_fact_reaches_the_rules(sale) -> None:
    result = sale("US", category="lasers", attributes={"power_mw": 9})
    assert ["us.lasers.strong", "fires"] in result["import_modes"][0]["findings"]
    result = sale("US", category="lasers", attributes={"power_mw": 1, "power_class": "weak"})
    assert result["verdict"] == "allowed"


def test_a_derive_rule_that_lacks_its_fact_is_named_where_it_could_matter(sale) -> None:
    result = sale("FR", category="lasers")
    assert result["verdict"] == "needs_facts"
    assert result["import_modes"][0]["missing_facts"] == ["power_mw"]


def test_a_true_fact_that_no_rule_looks_at_needs_a_person(sale) -> None:
    assert doubts(sale("DE", attributes={"edible": True})) == ["fact_not_examined:edible"]
    assert doubts(sale("DE", attributes={"edible": False})) == []


def test_how_the_goods_come_in_is_no_property_to_be_examined(sale) -> None:
    offer = {"import_mode": "commercial", "stock_located_in_market": True}
    assert doubts(sale("DE", offer=offer)) == []


def test_a_parcel_that_its_buyer_does_not_import_needs_a_person(sale) -> None:
    parcel = {"import_mode": "personal_parcel"}
    assert doubts(sale("DE", offer=parcel)) == []
    assert doubts(sale("DE", offer=parcel | {"importer": "consumer"})) == []
    assert doubts(sale("DE", offer=parcel | {"importer": "seller"})) == [
        "way_in_contradicts:importer"
    ]
    assert doubts(sale("DE", offer=parcel | {"stock_located_in_market": True})) == [
        "way_in_contradicts:stock_located_in_market"
    ]


def test_a_contradicted_way_in_is_never_the_mildest(sale) -> None:
    result = sale("DE", offer={"importer": "seller"})
    assert (result["verdict"], result["import_mode"]) == ("allowed", "commercial")
    assert [mode["verdict"] for mode in result["import_modes"]] == ["allowed", "needs_review"]


def test_an_hs_code_of_a_derived_category_fits() -> None:
    files = dict(FILES)
    files["vocabulary/words.yaml"] = files["vocabulary/words.yaml"].replace(
        "batteries: {parent: goods, title: Batteries}",
        'batteries: {parent: goods, title: Batteries, hs: ["9999"]}',
    )
    gates = tiny_gates(files)
    with_cells = ask("AU", hs="999900", attributes={"cells": 1})
    assert judge(gates, with_cells)["AU"]["verdict"] == "allowed"
    without = ask("AU", hs="999900")
    assert judge(gates, without)["AU"]["verdict"] == "needs_review"
