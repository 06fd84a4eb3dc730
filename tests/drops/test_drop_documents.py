"""A drop document that is wrong: every field is named at once, and how to mend it."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tiny_drop import COVERED, DOCUMENT, document
from tiny_library import tiny_gates

from governance.drops.checks import MOST_ERRORS, read_document, residents
from governance.drops.documents import DropDocument, candidate_markets, sale_request
from governance.drops.right import pointer
from governance.eligibility.schemas import EligibilityRequest
from governance.errors import FieldError, InvalidRequest
from governance.gates.sale_facts import read_facts
from governance.markets.countries import country_codes
from governance.rules.library import load_library, read_tree
from governance.settings import Settings

LIBRARY = tiny_gates().library
MANY = 10**13
PAPER = {"type": "de.register", "valid_from": "2026-01-01", "reference": "R 1"}

# What is written where, and which field is wrong then; groups do not touch each other's fields.
Spoiled = tuple[tuple[str | int, ...], Any, str]
GROUPS: list[list[Spoiled]] = [
    [(("title",), "", "/title"), (("title",), 5, "/title"), (("title",), "a\nb", "/title")],
    [
        (("creator", "established_in"), "UK", "/creator/established_in"),
        (("creator", "kind"), "creater", "/creator/kind"),
        (("creator", "tier"), "famous", "/creator/tier"),
        (("creator", "attributes"), {"fame": 1}, "/creator/attributes/fame"),
        (("creator", "attributes"), {"colour": "red"}, "/creator/attributes/colour"),
        (("creator", "attributes"), {"kind": "brand"}, "/creator/attributes/kind"),
    ],
    [(("currency",), "eur", "/currency"), (("currency",), "XAU", "/currency")],
    [
        (("products", 0, "price"), 0, "/products/0/price"),
        (("products", 0, "price"), -1, "/products/0/price"),
        (("products", 0, "price"), 29.99, "/products/0/price"),
        (("products", 0, "price"), MANY, "/products/0/price"),
        (("products", 0, "resale"), -1, "/products/0/resale"),
        (("products", 0, "return_cost"), True, "/products/0/return_cost"),
    ],
    [
        (("products", 1, "unit_cost"), 0, "/products/1/unit_cost"),
        (("products", 1, "salvage"), 300, "/products/1/salvage"),
        (("products", 1, "salvage"), -MANY, "/products/1/salvage"),
        (("budget",), 299, "/budget"),
        (("budget",), 0, "/budget"),
    ],
    [
        (("products", 1, "share"), 0.26, "/products/1/share"),
        (("products", 1, "share"), None, "/products/1/share"),
        (("products", 1, "share"), 0, "/products/1/share"),
        (("products", 1, "share"), 1.01, "/products/1/share"),
        (("products", 0, "share"), float("nan"), "/products/0/share"),
    ],
    [
        (("products", 0, "category"), "gadget", "/products/0/category"),
        (("products", 0, "attributes", "size"), 1, "/products/0/attributes/size"),
        (("products", 0, "attributes", "colour"), "pink", "/products/0/attributes/colour"),
        (("products", 0, "attributes", "cells"), "0", "/products/0/attributes/cells"),
        (("products", 0, "attributes", "cells"), {}, "/products/0/attributes/cells"),
        (("products", 0, "attributes", "origin"), "CN", "/products/0/attributes/origin"),
        (("products", 0, "hs"), "85", "/products/0/hs"),
        (("products", 0, "origin"), "UK", "/products/0/origin"),
    ],
    [
        (("products", 1, "id"), "p-1", "/products/1/id"),
        (("products", 1, "weight_grams"), 0, "/products/1/weight_grams"),
        (("products", 1, "weight_grams"), 100_001, "/products/1/weight_grams"),
        (("products", 1, "ships_from"), "XX", "/products/1/ships_from"),
        (("products", 1, "colour"), "red", "/products/1/colour"),
    ],
    [
        (("products", 0, "dangerous_goods"), "10", "/products/0/dangerous_goods"),
        (("products", 0, "duty_rates"), {"UK": 1}, "/products/0/duty_rates/UK"),
        (("products", 0, "duty_rates"), {"GB": 1001}, "/products/0/duty_rates/GB"),
    ],
    [
        (
            ("products", 0, "offer_attributes"),
            {"importer": 1},
            "/products/0/offer_attributes/importer",
        ),
        (
            ("products", 0, "offer_attributes"),
            {"import_mode": "cbec"},
            "/products/0/offer_attributes/import_mode",
        ),
        (("products", 1, "offer_attributes"), {"sent": 1}, "/products/1/offer_attributes/sent"),
        (("products", 1, "shipped_by"), "post", "/products/1/shipped_by"),  # not in this library
    ],
    [
        (("products", 0, "evidence", 0, "type"), "de.registr", "/products/0/evidence/0/type"),
        (
            ("products", 0, "evidence", 0, "valid_to"),
            "2025-01-01",
            "/products/0/evidence/0/valid_to",
        ),
    ],
    [
        (("evidence", 0, "type"), "eu.decl", "/evidence/0/type"),
        (("evidence", 0, "reference"), "EU-1", "/evidence/0/reference"),
        (("evidence", 0, "valid_from"), "2026-02-30", "/evidence/0/valid_from"),
        (("evidence",), [PAPER, PAPER | {"type": "eu.decl"}], "/evidence/1/type"),
    ],
    [
        (("audience", "DE", "followers"), 90_000_000, "/audience/DE/followers"),
        (("audience", "DE", "followers"), -1, "/audience/DE/followers"),
        (("audience", "DE", "usual_views"), 0.5, "/audience/DE/usual_views"),
        (("audience", "DE", "engagement_rate"), 5, "/audience/DE/engagement_rate"),
        (("audience", "EU"), {"followers": 1}, "/audience/EU"),
        (("audience", "AQ"), {"followers": 1}, "/audience/AQ/followers"),
        (("audience",), {}, "/audience"),
        (("audience",), {"DE": {"followers": 0}}, "/audience"),
        (("markets",), ["GB", "IT"], "/markets"),
        (("markets",), ["DE", "DE"], "/markets/1"),
        (("markets",), ["DE", "UK"], "/markets/1"),
        (("markets",), ["DE", "GB-NIR"], "/markets/1"),
        (("markets",), [], "/markets"),
        (("markets",), "some", "/markets"),
        (("markets",), 5, "/markets"),
    ],
    [
        (("reach", "p50"), 9_999, "/reach/p50"),
        (("reach", "p90"), 29_999, "/reach/p90"),
        (("reach", "p10"), "many", "/reach/p10"),
        (("reach", "p10"), -1, "/reach/p10"),
    ],
    [(("channel",), "shop", "/channel")],
    [
        (("sale_to",), "2026-11-30", "/sale_to"),
        (("sale_to",), "2027-12-02", "/sale_to"),
        (("sale_to",), "2026-12-32", "/sale_to"),
        (("sale_from",), "1.12.2026", "/sale_from"),
        (("sale_from",), None, "/sale_from"),
    ],
    [
        (("service_level", "in_stock"), 1, "/service_level/in_stock"),
        (("service_level", "lead_days_p90"), 0, "/service_level/lead_days_p90"),
        (("service_level", "speed"), 0, "/service_level/speed"),
    ],
]  # fmt: skip
EVERY = [spoiled for group in GROUPS for spoiled in group]


def put(into: Any, path: tuple[str | int, ...], value: Any) -> None:
    for part in path[:-1]:
        into = into[part]
    into[path[-1]] = value


def errors(given_document: Any) -> dict[str, FieldError]:
    with pytest.raises(InvalidRequest) as refused:
        read_document(given_document, LIBRARY)
    return {one.field: one for one in refused.value.errors}


def test_a_document_is_read_as_it_is_written() -> None:
    read = read_document(document(), LIBRARY)
    assert read.model_dump(exclude_unset=True) == DOCUMENT
    assert read == DropDocument.model_validate_json(read.as_text)


def test_the_digest_is_of_what_is_said_and_not_of_how_it_is_written() -> None:
    read = read_document(document(), LIBRARY)
    shuffled = dict(reversed(document().items()))
    shuffled["products"][1]["dangerous_goods"] = None
    assert read_document(shuffled, LIBRARY).digest == read.digest
    assert read_document(document(title="Another"), LIBRARY).digest != read.digest


@pytest.mark.parametrize(("path", "value", "field"), EVERY)
def test_each_wrong_field_is_named_and_no_other(
    path: tuple[str | int, ...], value: Any, field: str
) -> None:
    spoiled = document()
    put(spoiled, path, value)
    found = errors(spoiled)
    assert list(found) == [field]
    assert found[field].message
    assert found[field].hint


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_everything_that_is_wrong_is_named_at_once(data: st.DataObject) -> None:
    groups = data.draw(st.lists(st.sampled_from(range(len(GROUPS))), min_size=2, unique=True))
    chosen = [data.draw(st.sampled_from(GROUPS[group])) for group in groups]
    spoiled = document()
    for path, value, _ in chosen:
        put(spoiled, path, deepcopy(value))
    found = errors(spoiled)
    assert found.keys() == {field for _, _, field in chosen}


def places(value: Any, *path: str | int) -> list[tuple[str | int, ...]]:
    inside = value.items() if isinstance(value, dict) else ()
    inside = enumerate(value) if isinstance(value, list) else inside
    return [path, *(place for name, one in inside for place in places(one, *path, name))]


WORD = st.text(max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORD, inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None)
@given(place=st.sampled_from(places(DOCUMENT)[1:]), junk=JSON)
def test_a_document_with_anything_in_some_place_names_that_place(
    place: tuple[str | int, ...], junk: Any
) -> None:
    spoiled = document()
    put(spoiled, place, junk)
    try:
        DropDocument.model_validate(spoiled)
    except ValidationError:
        at = pointer(*place)
        assert any(field == at or field.startswith(f"{at}/") for field in errors(spoiled))
    else:
        assume(False)


@settings(max_examples=100, deadline=None)
@given(JSON | st.dictionaries(st.sampled_from(sorted(DOCUMENT)), JSON))
def test_whatever_is_no_document_is_refused_in_words(junk: Any) -> None:
    found = errors(junk)
    assert all(one.message and one.hint for one in found.values())
    if isinstance(junk, dict):
        required = {name for name, one in DropDocument.model_fields.items() if one.is_required()}
        assert {pointer(name) for name in required - junk.keys()} <= found.keys()


def test_no_more_is_told_than_anybody_mends() -> None:
    many = [PAPER | {"type": f"no.{number}"} for number in range(150)]
    assert len(errors(document(evidence=many))) == MOST_ERRORS


def test_a_hint_names_a_field_of_the_document_and_not_of_a_request() -> None:
    spoiled = document()
    spoiled["products"][1]["attributes"] = {"established_in": "DE", "importer": "seller"}
    spoiled["products"][0]["attributes"]["origin"] = "CN"
    found = errors(spoiled)
    told = {field: one.hint for field, one in found.items()}
    assert told == {
        "/products/0/attributes/origin": "declare it at /products/0/origin",
        "/products/1/attributes/established_in": "it is a fact about the seller: declare it at "
        "/creator",
        "/products/1/attributes/importer": "it is a fact about the offer: declare it at "
        "/products/1/offer_attributes",
    }


def test_all_markets_without_an_audience_in_any_that_is_covered_are_refused() -> None:
    assert LIBRARY.covered_markets
    uncovered = next(one for one in ("US", "BR") if one not in LIBRARY.covered_markets)
    found = errors(document(markets="all", audience={uncovered: {"followers": 5}}))
    assert list(found) == ["/markets"]


def test_every_country_has_its_residents() -> None:
    assert residents().keys() == country_codes()
    assert 80_000_000 < residents()["DE"] < 90_000_000


def test_the_whole_world_may_follow_and_nobody_beyond() -> None:
    world = {country: {"followers": people} for country, people in residents().items()}
    assert read_document(document(audience=world), LIBRARY)
    world["CN"] = {"followers": residents()["CN"] + 1}
    assert list(errors(document(audience=world))) == ["/audience/CN/followers"]


def test_where_a_drop_would_be_sold() -> None:
    read = read_document(document(), LIBRARY)
    assert candidate_markets(read, COVERED) == ["DE", "FR"]
    everywhere = read_document(document(markets="all"), LIBRARY)
    assert candidate_markets(everywhere, COVERED) == ["DE", "FR"]
    assert candidate_markets(everywhere, ["US", "IT"]) == ["US"]


def test_the_example_of_the_documentation_is_a_document() -> None:
    shipped = load_library(read_tree(Settings().rulesets_dir))
    (example,) = DropDocument.model_json_schema()["examples"]
    assert candidate_markets(read_document(example, shipped), []) == ["FR", "GB", "US"]


def test_a_sale_request_is_one_that_the_sale_gate_reads() -> None:
    read = read_document(document(), LIBRARY)
    request = sale_request(read, read.products[0], "2026-12-01", ["DE", "FR"])
    assert EligibilityRequest.model_validate(request).seller.id == "creator-1"
    assert request["offer"] == {
        "import_mode": None,
        "units_per_consignment": 1,
        "shipped_by": None,
        "attributes": {"importer": "seller"},
    }
    assert [one["type"] for one in request["evidence"]] == ["de.register", "eu.declaration"]
    facts = read_facts(request, LIBRARY)
    assert facts.values["colour"] == "red"
    assert facts.values["established_in"] == {"DE", "EU"}
    assert "tier" not in facts.values
