"""Statements are owed to sellers in the EU, for every place that is refused and for no other."""

import json
from importlib.resources import files

import pytest
from serving import Service
from statement_cases import IN_THE_EU, asked_and_owed, decided, drop, gadget, owed, refused_places


def test_a_vape_of_a_german_creator_is_refused_in_four_markets_for_four_reasons(
    shipped_service: Service,
) -> None:
    found = asked_and_owed(shipped_service, drop("SG", "IN", "BR", "AU"))
    assert [one.territories for one in found] == [["SG"], ["IN"], ["BR"], ["AU"]]
    assert {one.verdict for one in found} == {"prohibited"}
    assert [[law.rule for law in one.legal_grounds] for one in found] == [
        ["sg.nicotine.vapes"],
        ["in.nicotine.e-cigarettes"],
        ["br.nicotine.electronic", "br.nicotine.parcel"],
        ["au.nicotine.vapes"],
    ]


@pytest.mark.parametrize("seller", [{"established_in": "US"}, {"established_in": "GB"}, {}])
def test_a_seller_who_is_not_known_to_be_in_the_eu_is_owed_none(
    shipped_service: Service, seller: dict[str, str]
) -> None:
    decision = decided(shipped_service, drop("SG", seller={"id": "s-1"} | seller))
    assert refused_places(decision) == ["SG"]
    assert owed(shipped_service, decision) == []


def test_an_offer_that_is_allowed_everywhere_owes_none(service: Service) -> None:
    decision = decided(service, gadget("DE", "FR", "NO"))
    assert refused_places(decision) == []
    assert owed(service, decision) == []


def test_an_allowed_market_is_in_no_statement(service: Service) -> None:
    (one,) = asked_and_owed(service, gadget("DE", "FR", attributes={"colour": "red"}))
    assert one.territories == ["DE"]


def test_a_refused_caller_is_owed_none(service: Service) -> None:
    service.get("/v1/markets", role=None)
    refusal = service.decisions()[-1]
    assert refusal.gate == "access"
    assert owed(service, refusal) == []


def test_every_refused_place_is_in_one_statement(shipped_service: Service) -> None:
    text = files("governance").joinpath("demo/drop.json").read_text("utf-8")
    count = 0
    for one in json.loads(text):
        seller = IN_THE_EU | {"attributes": one["seller"]}
        offer = {"attributes": one["offer"]}
        request = one | {"seller": seller, "offer": offer, "markets": "all"}
        decision = decided(shipped_service, request)
        found = owed(shipped_service, decision)
        named = [place for statement in found for place in statement.territories]
        assert sorted(named) == refused_places(decision)
        count += len(found)
    assert count > 5


def test_a_refusing_region_stands_alone_and_its_country_excepts_it(service: Service) -> None:
    leather = {"materials": ["leather"]}
    (alone,) = asked_and_owed(service, gadget("US", attributes=leather))
    assert (alone.territories, alone.excepted) == (["US-CA"], [])
    early = gadget("US", attributes=leather, as_of="2025-01-01")
    country, region = asked_and_owed(service, early)
    assert (country.verdict, country.territories, country.excepted) == (
        "unknown",
        ["US"],
        ["US-CA"],
    )
    assert "United States (except California (US-CA))" in country.restriction
    assert (region.verdict, region.territories) == ("prohibited", ["US-CA"])


def test_places_refused_for_the_same_reasons_share_a_statement(service: Service) -> None:
    found = asked_and_owed(service, gadget("IT", "BR", "DE", "CN", "KE"))
    (unknown,) = [one for one in found if one.verdict == "unknown"]
    assert unknown.territories == ["IT", "BR", "KE"]
    assert "Italy, Brazil and Kenya" in unknown.explanation
