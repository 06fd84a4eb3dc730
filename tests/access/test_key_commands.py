"""The `keys` commands, run as the shell runs them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from governance.access.commands import app
from governance.access.keys import authenticate, load_secret
from governance.db import open_engine, transaction
from governance.errors import NotFound
from governance.settings import Settings, settings

run = CliRunner()


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GOVERNANCE_DATA_DIR", str(tmp_path))
    for name in ("GOVERNANCE_DATABASE_URL", "GOVERNANCE_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()


def make(name: str = "Storefront", role: str = "portal") -> dict[str, str]:
    done = run.invoke(app, ["create", "--role", role, "--name", name, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def authenticates(key: str) -> str:
    with transaction(open_engine(Settings())) as session:
        return authenticate(session, load_secret(Settings()), key).name


def test_a_made_key_works_and_is_alone_on_standard_output() -> None:
    done = run.invoke(app, ["create", "--role", "reviewer", "--name", "Ana"])
    assert done.exit_code == 0, done.output
    assert authenticates(done.stdout.strip()) == "Ana"
    assert "not shown again" in done.stderr


def test_the_json_of_a_made_key_has_the_key() -> None:
    made = make()
    assert authenticates(made["key"]) == "Storefront"
    assert made["role"] == "portal"


def test_a_listed_key_never_shows_the_key() -> None:
    made = make()
    for arguments in (["list"], ["list", "--json"]):
        listed = run.invoke(app, arguments)
        assert listed.exit_code == 0, listed.output
        assert made["key"].split("_")[1] not in listed.output
    assert json.loads(listed.stdout) == [
        {name: made[name] for name in made if name != "key"} | {"revoked_at": None}
    ]


def test_a_name_in_square_brackets_is_listed_as_it_is() -> None:
    make(name="[red]x[/]")
    assert "[red]x[/]" in run.invoke(app, ["list"], env={"COLUMNS": "200"}).output


def test_a_revoked_key_is_listed_with_its_date() -> None:
    made = make()
    done = run.invoke(app, ["revoke", made["id"]])
    assert done.exit_code == 0, done.output
    listed = json.loads(run.invoke(app, ["list", "--json"]).stdout)
    assert listed[0]["revoked_at"] in done.stdout


def test_revoking_a_key_that_does_not_exist_fails() -> None:
    done = run.invoke(app, ["revoke", "key_missing"])
    assert isinstance(done.exception, NotFound)


def test_a_role_that_does_not_exist_is_refused() -> None:
    done = run.invoke(app, ["create", "--role", "owner", "--name", "x"])
    assert done.exit_code == 2
    assert "reviewer" in done.stderr
