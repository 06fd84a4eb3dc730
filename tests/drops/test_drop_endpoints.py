"""`/v1/drops` from outside: made once a key, seen by its maker, revised by version, closed."""

from collections import Counter
from itertools import chain
from typing import Any

import pytest
from racing import Race
from repeated_posts import post_at_once
from serving import Service, assert_problem
from sqlmodel import func, select
from tiny_drop import document, keep_a_plan, lead

from governance.access import keys
from governance.access.models import Role
from governance.db import transaction
from governance.drops import registry
from governance.drops.models import Drop, DropState

DROPS = "/v1/drops"


def post(service: Service, given: Any = None, *, role: str = "portal", **headers: str):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = document() if given is None else given
    return service.client.post(DROPS, json=body, headers=service.headers(role) | named)


def put(service: Service, drop_id: str, version: int, *, role: str = "portal", **changed: Any):
    address = f"{DROPS}/{drop_id}?version={version}"
    return service.client.put(address, json=document(**changed), headers=service.headers(role))


def close(service: Service, drop_id: str, reason: str = "over", *, role: str = "portal"):
    address = f"{DROPS}/{drop_id}/close"
    return service.client.post(address, json={"reason": reason}, headers=service.headers(role))


def made(service: Service) -> int:
    with transaction(service.engine) as session:
        return session.exec(select(func.count()).select_from(Drop)).one()


@pytest.fixture(scope="module")
def stranger(service: Service) -> str:
    """A role that stands for the key of another portal."""
    with transaction(service.engine, write=True) as session:
        secret = keys.load_secret(service.settings)
        _, key = keys.create(session, secret, name="stranger", role=Role.PORTAL)
    service.keys["stranger"] = key
    return "stranger"


def test_a_drop_is_made_read_and_listed(service: Service) -> None:
    answer = post(service)
    assert answer.status_code == 201, answer.text
    drop = answer.json()
    assert drop["state"] == "draft"
    assert drop["steps_lead_to"] == ["planned", "closed"]
    assert drop["markets"] == ["DE", "FR"]
    assert drop["created_by"] == service.ids["portal"]
    assert (drop["plan_digest"], drop["judged_decision_id"]) == (None, None)
    assert drop["document"]["products"][1]["salvage"] == 0
    assert service.get(f"{DROPS}/{drop['id']}").json() == drop
    listed = service.get(f"{DROPS}?limit=1&creator=creator-1&state=draft&market=FR").json()
    summary = listed["drops"][0]
    assert summary == {name: drop[name] for name in summary}
    assert "document" not in summary


def test_pages_lead_to_the_end(service: Service) -> None:
    ids = [post(service).json()["id"] for _ in range(3)]
    seen: list[str] = []
    address = f"{DROPS}?limit=2"
    while True:
        page = service.get(address).json()
        seen += [one["id"] for one in page["drops"]]
        if page["next_cursor"] is None:
            break
        address = f"{DROPS}?limit=2&cursor={page['next_cursor']}"
    assert len(seen) == len(set(seen))
    assert set(ids) <= set(seen)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=lively", "state"),
        ("stat=draft", "stat"),
        ("market=UK", "market"),
        ("limit=0", "limit"),
        ("cursor=5", "cursor"),
        ("text=a&text=b", "text"),
    ],
)
def test_a_search_that_is_wrong_is_a_problem(service: Service, query: str, field: str) -> None:
    problem = assert_problem(service.get(f"{DROPS}?{query}"), 422, "invalid-request")
    assert [one["field"] for one in problem["errors"]] == [field]


def test_a_document_that_is_wrong_names_every_field_and_makes_nothing(service: Service) -> None:
    before = made(service)
    wrong = document(currency="eur", budget=0, colour="red")
    wrong["products"][0]["category"] = "gadget"
    problem = assert_problem(post(service, wrong), 422, "invalid-request")
    fields = {one["field"] for one in problem["errors"]}
    assert fields == {"/currency", "/budget", "/colour", "/products/0/category"}
    assert all(one["hint"] for one in problem["errors"])
    drop_id = post(service).json()["id"]
    answer = service.client.put(
        f"{DROPS}/{drop_id}?version=1", json=wrong, headers=service.headers()
    )
    again = assert_problem(answer, 422, "invalid-request")
    assert {one["field"] for one in again["errors"]} == fields
    assert made(service) == before + 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed-body"),
        (b"[]", 422, "invalid-request"),
        (b"null", 422, "invalid-request"),
        (b"", 422, "invalid-request"),
        (b'{"title": "\\ud800"}', 422, "invalid-request"),
        (b'{"budget": NaN}', 422, "invalid-request"),
    ],
)
def test_a_body_that_is_no_document_is_a_problem(
    service: Service, body: bytes, status: int, code: str
) -> None:
    headers = service.headers() | {"Content-Type": "application/json"}
    assert_problem(service.client.post(DROPS, content=body, headers=headers), status, code)


def test_another_portal_finds_none_of_these_drops(service: Service, stranger: str) -> None:
    drop_id = post(service).json()["id"]
    with transaction(service.engine, write=True) as session:
        keep_a_plan(session, registry.locked(session, drop_id))
    before = service.get(f"{DROPS}/{drop_id}").json()
    for part in ("", "/changes", "/plan"):
        hidden = service.get(f"{DROPS}/{drop_id}{part}", role=stranger)
        assert_problem(hidden, 404, "not-found")
        for role in ("portal", "reviewer", "auditor", "admin"):
            assert service.get(f"{DROPS}/{drop_id}{part}", role=role).status_code == 200
    assert_problem(put(service, drop_id, 1, role=stranger, title="Mine"), 404, "not-found")
    assert_problem(close(service, drop_id, role=stranger), 404, "not-found")
    assert service.get(DROPS, role=stranger).json()["drops"] == []
    assert drop_id in {one["id"] for one in service.get(DROPS, role="auditor").json()["drops"]}
    assert service.get(f"{DROPS}/{drop_id}").json() == before


@pytest.mark.parametrize("drop_id", ["drp_none", "a%00b", "DRP"])
def test_a_drop_that_is_not_there_is_404(service: Service, drop_id: str) -> None:
    assert service.get(f"{DROPS}/{drop_id}").status_code == 404
    assert put(service, drop_id, 1).status_code == 404
    assert close(service, drop_id).status_code == 404


def test_a_drop_is_revised_by_the_version_that_was_read(service: Service) -> None:
    drop_id = post(service).json()["id"]
    revised = put(service, drop_id, 1, title="Another", markets=["FR"])
    assert revised.status_code == 200, revised.text
    assert (revised.json()["version"], revised.json()["markets"]) == (2, ["FR"])
    stale = assert_problem(put(service, drop_id, 1, title="A third"), 409, "stale-version")
    assert stale["version"] == 2
    missing = service.client.put(f"{DROPS}/{drop_id}", json=document(), headers=service.headers())
    assert assert_problem(missing, 422, "invalid-request")["errors"][0]["field"] == "version"
    assert put(service, drop_id, 2, role="reviewer").status_code == 403
    lead(service.engine, drop_id, DropState.PLANNED, DropState.CLOSED)
    problem = assert_problem(put(service, drop_id, 2, title="A third"), 409, "illegal-step")
    assert problem["steps"] == []


def test_a_drop_is_closed_once_with_a_reason_and_its_steps_are_told(service: Service) -> None:
    drop_id = post(service).json()["id"]
    lead(service.engine, drop_id, DropState.PLANNED)
    assert_problem(close(service, drop_id, ""), 422, "invalid-request")
    assert_problem(close(service, drop_id, " "), 422, "invalid-request")
    closed = close(service, drop_id, "sold elsewhere")
    assert closed.status_code == 200, closed.text
    assert (closed.json()["state"], closed.json()["steps_lead_to"]) == ("closed", [])
    assert assert_problem(close(service, drop_id), 409, "illegal-step")["steps"] == []
    changes = service.get(f"{DROPS}/{drop_id}/changes").json()["changes"]
    assert [(one["from_state"], one["to_state"]) for one in changes] == [
        ("draft", "planned"),
        ("planned", "closed"),
    ]
    assert changes[1]["actor"] == service.ids["portal"]
    assert changes[1]["reason"] == "sold elsewhere"


def test_a_plan_is_read_as_it_was_made(service: Service) -> None:
    drop_id = post(service).json()["id"]
    address = f"{DROPS}/{drop_id}/plan"
    assert_problem(service.get(address), 404, "not-found")
    with transaction(service.engine, write=True) as session:
        drop = registry.locked(session, drop_id)
        first, second = keep_a_plan(session, drop), keep_a_plan(session, drop)
    newest = service.get(address).json()
    assert (newest["digest"], newest["plan"]["drop"]) == (second, drop_id)
    assert (newest["document_version"], newest["made_by"]) == (1, "planner")
    assert service.get(f"{DROPS}/{drop_id}").json()["plan_digest"] == second
    assert service.get(f"{address}?digest={first}").json()["digest"] == first
    for unknown in ("sha256:0", "a%00"):
        assert_problem(service.get(f"{address}?digest={unknown}"), 404, "not-found")
    assert_problem(service.get(f"{address}?hash={first}"), 422, "invalid-request")


def test_the_same_key_and_document_give_the_first_answer(service: Service) -> None:
    before = made(service)
    first = post(service, Idempotency_Key="d-1")
    shuffled = dict(reversed(document().items())) | {"reach": document()["reach"]}
    again = post(service, shuffled, Idempotency_Key="d-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert made(service) == before + 1
    other = post(service, document(title="Other"), Idempotency_Key="d-1")
    assert_problem(other, 422, "idempotency-mismatch")
    assert post(service, role="admin", Idempotency_Key="d-1").json()["id"] != first.json()["id"]
    assert made(service) == before + 2


def test_a_hundred_requests_at_once_with_one_key_make_one_drop(
    database_service: Service, race: Race
) -> None:
    """From four processes at once, as the portal's own servers would send them again."""
    key = database_service.keys["portal"]
    address = f"{database_service.url}{DROPS}"
    answers = [*chain.from_iterable(race(4, post_at_once, address, key, document(), 25))]
    assert len(answers) == 100
    given = Counter(status for status, _ in answers)
    assert given.keys() <= {201, 409}
    assert given[201] >= 1
    assert len({body for status, body in answers if status == 201}) == 1
    assert made(database_service) == 1
    last = post(database_service, Idempotency_Key="the-same")
    assert {last.text} == {body for status, body in answers if status == 201}
