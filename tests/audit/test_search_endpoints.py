"""`GET /v1/decisions` and its facets: what is meant, for whom, a page at a time."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from serving import Service, assert_problem
from sqlmodel import delete
from tiny_library import ask, paper

from governance.access import keys
from governance.access.models import Role
from governance.app import create_app
from governance.audit.filter_query import NAMES
from governance.db import transaction
from governance.decisions.models import PersonalValues

QUESTIONS = [
    ask("DE", "FR"),
    ask("FR"),
    ask("DE", "CN", "JP", attributes={"colour": "red"}),
    ask("FR", category="paper", attributes={}),
    ask("DE", evidence=[paper("de.register")], attributes={"radio": True}),
    ask("JP", "US"),
]


def fill(service: Service) -> None:
    """Decisions of two callers, and refusals of a third."""
    for question in QUESTIONS:
        assert service.ask(question).status_code == 200
    for question in QUESTIONS[:3]:
        assert service.ask(question, role="admin").status_code == 200
    assert service.ask(QUESTIONS[0], role="auditor").status_code == 403
    assert service.get("/v1/markets", role=None).status_code == 401


def search(service: Service, role: str = "auditor", path: str = "", **query: Any) -> httpx.Response:
    return service.get(f"/v1/decisions{path}?{urlencode(query)}", role=role)


def walk(service: Service, role: str = "auditor", **query: Any) -> Iterator[dict[str, Any]]:
    cursor: dict[str, str] = {}
    while True:
        answer = search(service, role, **query, **cursor)
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert len(found["decisions"]) <= query.get("limit", 50)
        yield from found["decisions"]
        if found["next_cursor"] is None:
            return
        cursor = {"cursor": found["next_cursor"]}


def on_record(service: Service) -> list[dict[str, Any]]:
    """Every decision by the definition: read from its own input and result."""
    found = []
    for row in service.decisions():
        result, asked = json.loads(row.result), json.loads(row.input)
        sale = row.gate == "sale"
        verdicts = {one["market"]: one["verdict"] for one in result["markets"]} if sale else None
        found.append(
            {
                "decision_id": row.decision_id,
                "timestamp": row.timestamp.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "gate": row.gate,
                "category": asked["product"]["category"] if sale else None,
                "verdicts": verdicts or {"": result["verdict"]},
                "release": row.release,
                "requested_by": row.requested_by,
                "erased": False,
            }
        )
    return found


def means(query: dict[str, str], one: dict[str, Any]) -> bool:
    """Whether a query means a decision, by the definition; instants as they are recorded."""
    named = {"gate": "gate", "category": "category", "release": "release", "caller": "requested_by"}
    return (
        all(one[field] == query[name] for name, field in named.items() if name in query)
        and query.get("from", "") <= one["timestamp"] < query.get("to", "9")
        and any(
            query.get("market", market) == market and query.get("verdict", verdict) == verdict
            for market, verdict in one["verdicts"].items()
        )
    )


def test_every_filter_alone_and_together_finds_what_it_means(database_service: Service) -> None:
    fill(database_service)
    record = on_record(database_service)
    middle, late = record[4]["timestamp"], record[9]["timestamp"]
    portal, admin = database_service.ids["portal"], database_service.ids["admin"]
    queries: list[dict[str, str]] = [
        {},
        {"from": middle},
        {"to": middle},
        {"from": middle, "to": late},
        {"market": "DE"},
        {"market": "BR"},
        {"category": "paper"},
        {"category": "lasers"},
        {"verdict": "prohibited"},
        {"verdict": "needs_facts"},
        {"gate": "access"},
        {"gate": "erasure"},
        {"caller": portal},
        {"caller": "anonymous"},
        {"release": record[0]["release"]},
        {"release": "sha256:" + "0" * 64},
        {"market": "DE", "verdict": "prohibited"},
        {"market": "FR", "category": "gadgets", "caller": admin},
        {"from": middle, "to": late, "market": "DE", "category": "gadgets", "gate": "sale"},
        {
            "from": record[2]["timestamp"],
            "to": late,
            "market": "DE",
            "category": "gadgets",
            "verdict": "prohibited",
            "gate": "sale",
            "caller": portal,
            "release": record[0]["release"],
        },
    ]
    for query in queries:
        expected = [one for one in record if means(query, one)]
        assert list(walk(database_service, **query)) == expected[::-1], query
        assert list(walk(database_service, **query, order="asc", limit=2)) == expected, query
        total = search(database_service, path="/facets", **query).json()["total"]
        assert total == len(expected), query


def test_facets_count_decisions_and_answers(database_service: Service) -> None:
    fill(database_service)
    record = on_record(database_service)
    found = search(database_service, path="/facets").json()
    assert found["total"] == len(record) == sum(one["count"] for one in found["gate"])
    answers = [answer for one in record for answer in one["verdicts"].items()]
    assert listed(found, "gate") == Counter(one["gate"] for one in record)
    assert listed(found, "category") == Counter(c for one in record if (c := one["category"]))
    assert listed(found, "release") == Counter(one["release"] for one in record)
    assert listed(found, "day") == Counter(one["timestamp"][:10] for one in record)
    assert listed(found, "market") == Counter(market for market, _ in answers if market)
    assert listed(found, "verdict") == Counter(verdict for _, verdict in answers)
    assert found["note"] is None
    in_germany = search(database_service, path="/facets", market="DE").json()
    verdicts = Counter(verdict for market, verdict in answers if market == "DE")
    assert listed(in_germany, "verdict") == verdicts
    assert listed(in_germany, "market") == {"DE": verdicts.total()}


def listed(found: dict[str, Any], name: str) -> dict[str, int]:
    return {one["value"]: one["count"] for one in found[name]}


def test_a_portal_finds_what_it_asked_for_and_nothing_else(service: Service) -> None:
    fill(service)
    own = service.ids["portal"]
    record = [one for one in on_record(service) if one["requested_by"] == own]
    newest_first = record[::-1]
    assert list(walk(service, "portal")) == newest_first
    assert list(walk(service, "portal", caller="me")) == newest_first
    assert list(walk(service, "portal", caller=own, limit=3)) == newest_first
    assert search(service, "portal", "/facets").json()["total"] == len(record)
    assert list(walk(service, "auditor", caller="me")) == list(
        walk(service, "auditor", caller=service.ids["auditor"])
    )


@pytest.mark.parametrize("path", ["", "/facets"])
def test_a_portal_that_asks_for_another_caller_is_refused_on_the_record(
    service: Service, path: str
) -> None:
    for other in (service.ids["admin"], "anonymous", "nobody"):
        count = len(service.decisions())
        assert_problem(search(service, "portal", path, caller=other), 403, "forbidden")
        (row,) = service.decisions()[count:]
        resource = json.loads(row.input)["resource"]
        assert resource == {"path": f"/v1/decisions{path}", "requested_by": other}
        assert row.requested_by == service.ids["portal"]


def test_a_portal_does_not_follow_the_cursor_of_another(service: Service) -> None:
    fill(service)
    secret = keys.load_secret(service.settings)
    with transaction(service.engine, write=True) as session:
        _, service.keys["second"] = keys.create(session, secret, name="2", role=Role.PORTAL)
    cursor = search(service, "portal", limit=1).json()["next_cursor"]
    answer = search(service, "second", cursor=cursor)
    assert assert_problem(answer, 422, "invalid-request")["errors"][0]["field"] == "cursor"


@pytest.mark.parametrize(
    ("query", "field", "hint"),
    [
        ("markt=FR", "markt", "did you mean `market`?"),
        ("Market=FR", "Market", "did you mean `market`?"),
        ("xyz=1", "xyz", "it knows from, to, market"),
        ("market=FR&market=DE", "market", "give it once"),
        ("market=UK", "market", "did you mean GB?"),
        ("market=", "market", "ISO 3166-1"),
        ("verdict=prohibit", "verdict", "did you mean `prohibited`?"),
        ("verdict=yes", "verdict", "prohibited, unknown"),
        ("gate=sales", "gate", "did you mean `sale`?"),
        ("gate=", "gate", "sale, provider, drop, access, erasure"),
        ("category=gadget", "category", "did you mean `gadgets`?"),
        ("category=", "category", "leave it out"),
        ("caller=", "caller", "leave it out"),
        ("caller=%00", "caller", "leave it out"),
        ("release=1", "release", "64 hex digits"),
        ("from=yesterday", "from", "2026-11-22"),
        ("from=2026-11-22T10:00:00", "from", "2026-11-22"),
        ("to=2026-02-30", "to", "2026-11-22"),
        ("from=2026-11-22&to=2026-11-21", "to", "a later day"),
    ],
)
@pytest.mark.parametrize("path", ["", "/facets"])
def test_what_nobody_knows_is_named_and_never_passed_over(
    service: Service, path: str, query: str, field: str, hint: str
) -> None:
    answer = service.get(f"/v1/decisions{path}?{query}", role="auditor")
    (error,) = assert_problem(answer, 422, "invalid-request")["errors"]
    assert error["field"] == field
    assert hint in error["hint"]


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=0", "limit"), ("limit=201", "limit"), ("limit=ten", "limit"), ("order=up", "order"),
     ("cursor=", "cursor"), ("cursor=" + "A" * 32, "cursor"), ("cursor=%00", "cursor")],
)  # fmt: skip
def test_a_wrong_page_is_named(service: Service, query: str, field: str) -> None:
    answer = service.get(f"/v1/decisions?{query}", role="auditor")
    assert assert_problem(answer, 422, "invalid-request")["errors"][0]["field"] == field


def test_facets_have_no_pages(service: Service) -> None:
    answer = service.get("/v1/decisions/facets?limit=5", role="auditor")
    assert assert_problem(answer, 422, "invalid-request")["errors"][0]["field"] == "limit"


def test_a_cursor_holds_for_its_own_filters_and_order_only(service: Service) -> None:
    fill(service)
    day = {"from": "2020-01-01", "to": "2999-12-31"}
    cursor = search(service, **day, limit=1).json()["next_cursor"]
    same = {"from": "2020-01-01T01:00:00+01:00", "to": "3000-01-01T00:00:00Z"}
    assert search(service, **same, cursor=cursor).status_code == 200
    tampered = ("B" if cursor[0] == "A" else "A") + cursor[1:]
    for query in (
        day | {"cursor": tampered},
        day | {"cursor": cursor + "A"},
        day | {"cursor": cursor, "order": "asc"},
        day | {"cursor": cursor, "market": "FR"},
        {"cursor": cursor},
    ):
        answer = search(service, **query)
        (error,) = assert_problem(answer, 422, "invalid-request")["errors"]
        assert error["field"] == "cursor"


def test_who_is_not_known_is_told_nothing_of_the_filters(service: Service) -> None:
    for path in ("", "/facets"):
        assert_problem(
            service.get(f"/v1/decisions{path}?markt=FR", role=None), 401, "unauthenticated"
        )


def test_a_list_says_which_decisions_were_erased(database_service: Service) -> None:
    fill(database_service)
    with transaction(database_service.engine, write=True) as session:
        session.exec(delete(PersonalValues))
    for one in walk(database_service):
        assert one["erased"] == (one["gate"] == "sale")


def test_the_names_that_are_known_are_those_of_the_document() -> None:
    paths = create_app().openapi()["paths"]
    for path, more in (("", {"order", "limit", "cursor"}), ("/facets", set())):
        parameters = paths[f"/v1/decisions{path}"]["get"]["parameters"]
        assert {one["name"] for one in parameters} == {*NAMES, *more}
