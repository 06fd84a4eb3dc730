"""What may be asked: the catalogue shows what the release in force knows."""

from serving import Service, assert_problem
from tiny_library import ask


def test_the_markets_are_those_that_all_stands_for(service: Service) -> None:
    markets = service.get("/v1/markets").json()
    answered = service.ask(ask() | {"markets": "all"}).json()["markets"]
    assert [m["market"] for m in markets] == [m["market"] for m in answered]
    by_code = {market["market"]: market for market in markets}
    assert by_code["DE"]["name"] == "Germany"
    assert by_code["DE"]["blocs"] == ["EU"]
    assert by_code["GB"]["regions"] == ["GB-NIR"]
    assert by_code["CN"]["import_modes"] == ["commercial", "personal_parcel", "cbec"]
    assert {row["category"] for row in by_code["FR"]["coverage"]} == {
        "gadgets",
        "batteries",
        "paper",
    }


def test_the_facts_of_a_category_are_those_that_its_rules_look_at(service: Service) -> None:
    found = service.get("/v1/categories/lasers").json()
    by_name = {fact["attribute"]: fact for fact in found["attributes"]}
    assert {"radio", "power_mw", "power_class", "cells", "import_mode"} <= by_name.keys()
    assert "edible" not in by_name
    assert by_name["power_mw"]["pointer"] == "/product/attributes/power_mw"
    assert by_name["power_mw"]["unit"] == "mW"
    assert by_name["import_mode"]["pointer"] == "/offer/import_mode"
    assert found["parent"] == "gadgets"


def test_every_pointer_of_a_category_takes_its_fact(service: Service) -> None:
    """What the catalogue says about where a fact goes is where the service accepts it."""
    values = {
        "boolean": False,
        "integer": 1,
        "number": 1,
        "set": [],
        "date": "2026-01-01",
        "country": "DE",
        "hs_code": "901320",
    }
    for fact in service.get("/v1/categories/lasers").json()["attributes"]:
        request = ask("CN", category="lasers", attributes={"radio": None})
        value = values.get(fact["type"]) if fact["type"] != "choice" else fact["values"][0]
        target = request
        *path, last = fact["pointer"].strip("/").split("/")
        for part in path:
            target = target.setdefault(part, {})
        target[last] = value
        assert service.ask(request).status_code == 200, fact


def test_rules_are_filtered_by_market_category_and_day(service: Service) -> None:
    def names(query: str) -> set[str]:
        page = service.get(f"/v1/rules?{query}").json()
        assert page["total"] == len(page["rules"])
        return {rule["rule"] for rule in page["rules"]}

    every = names("")
    assert "eu.gadgets.radio" in names("market=DE")
    assert "de.gadgets.red" not in names("market=FR")
    assert "eu.gadgets.radio" in names("market=GB-NIR")
    assert "eu.gadgets.radio" not in names("market=GB")
    assert names("category=paper") == set()
    assert "eu.gadgets.blue-from-2027" in every
    assert "eu.gadgets.blue-from-2027" not in names("as_of=2026-12-31")
    assert "eu.gadgets.blue-from-2027" in names("as_of=2027-01-01")
    assert "eu.gadgets.suspended" not in names("as_of=2026-12-31")


def test_pages_of_rules_add_up_to_all(service: Service) -> None:
    every = [rule["rule"] for rule in service.get("/v1/rules").json()["rules"]]
    paged: list[str] = []
    offset: int | None = 0
    while offset is not None:
        page = service.get(f"/v1/rules?limit=3&offset={offset}").json()
        paged += [rule["rule"] for rule in page["rules"]]
        offset = page["next"]
    assert paged == every


def test_a_rule_shows_its_source(service: Service) -> None:
    rule = service.get("/v1/rules/de.gadgets.label").json()
    assert rule["deadline"] == {"days": 10, "after": "first sale"}
    assert rule["source"]["citation"] == "An Act"
    assert_problem(service.get("/v1/rules/de.gadgets.lable"), 404, "not-found")


def test_a_classification_rule_can_be_read_too(service: Service) -> None:
    rule = service.get("/v1/rules/classify.strong-beam").json()
    assert rule["imposed_by"] is None
    assert rule["effect"] == "derive"


def test_evidence_types_show_the_form_of_their_number(service: Service) -> None:
    types = {found["type"]: found for found in service.get("/v1/evidence-types").json()}
    assert types["eu.declaration"]["reference_pattern"] == "EU-[0-9]{6}"
