"""`governance webhooks` as a shell shows it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from serving import opened
from sqlalchemy import Engine
from typer.testing import CliRunner
from webhook_receivers import happen

from governance.cli import cli
from governance.errors import InvalidRequest, NotFound
from governance.settings import Settings, settings


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory, tiny_rulesets: Path) -> Iterator[Engine]:
    """A database with a release in force."""
    asked = Settings(data_dir=tmp_path_factory.mktemp("shell"), rulesets_dir=tiny_rulesets)
    made = opened(asked).engine
    yield made
    made.dispose()


@pytest.fixture(autouse=True)
def at_the_database(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    file = engine.url.database
    assert file is not None
    monkeypatch.setenv("GOVERNANCE_DATA_DIR", str(Path(file).parent))
    monkeypatch.setenv("COLUMNS", "200")
    settings.cache_clear()
    yield
    settings.cache_clear()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["webhooks", *arguments])


def test_a_webhook_is_added_listed_rotated_and_removed() -> None:
    assert run("list").stdout.strip() == "There is no webhook"
    added = run("add", "https://hooks.example.com/a", "--kind", "drop.live")
    assert added.exit_code == 0, added.output
    assert added.stdout.startswith("whsec_")
    who = added.stderr.split()[3].rstrip(":")
    listed = run("list").stdout
    for shown in (who, "https://hooks.example.com/a", "drop.live", "everybody", "on"):
        assert shown in listed
    rotated = run("rotate", who)
    assert rotated.stdout.startswith("whsec_")
    assert rotated.stdout != added.stdout
    assert run("remove", who).exit_code == 0
    assert who not in run("list").stdout


def test_deliveries_are_listed_by_state(engine: Engine) -> None:
    who = run("add", "https://hooks.example.com/a").stderr.split()[3].rstrip(":")
    assert run("deliveries", who).stdout.strip() == "There is no such delivery"
    happen(engine, 2)
    for shown in ("drp_0", "drp_1", "drop.live", "waiting"):
        assert shown in run("deliveries", who).stdout
    assert "drp_0" not in run("deliveries", who, "--limit", "1").stdout
    assert run("deliveries", who, "--state", "failed").stdout.strip() == "There is no such delivery"


def test_what_is_wrong_is_refused() -> None:
    refused = run("add", "https://10.0.0.1/")
    assert isinstance(refused.exception, InvalidRequest)
    refused = run("add", "https://hooks.example.com/", "--kind", "drop.lives")
    assert isinstance(refused.exception, InvalidRequest)
    assert refused.exception.errors[0].hint == "did you mean `drop.live`?"
    for command in ("rotate", "remove", "deliveries"):
        assert isinstance(run(command, "whk_nobody").exception, NotFound)
