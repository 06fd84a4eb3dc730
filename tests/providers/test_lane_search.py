"""Finding providers by what their lanes cost, take and refuse: all of it holds of one lane."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from provider_documents import lane, small
from serving import SOAK, Service, assert_problem
from sqlalchemy import Engine
from test_registry import VOCABULARY, put

from governance.db import transaction
from governance.providers.filter_query import read_filters
from governance.providers.search import Found, search

Ids = Callable[..., list[str]]


def way(lane_id: str, market: str = "DE", *refuses: str, **more: Any) -> dict[str, Any]:
    """A lane in euros, light parcels for 5.00 and heavier ones for 9.00, in 3 days at most."""
    costs = [{"up_to_grams": 500, "minor_units": 500}, {"up_to_grams": 2000, "minor_units": 900}]
    return lane(lane_id, market, *refuses) | {"currency": "EUR", "costs": costs} | more


def days(p90: float) -> dict[str, float]:
    return {"p10": 1, "p50": 1, "p90": p90}


def node(node_id: str, country: str, *dangerous_goods: str) -> dict[str, Any]:
    place = {"name": node_id, "country": country, "latitude": 50, "longitude": 10}
    return {"id": node_id, "capacity_units": 9, "dangerous_goods": [*dangerous_goods]} | place


def all_pages(engine: Engine, limit: int = 2, **given: Any) -> list[Found]:
    found: list[Found] = []
    filters = read_filters(VOCABULARY, **given)
    while True:
        after = found[-1].id if found else None
        with transaction(engine) as session:
            page = search(session, filters, after=after, limit=limit)
        if not page:
            return found
        found += page


@pytest.fixture
def ids(engine: Engine) -> Ids:
    """`ids(document, …, market=…)`: puts documents, then the ids that the filters find."""

    def found(*documents: Any, **given: Any) -> list[str]:
        for document in documents:
            put(engine, document)
        return [one.id for one in all_pages(engine, **given)]

    return found


def test_a_parcel_costs_what_its_weight_break_says(ids: Ids) -> None:
    everyone = (
        small("falling", lanes=[way("a", costs=[
            {"up_to_grams": 500, "minor_units": 500}, {"up_to_grams": 2000, "minor_units": 300},
        ])]),
        small("light", lanes=[way("a", costs=[{"up_to_grams": 499, "minor_units": 1}])]),
        small("steps", lanes=[way("a")]),
    )  # fmt: skip
    assert ids(*everyone, weight_grams=499) == ["falling", "light", "steps"]
    assert ids(weight_grams=500) == ["falling", "steps"]
    assert ids(weight_grams=2001) == []
    assert ids(weight_grams=500, cost_at_most=500, currency="EUR") == ["falling", "steps"]
    assert ids(weight_grams=500, cost_at_most=499, currency="EUR") == []
    assert ids(weight_grams=501, cost_at_most=899, currency="EUR") == ["falling"]
    assert ids(weight_grams=501, cost_at_most=900, currency="EUR") == ["falling", "steps"]


def test_nothing_is_converted(ids: Ids) -> None:
    both = small("both", lanes=[way("dear"), way("zloty", currency="PLN", costs=[
        {"up_to_grams": 500, "minor_units": 1},
    ])])  # fmt: skip
    assert ids(both, weight_grams=500, cost_at_most=499, currency="EUR") == []
    assert ids(weight_grams=500, cost_at_most=499, currency="PLN") == ["both"]
    assert ids(weight_grams=1000, currency="PLN") == []
    assert ids(currency="USD") == []


def test_what_is_asked_of_lanes_holds_of_one_and_the_same(ids: Ids) -> None:
    split = small("split", "DE", "FR", lanes=[
        way("slow-and-cheap", lead_days=days(9)),
        way("fast-and-dear", costs=[{"up_to_grams": 500, "minor_units": 5000}]),
        way("both-elsewhere", "FR", costs=[{"up_to_grams": 500, "minor_units": 5}]),
        way("both-but-refuses", "DE", "lasers", costs=[{"up_to_grams": 500, "minor_units": 5}]),
    ])  # fmt: skip
    cheap = {"weight_grams": 500, "cost_at_most": 600, "currency": "EUR"}
    assert ids(split, market="DE", lead_days_at_most=3.0) == ["split"]
    assert ids(market="DE", **cheap, lead_days_at_most=3.0) == ["split"]
    assert ids(market="DE", **cheap, lead_days_at_most=3.0, category="lasers") == []
    assert ids(market="DE", **cheap, lead_days_at_most=9.0, category="lasers") == ["split"]
    assert ids(market="FR", **cheap, lead_days_at_most=2.5) == []


def test_who_has_no_lanes_is_not_known_to_carry_anything(ids: Ids) -> None:
    assert ids(small("desk"), category="lasers") == ["desk"]
    for asked in ({"weight_grams": 1}, {"lead_days_at_most": 700.0}, {"currency": "EUR"}):
        assert ids(category="lasers", **asked) == []


def test_stock_of_dangerous_goods_leaves_from_where_it_may_be_held(ids: Ids) -> None:
    holder = small(
        "holder", "DE", "FR", "NO", "JP",
        nodes=[node("berlin", "DE", "3", "9"), node("oslo", "NO"), node("warsaw", "PL", "9")],
        lanes=[
            way("berlin-de", "DE", "flammable_liquids", from_node="berlin", from_country=None),
            way("oslo-no", "NO", from_node="oslo", from_country=None),
            way("anywhere-in-pl-fr", "FR"),
            way("anywhere-in-no-jp", "JP", from_country="NO"),
        ],
    )  # fmt: skip
    assert ids(holder, dangerous_goods="9") == ids(dangerous_goods="3") == ["holder"]
    assert ids(dangerous_goods="9", market="DE") == ["holder"]
    assert ids(dangerous_goods="3", market="DE") == []  # its lane refuses the whole class
    assert ids(dangerous_goods="9", market="FR") == ["holder"]  # a node lies where the lane begins
    assert ids(dangerous_goods="3", market="FR") == []  # another one lies there
    assert ids(dangerous_goods="9", market="NO") == ids(dangerous_goods="9", market="JP") == []
    assert ids(dangerous_goods="9", market="DE", lead_days_at_most=2.0) == []
    assert ids(dangerous_goods="9", service="last_mile") == ["holder"]
    assert ids(dangerous_goods="9", service="returns") == []


def test_the_cheapest_lane_in_each_currency_is_shown_and_fits(engine: Engine) -> None:
    equal = [{"up_to_grams": 500, "minor_units": 400}]
    put(engine, small("many", "DE", "FR", lanes=[
        way("a"),
        way("b-slower", costs=equal, lead_days=days(5)),
        way("c-faster", costs=equal, lead_days=days(2)),
        way("d-refuses", "DE", "lasers", costs=[{"up_to_grams": 500, "minor_units": 1}]),
        way("e-elsewhere", "FR", costs=[{"up_to_grams": 500, "minor_units": 1}]),
        way("f-zloty", currency="PLN"),
    ]))  # fmt: skip
    asked = {"market": "DE", "category": "lasers", "weight_grams": 300}
    (found,) = all_pages(engine, **asked)
    offers = [(one.lane, one.minor_units, one.currency) for one in found.cheapest or ()]
    assert offers == [("c-faster", 400, "EUR"), ("f-zloty", 500, "PLN")]
    (found,) = all_pages(engine, **asked, currency="PLN")
    assert [one.lane for one in found.cheapest or ()] == ["f-zloty"]


def some_lane(chance: random.Random, name: str, service: str, market: str) -> dict[str, Any]:
    refuses = chance.sample(["lasers", "gadgets", "batteries", "flammable_liquids"], 1)
    begins = chance.choice([{"from_node": "n"}, {"from_country": "PL"}, {"from_country": "JP"}])
    weights = sorted(chance.sample(range(100, 1000, 100), chance.randint(1, 3)))
    costs = [{"up_to_grams": one, "minor_units": chance.randint(1, 30)} for one in weights]
    lanes = lane(name, market, *chance.choice([[], refuses]), service=service)
    more = {"currency": chance.choice(["EUR", "PLN"]), "costs": costs}
    lanes = lanes | more | {"lead_days": days(chance.randint(1, 8))}
    return lanes | {"from_country": None} | begins


def some_provider(chance: random.Random, name: str) -> Any:
    pairs = [("last_mile", "DE"), ("last_mile", "FR"), ("returns", "DE")]
    lanes = [
        some_lane(chance, f"l-{number}", *chance.choice(pairs))
        for number in range(chance.randint(0, 4))
    ]
    services = [
        {"service": "last_mile", "markets": ["DE", "FR"]},
        {"service": "returns", "markets": ["DE"]},
    ]
    goods = chance.choice([[], ["3"], ["9"], ["3", "9"]])
    nodes = [node("n", chance.choice(["PL", "NO"]), *goods)]
    return small(name, lanes=lanes, nodes=nodes) | {"services": services}


def fits(document: Any, one: dict[str, Any], asked: dict[str, Any]) -> bool:
    """By its definition whether a lane does what is asked."""
    (place,) = document["nodes"]
    lineage = VOCABULARY.lineage(asked["category"]) if "category" in asked else ()
    goods = asked.get("dangerous_goods")
    at_node = one.get("from_node") == "n" or one.get("from_country") == place["country"]
    return (
        one["to_market"] == asked.get("market", one["to_market"])
        and one["service"] == asked.get("service", one["service"])
        and one["currency"] == asked.get("currency", one["currency"])
        and not set(one["refuses"]) & {*lineage, *(["flammable_liquids"] if goods == "3" else [])}
        and one["lead_days"]["p90"] <= asked.get("lead_days_at_most", 999)
        and ("weight_grams" not in asked or cost(one, asked) <= asked.get("cost_at_most", 999))
        and (goods is None or (at_node and goods in place["dangerous_goods"]))
    )


def cost(one: dict[str, Any], asked: dict[str, Any]) -> int:
    """Far too much where the parcel is too heavy."""
    steps = [step for step in one["costs"] if step["up_to_grams"] >= asked["weight_grams"]]
    return int(steps[0]["minor_units"]) if steps else 1000


@pytest.mark.soak
def test_any_search_finds_what_a_patient_reader_finds(engine: Engine) -> None:
    chance = random.Random(7)
    documents = [some_provider(chance, f"p-{number:02}") for number in range(24)]
    for document in documents:
        put(engine, document)
    values: dict[str, list[Any]] = {
        "market": ["DE", "FR"],
        "service": ["last_mile", "returns"],
        "category": ["lasers", "gadgets"],
        "dangerous_goods": ["3", "9"],
        "weight_grams": [150, 400, 700],
        "lead_days_at_most": [2.0, 5.0],
        "currency": ["EUR", "PLN"],
    }
    for _ in range(300 if SOAK else 25):
        names = chance.sample([*values], chance.randint(0, 3))
        asked = {name: chance.choice(values[name]) for name in [*names, "weight_grams"]}
        if "currency" in asked:
            asked["cost_at_most"] = chance.randint(1, 30)
        fitting = {
            document["id"]: [one for one in document["lanes"] if fits(document, one, asked)]
            for document in documents
        }
        found = all_pages(engine, limit=chance.randint(1, 9), **asked)
        assert [one.id for one in found] == [name for name, lanes in fitting.items() if lanes]
        for one in found:
            lowest: dict[str, int] = {}
            for each in fitting[one.id]:
                price = cost(each, asked)
                lowest[each["currency"]] = min(price, lowest.get(each["currency"], price))
            assert {offer.currency: offer.minor_units for offer in one.cheapest or ()} == lowest


def test_the_page_over_http_has_the_cheapest_lane(database_service: Service) -> None:
    headers = database_service.headers("reviewer")
    document = small("acme", lanes=[way("pl-de")])
    database_service.client.put("/v1/providers/acme", json=document, headers=headers)
    query = "market=DE&weight_grams=500&cost_at_most=500&currency=EUR&lead_days_at_most=3"
    (found,) = database_service.get(f"/v1/providers?{query}").json()["providers"]
    assert found["cheapest"] == [
        {
            "lane": "pl-de",
            "from_country": "PL",
            "from_node": None,
            "to_region": None,
            "modes": ["road"],
            "cost": {"minor_units": 500, "currency": "EUR"},
            "lead_days": {"p10": 1.0, "p50": 2.0, "p90": 3.0},
        }
    ]
    assert database_service.get(f"/v1/providers?{query}&service=returns").json() == {
        "providers": [],
        "next_cursor": None,
    }
    answer = database_service.get("/v1/providers?cost_at_most=5")
    problem = assert_problem(answer, 422, "invalid-request")
    assert [error["field"] for error in problem["errors"]] == ["weight_grams", "currency"]
