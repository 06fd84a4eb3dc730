"""Past drops over HTTP: an upload of any size, a report by line, and pages of what is kept."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from past_drop_cases import figures, ndjson, past_drop
from serving import Service, assert_problem, served

from governance.settings import Settings

NDJSON = "application/x-ndjson"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, tiny_rulesets: Path) -> Iterator[Service]:
    """A service that takes uploads of 3 MB."""
    folder = tmp_path_factory.mktemp("portal")
    settings = Settings(data_dir=folder, rulesets_dir=tiny_rulesets, max_upload_bytes=3_000_000)
    with served(settings) as service:
        yield service


def send(
    service: Service, content: Any, kind: str = NDJSON, role: str = "portal"
) -> httpx.Response:
    headers = service.headers(role) | {"Content-Type": kind}
    return service.client.post("/v1/past-drops", content=content, headers=headers)


def test_the_report_says_what_became_of_every_line(database_service: Service) -> None:
    lines = [past_drop("a"), past_drop("b"), past_drop("c", markets=[figures("UK")])]
    assert send(database_service, ndjson(lines)).json() == {
        "accepted": 2,
        "unchanged": 0,
        "replaced": 0,
        "refused_total": 1,
        "refused": [
            {
                "line": 3,
                "errors": [
                    {
                        "field": "/markets/0/country",
                        "message": "unknown country `UK`: it is no ISO 3166-1 alpha-2 code",
                        "hint": "did you mean `GB`?",
                    }
                ],
            }
        ],
    }
    again = [past_drop("a"), past_drop("b", category="apparel")]
    report = send(database_service, ndjson(again), f"{NDJSON}; charset=utf-8").json()
    assert (report["accepted"], report["unchanged"], report["replaced"]) == (0, 1, 1)
    page = database_service.get("/v1/past-drops?category=apparel", role="auditor").json()
    (kept,) = page["past_drops"]
    assert kept.pop("received_at") > "2026"
    markets = [figures("DE"), figures("US")]
    assert kept == past_drop("b", category="apparel", markets=markets, sample=False)
    assert page["totals"] == {"drops": 1, "sample_drops": 0, "creators": 1}


def test_a_single_past_drop_is_sent_as_json(portal: Service) -> None:
    body = json.dumps(past_drop("single"), indent=2)
    assert send(portal, body, "application/json").json()["accepted"] == 1
    report = send(portal, b"{", "application/json").json()
    assert [one["line"] for one in report["refused"]] == [1]


def test_an_upload_is_read_as_it_comes_beyond_the_limit_of_other_bodies(portal: Service) -> None:
    text = ndjson(past_drop(f"u-{number}") for number in range(6_000))
    assert 1_000_000 < len(text) < 3_000_000
    pieces = (text[at : at + 10_000] for at in range(0, len(text), 10_000))
    report = send(portal, pieces).json()
    assert (report["accepted"], report["refused_total"]) == (6_000, 0)
    assert send(portal, text).json()["unchanged"] == 6_000


def test_an_upload_beyond_its_own_limit_is_refused_whether_or_not_it_says_so(
    portal: Service,
) -> None:
    assert_problem(send(portal, b"\n" * 3_000_001), 413, "body-too-large")
    unsaid = (b"\n" * 100_000 for _ in range(31))
    assert_problem(send(portal, unsaid), 413, "body-too-large")


def test_a_body_of_another_kind_is_refused(portal: Service) -> None:
    document = assert_problem(send(portal, b"{}", "text/csv"), 422, "invalid-request")
    assert document["errors"][0]["field"] == "Content-Type"


def test_every_past_drop_is_on_one_page(portal: Service) -> None:
    sent = [past_drop(f"p-{number}", creator="paged é") for number in range(7)]
    send(portal, ndjson(sent))
    seen: list[str] = []
    query: dict[str, Any] = {"creator": "paged é", "country": "DE", "limit": 3}
    while True:
        answer = portal.client.get("/v1/past-drops", params=query, headers=portal.headers())
        page = answer.json()
        seen += [one["drop"] for one in page["past_drops"]]
        assert page["totals"]["drops"] == 7
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == [one["drop"] for one in sent]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("country=UK", "country"),
        ("creator=", "creator"),
        ("category=%00", "category"),
        ("cursor=%00", "cursor"),
        ("market=DE", "market"),
        ("country=DE&country=FR", "country"),
        ("limit=0", "limit"),
    ],
)
def test_a_filter_that_nothing_can_fit_is_refused(portal: Service, query: str, field: str) -> None:
    document = assert_problem(portal.get(f"/v1/past-drops?{query}"), 422, "invalid-request")
    assert document["errors"][0]["field"] == field


def test_an_auditor_reads_and_does_not_send(portal: Service) -> None:
    assert_problem(send(portal, ndjson([past_drop("x")]), role="auditor"), 403, "forbidden")
    assert portal.get("/v1/past-drops", role="auditor").status_code == 200
