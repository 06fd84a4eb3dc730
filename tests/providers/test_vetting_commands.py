"""`governance vet` and `governance providers standing` as a shell shows them."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner
from vetted_providers import document, opened, register, send, shipped

from governance.cli import cli
from governance.settings import settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with three providers: proven, unproven, without its licence."""
    made = tmp_path_factory.mktemp("shell")
    pipeline = opened(made)
    register(pipeline, document("proven"))
    register(pipeline, document("unproven"))
    register(pipeline, document("without", ("customs_brokerage", ["US"])))
    send(pipeline, shipped("proven", 200))
    send(pipeline, shipped("unproven", 10))
    pipeline.engine.dispose()
    return made


@pytest.fixture(autouse=True)
def at_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("GOVERNANCE_DATA_DIR", str(folder))
    settings.cache_clear()
    yield
    settings.cache_clear()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def test_vetting_everybody_says_who_moved_and_why(folder: Path) -> None:
    first = run("vet").stdout
    assert "proven  applicant → provisional" in first
    assert "without  applicant" in first
    assert "Not held, or run out: " in first
    assert run("vet", "--due").stdout == "There is nobody to vet\n"
    again = {
        one["provider"]: one for one in map(json.loads, run("vet", "--json").stdout.splitlines())
    }
    assert again["proven"]["standing"] == "active"
    assert again["unproven"]["standing"] == "provisional"
    assert again["without"]["reasons"] == [
        "a_cell_lacks_proof",
        "licence_lacking:us.licence.customs_broker",
    ]


def test_a_standing_is_explained_cell_by_cell(folder: Path) -> None:
    run("vet", "unproven")
    told = run("providers", "standing", "unproven").stdout
    assert f"unproven  provisional since {datetime.now(UTC).date()}" in told
    assert "last_mile in US: needs_evidence" in told
    assert "Counted: 10 of 10; 15 more without a failure would prove it." in told
    assert "applicant → provisional" in told


def test_one_that_cannot_be_vetted_is_named_and_the_others_are_vetted(folder: Path) -> None:
    done = run("vet", "nobody", "unproven")
    assert done.exit_code == 1
    assert "nobody  not vetted: There is no provider 'nobody'" in done.stdout
    assert "unproven  provisional" in done.stdout


def test_a_standing_is_asked_for_one_provider() -> None:
    refused = run("vet", "--wanted", "delisted")
    assert "name it" in str(refused.exception)
    illegal = run("vet", "without", "--wanted", "reinstated")
    assert "no step leads" in str(illegal.exception)
    assert "without  applicant → delisted" in run("vet", "without", "--wanted", "delisted").stdout
