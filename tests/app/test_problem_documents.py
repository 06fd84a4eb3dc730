"""Everything that is wrong with a request is told in a problem document, and writes nothing."""

import json
import socket
from typing import Any

import httpx
import pytest
from serving import Service, assert_problem
from tiny_library import ask

POST = "/v1/eligibility"
GOOD = ask("DE")


@pytest.fixture(autouse=True)
def _nothing_is_written(service: Service):
    before = service.dump()
    yield
    assert service.dump() == before


def send(service: Service, body: bytes, content_type: str = "application/json") -> httpx.Response:
    headers = service.headers() | {"Content-Type": content_type}
    return service.client.post(POST, content=body, headers=headers)


def written(**changes: Any) -> bytes:
    return json.dumps(GOOD | changes).encode()


BROKEN = {
    "nothing at all": b"{",
    "half an object": b'{"seller": {"id": ',
    "single quotes": b"{'seller': 1}",
    "bytes that are not UTF-8": written().replace(b"A gadget", b"\xff\xfe\x80"),
    "half of a UTF-8 character": b'{"seller": "\xc3',
    "100,000 brackets": b"[" * 100_000,
    "100,000 nested lists": b"[" * 100_000 + b"]" * 100_000,
    "100,000 nested objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a whole number of 5,000 digits": written().replace(b'"cells": 0', b'"cells": ' + b"9" * 5000),
    "a NUL between tokens": b"\x00" + written(),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_body_that_is_no_json_is_a_400(service: Service, case: str) -> None:
    document = assert_problem(send(service, BROKEN[case]), 400, "malformed-body")
    assert "error parsing the body" not in document["detail"]  # says nothing


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"1", b'"x"', b"[1]", b"true"])
def test_a_body_that_is_no_object_is_a_422(service: Service, body: bytes) -> None:
    document = assert_problem(send(service, body), 422, "invalid-request")
    assert "must be a JSON object" in document["detail"]
    assert document["errors"][0]["field"] == ""


@pytest.mark.parametrize(
    "sent", ["text/plain", "application/x-www-form-urlencoded", "text/json", "", "nonsense"]
)
def test_another_content_type_is_a_422_that_names_it(service: Service, sent: str) -> None:
    document = assert_problem(send(service, written(), sent), 422, "invalid-request")
    assert "application/json" in document["detail"]
    assert sent in document["detail"]


FIELDS = {
    "a missing part": ({"product": None}, "/product", ""),
    "an unknown field": ({"extra": 1}, "/extra", "not a field"),
    "a number as text": (
        {"offer": {"units_per_consignment": "5"}},
        "/offer/units_per_consignment",
        "integer",
    ),
    "false for a number": (
        {"offer": {"units_per_consignment": False}},
        "/offer/units_per_consignment",
        "integer",
    ),
    "no piece at all": (
        {"offer": {"units_per_consignment": 0}},
        "/offer/units_per_consignment",
        "greater",
    ),
    "0 for false": (
        {"offer": {"stock_located_in_market": 0}},
        "/offer/stock_located_in_market",
        "boolean",
    ),
    "a date that is none": ({"as_of": "2026-02-30"}, "/as_of", "is no date"),
    "a date and time": ({"as_of": "2026-11-22T00:00:00Z"}, "/as_of", "is no date"),
    "a date of another calendar form": ({"as_of": "2026-W47-7"}, "/as_of", "is no date"),
    "a date in other digits": ({"as_of": "２０２６-11-22"}, "/as_of", "is no date"),
    "a number as a date": ({"as_of": 20261122}, "/as_of", "string"),
    "no market": ({"markets": []}, "/markets", "at least 1"),
    "a market that is no text": ({"markets": ["DE", 1]}, "/markets/1", "string"),
    "one market without a list": ({"markets": "DE"}, "/markets", "all"),
    "markets without end": ({"markets": ["DE"] * 251}, "/markets", "250"),
    "a market as long as a book": ({"markets": ["D" * 100_000]}, "/markets/0", "characters"),
    "evidence that is no list": ({"evidence": {}}, "/evidence", "list"),
    "evidence without a number": (
        {"evidence": [{"type": "de.register", "valid_from": "2026-01-01"}]},
        "/evidence/0/reference",
        "missing",
    ),
    "too much evidence": ({"evidence": [{}] * 201}, "/evidence", "200"),
    "an empty id": ({"seller": {"id": ""}}, "/seller/id", "at least 1"),
    "a lone surrogate": ({"seller": {"id": "\ud800"}}, "/seller/id", "string"),
    "a lone surrogate as a name": ({"\ud800": 1}, "", "string"),
}


@pytest.mark.parametrize("case", FIELDS)
def test_a_wrong_field_is_named_by_its_pointer(service: Service, case: str) -> None:
    changes, field, message = FIELDS[case]
    document = assert_problem(send(service, written(**changes)), 422, "invalid-request")
    first = document["errors"][0]
    assert first["field"] == field
    assert message in first["message"]
    assert document["detail"]


PRODUCT = {
    "letters in an HS code": ({"hs": "8517ab"}, "/product/hs", "is no HS code"),
    "dots in an HS code": ({"hs": "8517.62"}, "/product/hs", "is no HS code"),
    "an HS code of one digit": ({"hs": "8"}, "/product/hs", "is no HS code"),
    "a number as HS code": ({"hs": 851762}, "/product/hs", "string"),
    "other digits in an HS code": ({"hs": "８５17"}, "/product/hs", "is no HS code"),
    "an object as an attribute": ({"attributes": {"cells": {}}}, "/product/attributes/cells", ""),
    "a list of numbers": (
        {"attributes": {"materials": [1]}},
        "/product/attributes/materials",
        "words",
    ),
    "attributes without end": (
        {"attributes": {f"a{n}": 1 for n in range(50_000)}},
        "/product/attributes",
        "at most",
    ),
    "a set without end": (
        {"attributes": {"materials": ["wood"] * 50_000}},
        "/product/attributes/materials",
        "at most",
    ),
    "a surrogate as the name of an attribute": (
        {"attributes": {"\udfff": True}},
        "/product/attributes/\ufffd\ufffd\ufffd",
        "string",
    ),
    "a surrogate in a set": (
        {"attributes": {"materials": ["\ud800"]}},
        "/product/attributes/materials",
        "surrogate",
    ),
    "a number that no double holds": (
        {"attributes": {"cells": 10**400}},
        "/product/attributes/cells",
        "15 digits",
    ),
    "an unknown attribute": ({"attributes": {"raido": 1}}, "/product/attributes/raido", "unknown"),
    "a slash in the name of an attribute": (
        {"attributes": {"a/b~c": 1}},
        "/product/attributes/a~1b~0c",
        "unknown",
    ),
}


@pytest.mark.parametrize("case", PRODUCT)
def test_a_wrong_field_of_the_product_is_named_by_its_pointer(service: Service, case: str) -> None:
    changes, field, message = PRODUCT[case]
    body = written(product=GOOD["product"] | changes)
    document = assert_problem(send(service, body), 422, "invalid-request")
    first = document["errors"][0]
    assert first["field"] == field
    assert message in first["message"]


@pytest.mark.parametrize("number", [b"1e400", b"-1e999", b"NaN", b"Infinity", b"-Infinity"])
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}])
def test_a_number_that_no_double_holds_is_a_422(
    service: Service, number: bytes, headers: dict[str, str]
) -> None:
    product = {"id": "p", "category": "lasers", "attributes": {"power_mw": "HUGE"}}
    headers = headers | service.headers() | {"Content-Type": "application/json"}
    body = written(product=product).replace(b'"HUGE"', number)
    answer = service.client.post(POST, content=body, headers=headers)
    document = assert_problem(answer, 422, "invalid-request")
    assert document["errors"][0]["field"] == "/product/attributes/power_mw"


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_an_idempotency_key_of_the_wrong_form_is_named(service: Service, key: str) -> None:
    document = assert_problem(service.ask(GOOD, Idempotency_Key=key), 422, "invalid-request")
    assert document["errors"][0]["field"] == "Idempotency-Key"


def test_a_hostile_request_is_answered_quickly(service: Service) -> None:
    text = "Germny" * 30
    attributes = {f"raido{n}": text for n in range(200)}
    request = ask(*[f"{text}{n}"[-90:] for n in range(250)]) | {
        "evidence": [
            {"type": f"eu.declaratoin{n}", "valid_from": "2026-01-01", "reference": "x"}
            for n in range(200)
        ],
    }
    request["product"]["attributes"] = attributes
    request["seller"]["established_in"] = text
    answer = service.ask(request)
    assert_problem(answer, 422, "invalid-request")
    assert answer.elapsed.total_seconds() < 3
    assert len(answer.content) < 1_000_000


def test_a_body_that_says_it_is_too_large_is_a_413(service: Service) -> None:
    assert_problem(send(service, b" " * 10_000_000), 413, "body-too-large")


def test_a_body_that_is_too_large_without_saying_so_is_a_413(service: Service) -> None:
    def pieces():
        for _ in range(160):
            yield b" " * 65_536

    headers = service.headers() | {"Content-Type": "application/json"}
    answer = service.client.post(POST, content=pieces(), headers=headers)
    assert_problem(answer, 413, "body-too-large")


def test_a_body_of_just_the_limit_is_read(service: Service) -> None:
    most = service.settings.max_body_bytes
    spaces = b" " * (most - len(b"{}"))
    assert_problem(send(service, b"{}" + spaces), 422, "invalid-request")
    assert_problem(send(service, b"{}" + spaces + b" "), 413, "body-too-large")


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 99999999999999999999\r\n",
        b"Content-Length: -1\r\n",
        b"Content-Length: 1\r\nContent-Length: 2\r\n",
        b"Content-Length: abc\r\n",
    ],
)
def test_a_nonsense_length_is_refused(service: Service, head: bytes) -> None:
    host, port = service.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as stream:
        start = b"POST /v1/eligibility HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        stream.sendall(start + head + b"\r\n{}")
        assert stream.recv(4096).split()[1] in (b"400", b"413")


def test_a_client_that_hangs_up_half_way_leaves_nothing_behind(service: Service) -> None:
    host, port = service.url.removeprefix("http://").split(":")
    for _ in range(20):
        with socket.create_connection((host, int(port)), timeout=10) as stream:
            start = b"POST /v1/eligibility HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n{"
            stream.sendall(start)
    assert service.client.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not-found"),
        ("GET", "/v1/nothing", 404, "not-found"),
        ("GET", "/v1/eligibility", 405, "method-not-allowed"),
        ("DELETE", "/v1/eligibility", 405, "method-not-allowed"),
        ("POST", "/v1/rules", 405, "method-not-allowed"),
        ("GET", "/v1/%00", 404, "not-found"),
        ("GET", "/v1/%ff", 404, "not-found"),
    ],
)
def test_what_does_not_exist_is_a_problem_document_too(
    service: Service, method: str, path: str, status: int, code: str
) -> None:
    answer = service.client.request(method, path, headers=service.headers())
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:governance:problem:{code}"
    assert ("allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("market=UK", "market"),
        ("market=EU", "market"),
        ("category=gadget", "category"),
        ("as_of=2026-02-30", "as_of"),
        ("as_of=", "as_of"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("limit=many", "limit"),
        ("offset=-1", "offset"),
        ("offset=99999999999999999999999999", "offset"),
        ("market=%00", "market"),
        ("category=%ed%a0%80", "category"),
    ],
)
def test_a_wrong_filter_of_the_rules_is_named(service: Service, query: str, field: str) -> None:
    document = assert_problem(service.get(f"/v1/rules?{query}"), 422, "invalid-request")
    assert document["errors"][0]["field"] == field


@pytest.mark.parametrize("name", ["nothing", "%00", "%ff", "%ED%A0%80", "'", "x" * 5000])
@pytest.mark.parametrize("kind", ["decisions", "rules", "categories"])
def test_an_unknown_name_is_a_404(service: Service, kind: str, name: str) -> None:
    path = f"/v1/{kind}/{name}"
    answer = service.get(path, role="admin")
    assert answer.status_code == 404, answer.text
    assert answer.json()["type"] == "urn:governance:problem:not-found"
