"""A file of events at the shell: what landed, and what did not, by line."""

import json
from pathlib import Path

import pytest
import typer
from event_cases import ago, event, register
from sqlmodel import select
from typer.testing import CliRunner

from governance import settings as configured
from governance.db import migrate, open_engine, transaction
from governance.errors import InvalidRequest
from governance.providers.events.commands import ingest_file
from governance.providers.performance.models import Shipment
from governance.settings import Settings


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs the command on a file, over a database that knows the provider `acme`."""
    monkeypatch.setenv("GOVERNANCE_DATA_DIR", str(tmp_path / "var"))
    configured.settings.cache_clear()
    app = typer.Typer()
    app.command()(ingest_file)
    engine = open_engine(Settings())
    migrate(engine)
    register(engine, "acme")
    yield lambda file: CliRunner().invoke(app, [str(file)]), engine
    engine.dispose()
    configured.settings.cache_clear()


def test_a_file_is_taken_in_and_taken_in_again_without_a_change(shell, tmp_path: Path) -> None:
    run, engine = shell
    file = tmp_path / "events.ndjson"
    sent = [event(shipment=f"s-{number}", time=ago(days=9)) for number in range(3)]
    file.write_text("\n".join(map(json.dumps, sent)))
    first = run(file)
    assert first.exit_code == 0, first.output
    assert "Taken in: 3, there already: 0, set aside: 0" in first.output
    assert "Taken in: 0, there already: 3, set aside: 0" in run(file).output
    with transaction(engine) as session:
        assert len(session.exec(select(Shipment)).all()) == 3


def test_bad_lines_are_named_and_the_exit_code_says_so(shell, tmp_path: Path) -> None:
    run, _ = shell
    file = tmp_path / "events.ndjson"
    sent = [event(time=ago(days=9)), event(time=ago(days=9), market="UK")]
    file.write_text("\n".join(map(json.dumps, sent)))
    done = run(file)
    assert done.exit_code == 1
    assert "Taken in: 1, there already: 0, set aside: 1" in done.output
    assert "line 2, /data/market" in done.output
    assert "did you mean GB?" in done.output


def test_a_file_that_is_not_there_is_told(shell, tmp_path: Path) -> None:
    run, _ = shell
    assert isinstance(run(tmp_path / "absent").exception, InvalidRequest)
