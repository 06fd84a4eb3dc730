"""Exported statements have the shape that the DSA Transparency Database takes."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from serving import Service
from statement_cases import asked_and_owed, drop, gadget
from typer import Typer
from typer.testing import CliRunner

from governance.audit.statements.commands import export_statements, statements_between
from governance.audit.statements.dsa import DsaStatement
from governance.audit.statements.dsa_export import dsa_export
from governance.errors import InvalidRequest
from governance.settings import settings

# What the database requires of every statement: see `governance.audit.statements.dsa`.
REQUIRED = {
    "puid", "decision_ground", "content_type", "category", "content_date", "application_date",
    "decision_facts", "source_type", "automated_detection", "automated_decision",
}  # fmt: skip


def test_every_row_has_what_the_database_requires(shipped_service: Service) -> None:
    rows = list(dsa_export(asked_and_owed(shipped_service, drop())))
    assert len(rows) > 5
    for row in rows:
        assert row.keys() >= REQUIRED
        assert row["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_DISABLED"]
        kind = row["decision_ground"].removeprefix("DECISION_GROUND_").lower()
        assert row[f"{kind}_explanation"]
        ground = "legal_ground" if kind == "illegal_content" else "ground"
        assert row[f"{kind}_{ground}"]
        DsaStatement.model_validate_json(json.dumps(row))


def test_illegal_content_is_exported_with_its_law_and_its_countries(
    shipped_service: Service,
) -> None:
    (one,) = asked_and_owed(shipped_service, drop("FR"))
    (row,) = dsa_export([one])
    assert row["decision_ground"] == "DECISION_GROUND_ILLEGAL_CONTENT"
    assert row["illegal_content_legal_ground"]
    assert row["category"] == "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS"
    assert row["category_specification"] == ["KEYWORD_PROHIBITED_PRODUCTS"]
    assert row["territorial_scope"] == ["FR"]
    assert row["content_date"] == row["application_date"] == one.decided_on.isoformat()


def test_a_refusal_outside_the_eea_is_exported_without_territory(shipped_service: Service) -> None:
    (row,) = dsa_export(asked_and_owed(shipped_service, drop("SG")))
    assert row["decision_ground"] == "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    assert "Tobacco and Vaporisers Control Act" in row["incompatible_content_ground"]
    assert row["incompatible_content_illegal"] == "No"
    assert row["territorial_scope"] == []
    assert "Singapore" in row["decision_facts"]


def test_texts_are_cut_where_the_database_takes_no_more(service: Service) -> None:
    (one,) = asked_and_owed(service, gadget("IT"))
    long = one.model_copy(
        update={
            "facts": "fact " * 2000,
            "explanation": "why " * 1000,
            "contractual_ground": "§ " * 400,
        }
    )
    (row,) = dsa_export([long])
    for name, most in (
        ("decision_facts", 5000),
        ("incompatible_content_explanation", 2000),
        ("incompatible_content_ground", 500),
    ):
        assert most - 10 < len(row[name]) <= most
        assert row[name].endswith(" …")


@pytest.fixture(scope="module")
def row(service: Service) -> Callable[..., dict[str, Any]]:
    """`row(**changes)`: an exported row that is changed; None takes a field away."""
    request = gadget("DE", attributes={"colour": "red"})

    def changed(**changes: Any) -> dict[str, Any]:
        (made,) = dsa_export(asked_and_owed(service, request))
        return {name: value for name, value in (made | changes).items() if value is not None}

    return changed


@pytest.mark.parametrize(
    "wrong",
    [
        {"puid": "with space"},
        {"puid": "a" * 501},
        {"puid": "line\n"},
        {"decision_visibility": None},
        {"decision_visibility": ["DECISION_VISIBILITY_HIDDEN"]},
        {"decision_visibility": ["DECISION_VISIBILITY_OTHER"]},
        {"decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT"},
        {"illegal_content_legal_ground": None},
        {"illegal_content_explanation": "x" * 2001},
        {"incompatible_content_illegal": "No"},
        {"content_type": []},
        {"content_date": "1999-12-31"},
        {"application_date": "23/11/2026"},
        {"category": "STATEMENT_CATEGORY_UNSAFE_AND_ILLEGAL_PRODUCTS"},
        {"category_specification": ["KEYWORD_DANGEROUS_TOYS"]},
        {"territorial_scope": ["SG"]},
        {"decision_facts": None},
        {"decision_facts": "x" * 5001},
        {"source_type": None},
        {"source_identity": "Somebody"},
        {"automated_detection": True},
        {"automated_decision": "Yes"},
        {"end_date_visibility_restriction": "2020-01-01"},
        {"url": "https://shop.example/offer"},
    ],
    ids=lambda wrong: "-".join(f"{name}" for name in wrong),
)
def test_what_the_database_would_refuse_is_refused(
    row: Callable[..., dict[str, Any]], wrong: dict[str, Any]
) -> None:
    DsaStatement.model_validate_json(json.dumps(row()))
    with pytest.raises(ValidationError):
        DsaStatement.model_validate_json(json.dumps(row(**wrong)))


def test_the_statements_of_the_days_asked_for_are_found(service: Service) -> None:
    (one,) = asked_and_owed(service, gadget("IT"))
    day = one.decided_on
    found = list(statements_between(service.pipeline, day, day))
    assert one in found
    puids = [statement.puid for statement in found]
    assert len(set(puids)) == len(puids)
    earlier = day - timedelta(days=1)
    assert one not in statements_between(service.pipeline, earlier, earlier)
    with pytest.raises(InvalidRequest, match="ends before it begins"):
        list(statements_between(service.pipeline, day, earlier))


def test_both_databases_find_them(database_service: Service) -> None:
    (one,) = asked_and_owed(database_service, gadget("IT"))
    found = statements_between(database_service.pipeline, one.decided_on, one.decided_on)
    assert list(found) == [one]


def test_the_command_prints_one_object_a_line(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = asked_and_owed(service, gadget("IT"))
    monkeypatch.setenv("GOVERNANCE_DATA_DIR", str(service.settings.data_dir))
    monkeypatch.delenv("GOVERNANCE_DATABASE_URL", raising=False)
    app = Typer()
    app.command()(export_statements)
    today = f"{datetime.now(UTC).date()}"
    settings.cache_clear()
    try:
        said = CliRunner().invoke(app, ["--from", f"{one.decided_on}", "--to", today])
    finally:
        settings.cache_clear()
    assert said.exit_code == 0, said.output
    assert one.puid in [json.loads(line)["puid"] for line in said.stdout.splitlines()]
