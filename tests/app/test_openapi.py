"""The service against its own document: no server error, no answer that is not documented."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from serving import PROBLEM, SOAK, Service

from governance.app import create_app

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
)


EXAMPLES = 400 if SOAK else 8


@pytest.mark.soak
def test_schemathesis_finds_no_answer_that_is_not_documented(
    shipped_service: Service, tmp_path: Path
) -> None:
    command = [
        str(Path(sys.executable).parent / "schemathesis"),
        *("run", f"{shipped_service.url}/openapi.json"),
        *("--header", f"Authorization: Bearer {shipped_service.keys['admin']}"),
        *("--phases", "examples,coverage,fuzzing"),
        *("--max-examples", str(EXAMPLES)),
        *("--checks", ",".join(CHECKS)),
        *("--seed", "1"),
        *("--suppress-health-check", "all"),
        "--continue-on-failure",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    document = shipped_service.client.get("/openapi.json").json()
    operations = sum(len(methods) for methods in document["paths"].values())
    assert f"{operations} selected" in done.stdout


def operations():
    document = create_app().openapi()
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_is_described_and_documents_its_errors() -> None:
    for name, operation in operations():
        assert operation["summary"], name
        assert operation["tags"], name
        errors = {status for status in operation["responses"] if status >= "400"}
        if name == "GET /healthz":
            assert errors == set()
        elif name == "GET /readyz":
            assert errors == {"503"}
        else:
            assert {"401", "403", "503"} <= errors, name
            assert operation["security"], name
        for status in errors:
            content = operation["responses"][status]["content"]
            assert list(content) == [PROBLEM], (name, status)


def test_every_name_in_the_document_is_one_that_openapi_allows() -> None:
    for names in create_app().openapi()["components"].values():
        for name in names:
            assert re.fullmatch(r"[a-zA-Z0-9._-]+", name), name


def test_the_example_of_the_document_is_answered(shipped_service: Service) -> None:
    schemas = create_app().openapi()["components"]["schemas"]
    (example,) = schemas["EligibilityRequest"]["examples"]
    answer = shipped_service.ask(example)
    assert answer.status_code == 200, answer.text
    assert [market["market"] for market in answer.json()["markets"]] == example["markets"]


def test_the_documentation_page_is_open(shipped_service: Service) -> None:
    page = shipped_service.get("/docs", role=None)
    assert page.status_code == 200
    assert "text/html" in page.headers["content-type"]
