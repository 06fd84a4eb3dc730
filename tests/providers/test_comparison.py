"""Providers side by side over HTTP: all rows, whatever becomes of the providers' own systems."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from connector_stand_ins import installed
from event_cases import event, lines
from provider_documents import lane, small
from serving import Service, assert_problem, served
from sqlalchemy import Engine
from test_registry import VOCABULARY, put

from governance.db import transaction
from governance.errors import InvalidRequest
from governance.providers.comparison.query import read_asked
from governance.providers.comparison.schemas import ComparisonOut
from governance.providers.comparison.service import compare_providers
from governance.providers.events.ingest import ingest
from governance.providers.performance.priors import learn
from governance.settings import Settings

RATES = """\
lane,service,from_country,to_market,up_to_grams,minor_units,currency,lead_days_p10,lead_days_p50,\
lead_days_p90,modes,refuses
express,last_mile,PL,DE,1000,650,PLN,1,1,2,road,lasers
plain,last_mile,PL,DE,1000,500,PLN,2,3,4,road post,
from-france,last_mile,FR,DE,1000,900,EUR,2,3,4,road,
"""
PARCEL = {"market": "DE", "service": "last_mile", "weight_grams": 500}
NODE = {
    "id": "berlin",
    "name": "Berlin",
    "country": "DE",
    "latitude": 52.5,
    "longitude": 13.4,
    "capacity_units": 1000,
    "dangerous_goods": ["9"],
}


def promise(market: str, value: float) -> dict[str, Any]:
    return {
        "service": "last_mile", "market": market, "metric": "on_time_delivery", "value": value,
    }  # fmt: skip


def way(lane_id: str, cost: int, p90: float, *refuses: str, **more: Any) -> dict[str, Any]:
    costs = [{"up_to_grams": 1000, "minor_units": cost}]
    days = {"p10": 1, "p50": 1, "p90": p90}
    return lane(lane_id, "DE", *refuses) | {"costs": costs, "lead_days": days} | more


PROVIDERS = [
    small(
        "good",
        lanes=[way("cheap", 700, 5), way("fast", 900, 2, "lasers"), way("euro", 300, 6) | {
            "currency": "EUR", "from_country": "FR",
        }],
        nodes=[NODE],
        slas=[promise("*", 0.9), promise("DE", 0.97)],
    ),
    small("garbled", lanes=[way("only", 800, 3)]),
    small("gone", lanes=[way("only", 800, 3)]),
    small("hung", lanes=[way("only", 600, 3)]),
    small("plain", "FR"),
]  # fmt: skip


def history(provider: str, on_time: int, late: int) -> Iterator[dict[str, Any]]:
    """So many shipments, delivered a month ago."""
    promised = datetime.now(UTC) - timedelta(days=30)
    for number in range(on_time + late):
        at = promised + timedelta(days=1 if number < late else -1)
        more = {"provider": provider, "shipment": f"{provider}-{number}"}
        begun = (promised - timedelta(days=5)).isoformat()
        yield event("accepted", time=begun, promised_at=promised.isoformat(), **more)
        yield event("delivered", time=at.isoformat(), **more)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, tiny_rulesets: Path) -> Iterator[Service]:
    """Four providers with connectors: one is well, one's file is broken, one's is gone, one hangs.

    A fifth has none.
    """
    folder = tmp_path_factory.mktemp("compared")
    for name, rates in (("good", RATES), ("garbled", "lane;service\nx;y\n")):
        (folder / name).mkdir()
        (folder / name / "rates.csv").write_text(rates)
    text = "".join(
        f'[{name}]\nconnector = "files"\noptions = {{folder = "{folder}/{name}"}}\n'
        for name in ("good", "garbled", "gone")
    )
    text += '[hung]\nconnector = "hanging"\nlimits = {seconds = 600}\n'
    (folder / "connectors.toml").write_text(text)
    settings = Settings(
        data_dir=folder / "var",
        rulesets_dir=tiny_rulesets,
        connectors=folder / "connectors.toml",
        connector_deadline_seconds=0.5,
    )
    stand_ins = installed(folder / "site", "stand_ins", hanging="connector_stand_ins:hanging")
    with stand_ins, served(settings) as running:
        body = {"providers": PROVIDERS}
        answer = running.client.post(
            "/v1/providers/import", json=body, headers=running.headers("reviewer")
        )
        assert answer.status_code == 200, answer.text
        events = [*history("good", 120, 0), *history("hung", 60, 60)]
        report = ingest(running.engine, lines(events), datetime.now(UTC))
        assert report.accepted == len(events), report
        yield running


def compare(service: Service, /, **query: Any) -> httpx.Response:
    return service.client.get(
        "/v1/providers/compare", params=PARCEL | query, headers=service.headers()
    )


def rows(service: Service, *providers: str, **query: Any) -> dict[str, Any]:
    answer = compare(service, provider=list(providers), **query)
    assert answer.status_code == 200, answer.text
    return {row["id"]: row for row in answer.json()["providers"]}


def not_known(row: dict[str, Any]) -> dict[str, str]:
    return {one["field"]: one["why"] for one in row["not_known"]}


def test_every_provider_has_its_row_whatever_becomes_of_its_connector(service: Service) -> None:
    found = rows(service, "hung", "gone", "garbled", "good", "plain", from_country="PL")
    assert [*found] == ["garbled", "gone", "good", "hung", "plain"]
    said = {
        name: {message["code"] for message in row["quote"]["messages"]}
        for name, row in found.items()
        if row["quote"]
    }
    assert said == {
        "garbled": {"unreadable-file"},
        "gone": {"connector-broken"},
        "good": set(),
        "hung": {"time-limit"},  # had it been waited for, it would have answered garbage
    }
    assert found["good"]["quote"]["rates"] == [
        {
            "lane": "express",
            "modes": ["road"],
            "cost": {"minor_units": 650, "currency": "PLN"},
            "lead_days": {"p10": 1.0, "p50": 1.0, "p90": 2.0},
        },
        {
            "lane": "plain",
            "modes": ["road", "post"],
            "cost": {"minor_units": 500, "currency": "PLN"},
            "lead_days": {"p10": 2.0, "p50": 3.0, "p90": 4.0},
        },
    ]
    for name in ("garbled", "gone", "hung"):
        assert found[name]["quote"]["rates"] is None
        assert "quote" in not_known(found[name])
    assert found["plain"]["quote"] is None
    assert "no connector" in not_known(found["plain"])["quote"]


def test_a_row_holds_what_is_known_and_names_what_is_not(service: Service) -> None:
    found = rows(service, "good", "plain", category="lasers")
    good, plain = found["good"], found["plain"]
    assert (good["standing"], good["sample"], good["offers_service"]) == ("applicant", False, True)
    offers = [(one["lane"], one["cost"]["currency"]) for one in good["cheapest"]]
    assert offers == [("euro", "EUR"), ("cheap", "PLN")]
    assert good["fastest"]["lane"] == "cheap"  # the faster one refuses them
    assert good["refuses"] == [{"word": "lasers", "lanes": ["fast"]}]
    assert [(node["id"], node["capacity_units"]) for node in good["nodes"]] == [("berlin", 1000)]
    assert good["slas"] == [{"metric": "on_time_delivery", "value": 0.97, "market": "DE"}]
    metrics = {one["name"]: one for one in good["metrics"]}
    on_time = metrics["on_time_delivery"]["estimate"]
    assert on_time["shipments"] == 120
    assert 0.9 < on_time["p10"] < on_time["mean"] < on_time["p90"] <= 1
    assert "valid_tracking" in not_known(good)["metrics"]
    assert "on_time_delivery" not in not_known(good)["metrics"]
    assert plain["metrics"] == plain["slas"] == plain["nodes"] == plain["cheapest"] == []
    assert plain["fastest"] is None
    unknown = not_known(plain)
    assert [*unknown] == [
        "offers_service", "metrics", "slas", "cheapest", "fastest", "refuses", "nodes", "quote",
    ]  # fmt: skip
    assert unknown["fastest"] == "no lane of last_mile to DE is declared"


def test_goods_and_weight_that_no_lane_takes_are_told(service: Service) -> None:
    found = rows(service, "good", "garbled", weight_grams=1001)
    why = "none of its lanes of last_mile to DE takes these goods at 1,001 g"
    assert not_known(found["good"])["cheapest"] == why
    (message,) = found["good"]["quote"]["messages"]
    assert message["code"] == "no-origin"


def test_who_is_not_told_where_the_parcel_starts_is_asked_from_the_fastest_lane(
    service: Service,
) -> None:
    found = rows(service, "good", "plain")
    assert found["good"]["fastest"]["lane"] == "fast"
    assert found["good"]["quote"]["from_country"] == "PL"
    found = rows(service, "good", "plain", from_country="FR")
    assert [one["lane"] for one in found["good"]["cheapest"]] == ["euro"]
    assert [one["lane"] for one in found["good"]["quote"]["rates"]] == ["from-france"]
    found = rows(service, "good", "plain", from_country="JP")
    assert found["good"]["quote"]["rates"] == []  # it was asked, and takes no such parcel
    assert "quote" not in not_known(found["good"])


def test_the_best_is_marked_where_it_is_plain_or_certain(service: Service) -> None:
    found = rows(service, "good", "garbled", "hung")
    assert found["good"]["best"] == ["fastest", "on_time_delivery"]
    assert found["hung"]["best"] == ["cheapest.PLN"]
    assert found["garbled"]["best"] == []


def test_without_providers_all_who_serve_the_market_are_compared(service: Service) -> None:
    answer = compare(service).json()
    assert [row["id"] for row in answer["providers"]] == ["garbled", "gone", "good", "hung"]
    assert answer["note"] is None
    assert compare(service, market="JP").json()["providers"] == []
    more = [small(f"x-{number:02}", "NO") for number in range(11)]
    service.client.post(
        "/v1/providers/import", json={"providers": more}, headers=service.headers("reviewer")
    )
    answer = compare(service, market="NO").json()
    assert [row["id"] for row in answer["providers"]] == [one["id"] for one in more[:10]]
    assert answer["note"].startswith("more than 10 serve NO")


def test_the_rows_are_the_same_on_either_database(engine: Engine) -> None:
    for document in PROVIDERS:
        put(engine, document)
    now = datetime.now(UTC)
    ingest(engine, lines(history("good", 9, 1)), now)

    def compared(*providers: str) -> ComparisonOut:
        asked = read_asked(VOCABULARY, providers=providers, categories=["lasers"], **PARCEL)
        with transaction(engine) as session:
            priors = learn(session, now)
        return compare_providers(engine, {}, priors, asked, now, deadline=1)

    _, _, good, _ = compared().providers
    assert [one.lane for one in good.cheapest] == ["euro", "cheap"]
    assert good.fastest is not None
    assert good.fastest.lane == "cheap"
    shown = [(one.name, one.estimate and one.estimate.shipments) for one in good.metrics]
    assert ("on_time_delivery", 10) in shown
    with pytest.raises(InvalidRequest, match="there is no provider"):
        compared("good", "\x00")


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"provider": ["good"]}, ["provider"]),
        ({"provider": ["good", "good"]}, ["provider"]),
        ({"provider": [f"p-{number}" for number in range(11)]}, ["provider"]),
        ({"provider": ["good", "goof", "gine"]}, ["provider", "provider"]),
        ({"provider": ["good", "\x00"]}, ["provider"]),
        ({"market": "UK", "service": "last-mile"}, ["market", "service"]),
        ({"weight_grams": 0, "category": ["lasers", "laser"]}, ["weight_grams", "category"]),
        ({"from_country": "PO"}, ["from_country"]),
        ({"form_country": "PL"}, ["form_country"]),
        ({"market": ["DE", "FR"]}, ["market"]),
    ],
)
def test_what_cannot_be_compared_is_named(
    service: Service, query: dict[str, Any], fields: list[str]
) -> None:
    problem = assert_problem(compare(service, **query), 422, "invalid-request")
    assert [error["field"] for error in problem["errors"]] == fields
    assert all(error.get("hint") for error in problem["errors"])


def test_market_service_and_weight_are_needed(service: Service) -> None:
    problem = assert_problem(service.get("/v1/providers/compare"), 422, "invalid-request")
    assert {error["field"] for error in problem["errors"]} == {"market", "service", "weight_grams"}


def test_connectors_are_listed_with_what_they_can_do_and_what_is_wrong(service: Service) -> None:
    found = service.get("/v1/connectors").json()["connectors"]
    assert [(one["provider"], one["connector"], one["opened"]) for one in found] == [
        ("garbled", "files", True),
        ("gone", "files", False),
        ("good", "files", True),
        ("hung", "hanging", True),
    ]
    assert found[0]["calls"] == [{"call": "quote", "breaker": "closed"}]
    assert found[1]["calls"] == []
    (message,) = found[1]["messages"]
    assert message["code"] == "connector-broken"
    assert "`folder` names no folder" in message["sentence"]
    assert found[2]["messages"] == []
