"""Finding providers: each filter by its definition, and pages that neither miss nor repeat."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from provider_documents import lane, small, whole
from serving import Service, assert_problem
from sqlalchemy import Engine
from test_registry import VOCABULARY, put
from vetted_providers import walk as lead

from governance.db import transaction
from governance.errors import InvalidRequest
from governance.providers.filter_query import read_filters
from governance.providers.lanes import words_of
from governance.providers.models import Standing
from governance.providers.search import Filters, search
from governance.providers.words import KINDS
from governance.rules.library import load_library, read_tree
from governance.rules.vocabulary import Vocabulary
from governance.settings import Settings

PROVIDERS = [
    whole(),
    small("bolt", "DE", "FR", lanes=[lane("pl-de", "DE", "gadgets"), lane("pl-fr", "FR")]),
    small("carry", "DE", lanes=[lane("a", "DE", "lasers"), lane("b", "DE", "batteries")]),
    small("desk", "FR", "JP", service="customs_brokerage", description="100% l_gal, ÉTUDE"),
    small(
        "express",
        "JP",
        nodes=[
            {
                "id": "n",
                "name": "N",
                "country": "JP",
                "latitude": 35,
                "longitude": 139,
                "capacity_units": 1,
                "dangerous_goods": ["2.3", "9"],
            }
        ],
    ),
]


@pytest.fixture
def found(engine: Engine) -> Callable[..., list[str]]:
    """`found(market=…, …)`: the ids of the providers that the filters mean."""
    for document in PROVIDERS:
        put(engine, document)
    lead(engine, "bolt", Standing.PROVISIONAL, Standing.ACTIVE, Standing.PROBATION)
    lead(engine, "desk", Standing.PROVISIONAL)

    def ids(**given: Any) -> list[str]:
        with transaction(engine) as session:
            return [one.id for one in search(session, read_filters(VOCABULARY, **given))]

    return ids


def test_each_filter_means_what_it_says(found: Callable[..., list[str]]) -> None:
    assert found() == ["acme", "bolt", "carry", "desk", "express"]
    assert found(market="FR") == ["acme", "bolt", "desk"]
    assert found(market="BR") == []
    assert found(service="last_mile") == ["bolt", "carry", "express"]
    assert found(service="returns", market="DE") == ["acme"]
    assert found(service="returns", market="FR") == []  # returns elsewhere, FR for something else
    assert found(standing=["probation"]) == ["bolt"]
    assert found(standing=["probation", "provisional"]) == ["bolt", "desk"]
    assert found(standing=["applicant"], market="DE") == ["acme", "carry"]
    assert found(dangerous_goods="9") == ["acme", "express"]
    assert found(dangerous_goods="3") == ["acme"]  # not the 2.3 of express
    assert found(dangerous_goods="7") == []


def test_a_category_is_refused_with_all_above_it_and_by_every_lane(
    found: Callable[..., list[str]],
) -> None:
    everyone = ["acme", "bolt", "carry", "desk", "express"]
    assert found(category="paper") == everyone
    assert found(category="lasers") == everyone  # another lane takes them
    assert found(category="gadgets", market="DE") == ["acme", "carry"]
    assert found(category="lasers", market="DE") == ["acme", "carry"]  # lane b takes lasers
    assert found(category="lasers", market="FR") == ["bolt", "desk"]  # acme's only lane refuses
    assert found(category="lasers", market="FR", service="customs_brokerage") == ["desk"]


@cache
def shipped() -> Vocabulary:
    """The vocabulary that we ship."""
    return load_library(read_tree(Settings().rulesets_dir)).vocabulary


def test_goods_are_refused_by_the_name_of_their_danger_too(found: Callable[..., list[str]]) -> None:
    assert found(category="perfume", market="FR") == ["bolt", "desk"]  # acme's only lane refuses
    assert words_of(shipped(), "fragrance")[-1] == "perfume"
    assert "perfume" not in words_of(shipped(), "cosmetics")
    assert words_of(shipped(), "lithium_cells_loose") == ("lithium_cells_loose",)
    assert set(KINDS) <= set(shipped().goods)


def test_text_is_looked_for_as_it_is_written_whatever_its_case(
    found: Callable[..., list[str]],
) -> None:
    assert found(text="ACME") == ["acme"]
    assert found(text="bicycle") == ["acme"]
    assert found(text="ÉTUDE") == ["desk"]
    assert found(text="100%") == ["desk"]
    assert found(text="l_gal") == ["desk"]
    assert found(text="l%gal") == found(text="l__al") == found(text="/") == []


def test_pages_neither_miss_nor_repeat_while_others_are_registered(engine: Engine) -> None:
    ids = sorted({f"p{number % 7}-{number}" for number in range(40)} | {"p", "p0", "zz-9"})
    for one in ids:
        put(engine, small(one))
    for limit in (1, 7, len(ids)):
        seen: list[str] = []
        after = None
        while True:
            with transaction(engine) as session:
                page = [one.id for one in search(session, Filters(), after=after, limit=limit)]
            if not page:
                break
            assert len(page) <= limit
            seen += page
            after = page[-1]
            put(engine, small("a-new-one-before-the-walk"))
        assert sorted(one for one in seen if one != "a-new-one-before-the-walk") == ids
        assert len(seen) == len(set(seen))


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({"market": "UK"}, "did you mean GB?"),
        ({"market": ""}, "ISO 3166-1"),
        ({"service": "fulfillment"}, "did you mean `fulfilment`?"),
        ({"standing": ["active", "activ"]}, "did you mean `active`?"),
        ({"category": "gadget"}, "did you mean `gadgets`?"),
        ({"category": ""}, "GET /v1/categories"),
        ({"dangerous_goods": "10"}, "9"),
        ({"weight_grams": 0}, "1 to 100,000,000 grams"),
        ({"currency": "eur"}, "did you mean `EUR`?"),
        ({"lead_days_at_most": -1.0}, "0 to 730 days"),
        ({"lead_days_at_most": float("nan")}, "0 to 730 days"),
        ({"text": ""}, "1 to 200"),
        ({"text": "\x00"}, "1 to 200"),
        ({"text": "x" * 201}, "1 to 200"),
    ],
)
def test_a_filter_that_nobody_knows_is_named(given: dict[str, Any], hint: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_filters(VOCABULARY, **given)
    (error,) = refused.value.errors
    assert [error.field] == list(given)
    assert hint in str(error.hint)


def walk(service: Service, **query: Any) -> list[str]:
    ids: list[str] = []
    while True:
        answer = service.client.get("/v1/providers", params=query, headers=service.headers())
        assert answer.status_code == 200, answer.text
        page = answer.json()
        ids += [one["id"] for one in page["providers"]]
        if page["next_cursor"] is None:
            return ids
        query["cursor"] = page["next_cursor"]


def test_the_search_over_http_pages_and_filters(database_service: Service) -> None:
    answer = database_service.client.post(
        "/v1/providers/import",
        json={"providers": PROVIDERS},
        headers=database_service.headers("reviewer"),
    )
    assert answer.json()["created"] == ["acme", "bolt", "carry", "desk", "express"]
    assert walk(database_service, limit=2) == ["acme", "bolt", "carry", "desk", "express"]
    assert walk(database_service, limit=5, market="DE", category="gadgets") == ["acme", "carry"]
    first = database_service.get("/v1/providers?limit=1").json()["providers"][0]
    assert first.pop("standing_since").endswith("Z")
    assert first == {
        "id": "acme",
        "name": "Acme Lógistics",
        "sample": False,
        "standing": "applicant",
        "services": whole()["services"],
        "cheapest": None,
    }


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("markt=FR", "markt"),
        ("market=FR&market=DE", "market"),
        ("market=UK", "market"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("cursor=", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=ACME", "cursor"),
        ("text=%00", "text"),
        ("standing=active&standing=activ", "standing"),
        ("weight_grams=heavy", "weight_grams"),
        ("weight_grams=-5", "weight_grams"),
        ("weight_grams=500&weight_grams=600", "weight_grams"),
        ("currency=euro", "currency"),
        ("lead_days_at_most=nan", "lead_days_at_most"),
        ("cost_at_most=5&currency=EUR", "weight_grams"),
        ("cost_at_most=5&weight_grams=5", "currency"),
    ],
)
def test_what_nobody_knows_is_named_over_http(service: Service, query: str, field: str) -> None:
    answer = service.get(f"/v1/providers?{query}")
    assert assert_problem(answer, 422, "invalid-request")["errors"][0]["field"] == field
