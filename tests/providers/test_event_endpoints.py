"""Events over HTTP: single, in a batch, as an upload of any size; and what became of them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from event_cases import event
from serving import Service, assert_problem, served

from governance.settings import Settings

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
NDJSON = "application/x-ndjson"


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory, tiny_rulesets: Path) -> Iterator[Service]:
    """A service that knows the provider `acme` and takes uploads of 3 MB."""
    folder = tmp_path_factory.mktemp("carrier")
    settings = Settings(data_dir=folder, rulesets_dir=tiny_rulesets, max_upload_bytes=3_000_000)
    with served(settings) as service:
        document = {
            "id": "acme",
            "name": "Acme",
            "services": [{"service": "last_mile", "markets": ["DE"]}],
        }
        headers = service.headers("admin")
        made = service.client.put("/v1/providers/acme", json=document, headers=headers)
        assert made.status_code == 201, made.text
        yield service


def recent(milestone: str = "delivered", **changes: Any) -> dict[str, Any]:
    when = datetime.now(UTC) - timedelta(days=changes.pop("days", 1))
    return event(milestone, time=when.isoformat(), **changes)


def send(service: Service, kind: str, content: Any, role: str = "portal") -> httpx.Response:
    headers = service.headers(role) | {"Content-Type": kind}
    return service.client.post("/v1/provider-events", content=content, headers=headers)


def test_one_event_is_taken_in_once(carrier: Service) -> None:
    body = json.dumps(recent())
    assert send(carrier, SINGLE, body).json() == {
        "accepted": 1,
        "repeated": 0,
        "set_aside_total": 0,
        "set_aside": [],
    }
    assert send(carrier, f"{SINGLE}; charset=utf-8", body).json()["repeated"] == 1


def test_a_bad_event_of_a_batch_is_named_by_its_place_and_can_be_read_again(
    carrier: Service,
) -> None:
    batch = [recent(), recent(market="UK"), recent(), 7]
    report = send(carrier, BATCH, json.dumps(batch)).json()
    assert (report["accepted"], report["set_aside_total"]) == (2, 2)
    assert report["set_aside"][0] == {
        "line": 2,
        "pointer": "/data/market",
        "reason": "unknown-market",
        "message": "'UK' is not a country (ISO 3166-1 alpha-2)",
        "hint": "did you mean GB?",
    }
    page = carrier.get("/v1/provider-events/set-aside?limit=1", role="auditor").json()
    (newest,) = page["set_aside"]
    following = carrier.get(f"/v1/provider-events/set-aside?before={page['next_before']}").json()
    both = {newest["body"], following["set_aside"][0]["body"]}
    assert both == {json.dumps(batch[1]), "7"}


def test_an_upload_is_read_as_it_comes_beyond_the_limit_of_other_bodies(carrier: Service) -> None:
    events = [recent(shipment=f"u-{number}") for number in range(6_000)]
    text = b"".join(json.dumps(one).encode() + b"\n" for one in events)
    assert 1_000_000 < len(text) < 3_000_000
    pieces = (text[at : at + 10_000] for at in range(0, len(text), 10_000))
    report = send(carrier, NDJSON, pieces).json()
    assert (report["accepted"], report["set_aside_total"]) == (6_000, 0)
    assert send(carrier, NDJSON, text).json()["repeated"] == 6_000


def test_an_upload_beyond_its_own_limit_is_refused_whether_or_not_it_says_so(
    carrier: Service,
) -> None:
    said = send(carrier, NDJSON, b"\n" * 3_000_001)
    assert_problem(said, 413, "body-too-large")
    unsaid = send(carrier, NDJSON, (b"\n" * 100_000 for _ in range(31)))
    assert_problem(unsaid, 413, "body-too-large")
    single = send(carrier, SINGLE, b" " * 1_000_001)
    assert_problem(single, 413, "body-too-large")


def test_only_the_first_hundred_that_are_set_aside_are_listed(carrier: Service) -> None:
    report = send(carrier, NDJSON, b"{\n" * 150).json()
    assert report["set_aside_total"] == 150
    assert [one["line"] for one in report["set_aside"]] == list(range(1, 101))


def test_a_body_that_holds_no_events_is_refused(carrier: Service) -> None:
    assert_problem(send(carrier, "application/json", b"{}"), 422, "invalid-request")
    assert_problem(send(carrier, BATCH, b"{}"), 422, "invalid-request")
    assert_problem(send(carrier, BATCH, b"[{"), 400, "malformed-body")
    asked = carrier.get("/v1/provider-events/set-aside?after=1")
    assert_problem(asked, 422, "invalid-request")


def test_performance_is_current_with_the_last_event(carrier: Service) -> None:
    promised = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    made = recent("accepted", days=3, shipment="p-1", lane="a", promised_at=promised)
    send(carrier, SINGLE, json.dumps(made))
    assert on_time(carrier) == (0, 1)
    send(carrier, SINGLE, json.dumps(recent("delivered", shipment="p-1")))
    assert on_time(carrier) == (1, 1)
    assert_problem(carrier.get("/v1/providers/nobody/performance"), 404, "not-found")


def on_time(service: Service) -> tuple[int, int]:
    answer = service.get("/v1/providers/acme/performance", role="auditor").json()
    assert answer["provider_id"] == "acme"
    (one,) = [
        metric
        for metric in answer["metrics"]
        if metric["name"] == "on_time_delivery" and metric["lane"] == "a"
    ]
    assert (one["service"], one["market"]) == ("last_mile", "DE")
    assert 0 < one["estimate"]["p10"] < one["estimate"]["p90"] < 1
    week = one["windows"][0]
    assert week["days"] == 7
    return week["hits"], week["trials"]
