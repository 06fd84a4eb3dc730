"""The commands of the log, run as the shell runs them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import Result
from sealed_log import record
from sqlalchemy import Engine
from sqlmodel import text
from typer.testing import CliRunner

from governance.audit.commands import audit
from governance.db import migrate, open_engine, transaction
from governance.settings import Settings, settings
from governance.transparency.checkpoint import open_checkpoint
from governance.transparency.note_keys import Signer, Verifier

PROGRAM = str(Path(sys.executable).parent / "governance")


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("GOVERNANCE_DATA_DIR", str(tmp_path))
    for name in ("GOVERNANCE_DATABASE_URL", "GOVERNANCE_AUDIT_KEY"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()


@contextmanager
def database() -> Iterator[Engine]:
    engine = open_engine(Settings())
    migrate(engine)
    yield engine
    engine.dispose()


def run(*arguments: str) -> Result:
    done = CliRunner().invoke(audit, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done


def test_the_verifier_key_is_alone_on_standard_output() -> None:
    key = Verifier.parse(run("keygen", "--origin", "log.example/drops").stdout.strip())
    assert key.name == "log.example/drops"
    assert run("keys").stdout.startswith(f"{key}  since 20")


def test_a_rotation_says_what_to_do_with_the_old_key(tmp_path: Path) -> None:
    old = run("keygen").stdout.strip()
    done = run("keygen")
    new = done.stdout.strip()
    retired = f"audit_key.retired-{Verifier.parse(old).key_id:08x}"
    assert f"{tmp_path / retired}: destroy it" in done.stderr
    assert Signer.parse((tmp_path / "audit_key").read_text().strip()).verifier == Verifier.parse(
        new
    )
    listed = run("keys").stdout.splitlines()
    assert [line.split()[0] for line in listed] == [old, new]
    assert [line.endswith("signs") for line in listed] == [False, True]


def test_the_setting_that_holds_the_old_key_is_not_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GOVERNANCE_AUDIT_KEY", Signer.generate("log.example/drops").secret_text())
    settings.cache_clear()
    run("keygen")
    assert "GOVERNANCE_AUDIT_KEY still holds the old private key" in run("keygen").stderr


def test_sealing_by_hand_prints_the_checkpoint_and_verifying_finds_the_log_whole() -> None:
    with database() as engine:
        record(engine, 5)
    note = run("seal").stdout
    key = run("keys").stdout.split()[0]
    assert open_checkpoint(note, [Verifier.parse(key)], "governance.localhost/decisions").size == 5
    assert "Nothing to seal" in run("seal").stdout
    assert "Decisions: 5, checkpoints: 1, " in run("verify", "--log").stdout
    assert "name yours with --key" not in run("verify", "--log", "--key", key).stdout


def test_a_changed_log_is_told_in_words_with_exit_code_1() -> None:
    with database() as engine:
        ids = record(engine, 3)
        run("seal")
        with transaction(engine, write=True) as session:
            session.connection().execute(text("DROP TRIGGER decision_append_only_update"))
            change = "UPDATE decision SET requested_by = 'nobody' WHERE sequence = 2"
            session.connection().execute(text(change))
    done = subprocess.run(
        [PROGRAM, "audit", "verify", "--log"], env=os.environ, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert f"Decision {ids[1]} (place 1) does not hold" in done.stderr
    assert "Traceback" not in done.stderr
