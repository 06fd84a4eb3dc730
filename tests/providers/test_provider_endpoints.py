"""`/v1/providers` on both databases: put, read, import, and every refusal as a problem."""

import json
from typing import Any

import httpx
import pytest
from provider_documents import WHOLE, small, whole
from serving import Service, assert_problem


def put(service: Service, document: Any, name: str = "acme", role: str = "admin") -> httpx.Response:
    return service.client.put(f"/v1/providers/{name}", json=document, headers=service.headers(role))


def send(service: Service, body: str | bytes, kind: str = "application/yaml") -> httpx.Response:
    headers = service.headers("reviewer") | {"Content-Type": kind}
    return service.client.post("/v1/providers/import", content=body, headers=headers)


def registered(service: Service) -> dict[str, Any]:
    return {name: rows for name, rows in service.dump().items() if name.startswith("provider")}


def test_put_says_201_then_200_and_gives_the_same_document_back(
    database_service: Service,
) -> None:
    first = put(database_service, WHOLE)
    assert first.status_code == 201, first.text
    assert first.json()["document"] == WHOLE
    assert first.json()["standing"] == "applicant"
    assert first.json()["standing_since"] == first.json()["registered_at"]
    before = registered(database_service)
    again = put(database_service, WHOLE, role="reviewer")
    assert (again.status_code, again.json()) == (200, first.json())
    assert registered(database_service) == before
    assert database_service.get("/v1/providers/acme").json() == first.json()
    less = put(database_service, small("acme"))
    assert less.status_code == 200
    assert less.json()["document"]["lanes"] == []
    assert less.json()["registered_at"] == first.json()["registered_at"]


def test_an_import_is_whole_or_not_at_all(database_service: Service) -> None:
    put(database_service, WHOLE)
    before = registered(database_service)
    bad = {"providers": [small("new"), whole(name="Other"), small("broken", "UK")]}
    problem = assert_problem(send(database_service, json.dumps(bad)), 422, "invalid-request")
    (error,) = problem["errors"]
    assert error["field"] == "/providers/2/services/0/markets/0"
    assert error["message"].startswith("body:1:")
    assert "`GB`" in error["hint"]
    assert registered(database_service) == before
    good = {"providers": [small("new"), whole(name="Other")]}
    answer = send(database_service, json.dumps(good), "application/json; charset=utf-8")
    assert answer.json() == {"created": ["new"], "replaced": ["acme"]}
    assert database_service.get("/v1/providers/acme").json()["document"]["name"] == "Other"
    answer = send(database_service, json.dumps(good))
    assert answer.json() == {"created": [], "replaced": ["acme", "new"]}


def test_norway_is_imported_from_yaml(service: Service) -> None:
    text = "id: north\nname: North\nservices: [{service: last_mile, markets: [NO]}]\n"
    assert send(service, text).json() == {"created": ["north"], "replaced": []}
    found = service.get("/v1/providers/north").json()["document"]
    assert found["services"] == [{"service": "last_mile", "markets": ["NO"]}]


@pytest.mark.parametrize(
    ("body", "kind", "field", "says"),
    [
        ("{}", "text/plain", "Content-Type", "text/plain"),
        ("{}", "", "Content-Type", "none"),
        ("{", "application/json", "", "not JSON"),
        (b"\xff", "application/yaml", "", "not UTF-8 at byte 0"),
        ("", "application/yaml", "", "empty"),
        ("a: [", "text/yaml", "", "body:1:"),
        ("", "application/json", "", "not JSON"),
    ],
)
def test_a_body_that_cannot_be_imported_is_a_problem(
    service: Service, body: str | bytes, kind: str, field: str, says: str
) -> None:
    before = registered(service)
    problem = assert_problem(send(service, body, kind), 422, "invalid-request")
    assert problem["errors"][0]["field"] == field
    assert says in problem["errors"][0]["message"]
    assert registered(service) == before


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (whole(id="other"), "/id"),
        (whole(website="acme"), "/website"),
        (whole(standing="active"), "/standing"),
        (whole(nodes=[]), "/lanes/0/from_node"),
        ({"id": "acme"}, "/name"),
        ([], ""),
    ],
)
def test_a_document_that_is_wrong_is_a_problem_and_changes_nothing(
    service: Service, document: Any, field: str
) -> None:
    before = registered(service)
    problem = assert_problem(put(service, document), 422, "invalid-request")
    assert problem["errors"][0]["field"] == field
    assert registered(service) == before


@pytest.mark.parametrize("half", ['{"\\ud800": 1}', '{"id": "\\ud800"}', '{"\\udfff": {}}'])
def test_half_a_character_is_a_problem_and_no_failure(service: Service, half: str) -> None:
    assert_problem(send(service, half, "application/json"), 422, "invalid-request")
    headers = service.headers("admin") | {"Content-Type": "application/json"}
    answer = service.client.put("/v1/providers/acme", content=half, headers=headers)
    assert_problem(answer, 422, "invalid-request")


def test_a_body_that_is_no_json_is_malformed(service: Service) -> None:
    headers = service.headers("admin") | {"Content-Type": "application/json"}
    answer = service.client.put("/v1/providers/acme", content="{", headers=headers)
    assert_problem(answer, 400, "malformed-body")


@pytest.mark.parametrize("name", ["nobody", "ACME", "a%00b", "import"])
def test_who_is_not_registered_is_404(service: Service, name: str) -> None:
    answer = service.get(f"/v1/providers/{name}")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:governance:problem:not-found")


def test_a_provider_is_never_deleted(service: Service) -> None:
    answer = service.client.delete("/v1/providers/acme", headers=service.headers("admin"))
    assert_problem(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, PUT"


def test_the_portal_reads_and_does_not_write(service: Service) -> None:
    assert_problem(put(service, WHOLE, role="portal"), 403, "forbidden")
    assert_problem(put(service, WHOLE, role="auditor"), 403, "forbidden")
    assert service.get("/v1/providers").status_code == 200
