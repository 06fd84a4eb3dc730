"""`GET /v1/decisions/export`: who may take the log away, as what, and what is refused."""

import csv
import io
from pathlib import Path

import httpx
import msgspec
import pytest
from export_cases import records
from pyarrow import BufferReader, parquet
from serving import Service, assert_problem
from tiny_library import ask

from governance.audit.exports.verification import Verified, verify_export
from governance.audit.log.keys import verifiers
from governance.db import transaction

_PATH = "/v1/decisions/export"


def verified(service: Service, response: httpx.Response, folder: Path) -> Verified:
    assert response.status_code == 200, response.text
    export = folder / "export"
    export.write_bytes(response.content)
    with transaction(service.engine) as session:
        return verify_export(export, verifiers(session))


def test_an_auditor_takes_the_whole_log_away(database_service: Service, tmp_path: Path) -> None:
    service = database_service
    ids = [service.ask(ask("DE", "FR")).json()["decision_id"] for _ in range(3)]
    response = service.get(_PATH, role="auditor")
    manifest = verified(service, response, tmp_path).manifest
    assert manifest.complete
    assert manifest.exporter == service.ids["auditor"]
    assert manifest.masks["sale"] == ["/input/seller/id", "/input/evidence/*/reference"]
    found = [one["decision_id"] for one in records(tmp_path / "export")]
    assert found[:3] == ids
    assert response.headers["content-type"] == "application/x-ndjson"
    size = manifest.checkpoint.size
    name = f'attachment; filename="decisions-0-{size}.ndjson"'
    assert response.headers["content-disposition"] == name
    assert response.headers["cache-control"] == "no-store"


def test_it_is_streamed(service: Service) -> None:
    with service.client.stream("GET", _PATH, headers=service.headers("admin")) as response:
        assert "content-length" not in response.headers
        assert sum(1 for _ in response.iter_raw()) > 1


def test_an_export_goes_on_from_a_cursor_and_filters(service: Service, tmp_path: Path) -> None:
    service.ask(ask("DE"))
    service.ask(ask("FR"))
    rest = service.get(f"{_PATH}?cursor=1", role="auditor")
    assert verified(service, rest, tmp_path).manifest.first_index == 1
    some = service.get(f"{_PATH}?market=FR&verdict=allowed&from=2020-01-01", role="auditor")
    manifest = verified(service, some, tmp_path).manifest
    assert manifest.hides_others
    assert manifest.filter["market"] == "FR"
    assert manifest.count == 1


def test_tables_come_in_their_media_types(service: Service) -> None:
    service.ask(ask("DE", "FR"))
    as_csv = service.get(f"{_PATH}?format=csv&gate=sale", role="auditor")
    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(as_csv.text, newline="")))
    assert {row["seller_id"] for row in rows} == {""}
    as_parquet = service.get(f"{_PATH}?format=parquet&gate=sale", role="auditor")
    assert as_parquet.headers["content-type"] == "application/vnd.apache.parquet"
    assert as_parquet.headers["content-disposition"].endswith('.parquet"')
    assert parquet.read_table(BufferReader(as_parquet.content)).num_rows == len(rows)


@pytest.mark.parametrize("role", ["portal", "reviewer"])
def test_others_may_not_export_and_the_refusal_is_on_the_record(
    service: Service, role: str
) -> None:
    before = len(service.decisions())
    assert_problem(service.get(_PATH, role=role), 403, "forbidden")
    assert_problem(service.get(_PATH, role="revoked"), 401, "unauthenticated")
    refusals = service.decisions()[before:]
    assert [msgspec.json.decode(one.result)["verdict"] for one in refusals] == ["prohibited"] * 2


def test_who_exported_what_with_which_filter_is_on_the_record(service: Service) -> None:
    service.get(f"{_PATH}?market=FR&format=csv&cursor=1", role="auditor")
    last = service.decisions()[-1]
    asked = msgspec.json.decode(last.input)
    assert (last.gate, last.requested_by) == ("access", service.ids["auditor"])
    assert asked["action"] == "decisions:export"
    assert asked["resource"] == {
        "path": _PATH, "format": "csv", "from_index": 1, "filter": {"market": "FR"},
    }  # fmt: skip
    assert msgspec.json.decode(last.result)["verdict"] == "allowed"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("markt=FR", "markt"),
        ("market=FR&market=DE", "market"),
        ("market=UK", "market"),
        ("from=yesterday", "from"),
        ("verdict=maybe", "verdict"),
        ("format=xlsx", "format"),
        ("cursor=-1", "cursor"),
        ("cursor=abc", "cursor"),
        ("cursor=1000000000", "cursor"),
        (f"cursor={10**30}", "cursor"),
    ],
)
def test_a_wrong_query_is_told_by_its_name(service: Service, query: str, field: str) -> None:
    document = assert_problem(
        service.get(f"{_PATH}?{query}", role="auditor"), 422, "invalid-request"
    )
    assert [error["field"] for error in document["errors"]] == [field]
