"""Who is calling: a refusal is a problem document and exactly one row of the record."""

import json
from typing import Any

import httpx
import pytest
from serving import Service, assert_problem
from tiny_library import ask

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def refused(service: Service, headers: dict[str, str], path: str = "/v1/markets") -> httpx.Response:
    """The answer to a call that must be refused: one row on the record, and nothing else."""
    before, count = service.dump(), len(service.decisions())
    answer = service.client.get(path, headers=headers)
    after = service.dump()
    (row,) = service.decisions()[count:]
    assert (row.gate, row.path) == ("access", "governance.access.judgement")
    assert json.loads(row.result)["verdict"] == "prohibited"
    changed = [name for name in after if after[name] != before[name]]
    assert [name for name in changed if name != "sqlite_sequence"] == [
        "decision",
        "decision_verdict",
    ]
    assert json.loads(row.input)["resource"]["path"] == path
    return answer


def last_row(service: Service) -> Any:
    return service.decisions()[-1]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (None, "Send an API key"),
        ("", "Send an API key"),
        ("Basic Z292OmdvdgA=", "Send an API key"),
        ("Bearer", "Send an API key"),
        ("Bearer x", "malformed"),
        ("Bearer gov_" + "0" * 32 + "_000000", "malformed"),  # a wrong checksum
        ("Bearer gov_ÿ", "malformed"),
        ("Bearer " + "g" * 5000, "malformed"),
    ],
)
def test_a_call_without_a_good_key_is_refused(service: Service, header, said: str) -> None:
    raw = {} if header is None else {"Authorization": header.encode("latin-1")}
    answer = refused(service, raw)
    document = assert_problem(answer, 401, "unauthenticated")
    assert said in document["detail"]
    assert answer.headers["www-authenticate"] == "Bearer"
    assert last_row(service).requested_by == "anonymous"


def test_a_key_of_another_service_is_unknown(service: Service) -> None:
    from governance.access.keys import _checksum

    body = "a" * 32
    answer = refused(service, {"Authorization": f"Bearer gov_{body}_{_checksum(body)}"})
    assert "unknown" in assert_problem(answer, 401, "unauthenticated")["detail"]


def test_a_revoked_key_is_told_since_when(service: Service) -> None:
    answer = refused(service, service.headers("revoked"))
    assert "revoked at 20" in assert_problem(answer, 401, "unauthenticated")["detail"]


def test_no_key_is_ever_on_the_record(service: Service) -> None:
    refused(service, service.headers("revoked"))
    assert service.keys["revoked"] not in str(service.dump())


def test_a_role_that_may_not_is_refused_by_name(service: Service) -> None:
    count = len(service.decisions())
    before = service.dump()
    document = assert_problem(service.ask(ask("DE"), role="auditor"), 403, "forbidden")
    assert "auditor" in document["detail"].lower()
    (row,) = service.decisions()[count:]
    assert row.requested_by == service.ids["auditor"]
    asked = json.loads(row.input)
    assert asked["action"] == "eligibility:check"
    assert asked["caller"] == {"id": service.ids["auditor"], "role": "auditor"}
    after = service.dump()
    assert {name for name in after if after[name] != before[name]} <= {
        "decision",
        "decision_verdict",
        "sqlite_sequence",
    }


def test_a_refused_caller_is_not_told_what_is_wrong_with_the_request(service: Service) -> None:
    assert_problem(service.ask({"nonsense": 1}, role=None), 401, "unauthenticated")
    assert_problem(service.ask({"nonsense": 1}, role="auditor"), 403, "forbidden")


def test_an_allowed_call_of_the_catalogue_leaves_no_row(service: Service) -> None:
    before = service.dump()
    assert service.get("/v1/markets").status_code == 200
    assert service.dump() == before


def test_the_trace_of_the_caller_is_on_the_record(service: Service) -> None:
    trace = f"00-{TRACE}-00f067aa0ba902b7-01"
    service.ask(ask("DE"), traceparent=trace)
    assert last_row(service).trace_id == TRACE
    service.ask(ask("DE"), role=None, traceparent=trace)
    assert last_row(service).trace_id == TRACE
    for nonsense in ("00-xyz-1-01", "", TRACE, trace.upper()):
        service.ask(ask("DE"), traceparent=nonsense)
        assert last_row(service).trace_id is None


def test_a_key_revoked_now_is_refused_at_the_next_call(service: Service) -> None:
    from governance.access import keys
    from governance.access.models import Role
    from governance.db import transaction

    secret = keys.load_secret(service.settings)
    with transaction(service.engine, write=True) as session:
        made, key = keys.create(session, secret, name="soon gone", role=Role.PORTAL)
    headers = {"Authorization": f"Bearer {key}"}
    assert service.client.get("/v1/markets", headers=headers).status_code == 200
    with transaction(service.engine, write=True) as session:
        keys.revoke(session, made.id)
    assert service.client.get("/v1/markets", headers=headers).status_code == 401
