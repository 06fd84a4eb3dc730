"""The running service seals by itself, and says where it cannot; what is recorded stays so."""

import logging

import pytest
from sealed_log import key_of, record
from serving import Service, wait_until
from sqlmodel import text
from tiny_library import ask

from governance.audit.log.keys import keygen
from governance.audit.log.sealing import sealing
from governance.audit.log.verification import verify_log
from governance.db import migrate, open_engine, transaction
from governance.settings import Settings
from governance.transparency.note_keys import Signer

AT_ONCE = {"seal_interval_seconds": 0.02}


def test_an_answer_is_proved_soon_after_it_was_given(database_service: Service) -> None:
    decision = database_service.ask(ask("DE")).json()["decision_id"]
    path = f"/v1/decisions/{decision}/proof"
    wait_until(lambda: database_service.get(path).status_code == 200, "it is not sealed")
    assert database_service.get("/v1/log", role="auditor").json()["unsealed"] == 0
    assert verify_log(database_service.engine).size >= 1


def test_the_first_start_makes_the_key_and_the_next_keeps_it(sqlite_settings: Settings) -> None:
    settings = sqlite_settings.model_copy(update=AT_ONCE)
    engine = open_engine(settings)
    migrate(engine)
    file = settings.data_dir / "audit_key"
    with sealing(engine, settings):
        made = file.read_text()
    with sealing(engine, settings):
        assert file.read_text() == made
    engine.dispose()


def test_a_host_without_the_key_says_so_once_and_seals_once_it_has_it(
    sqlite_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings = sqlite_settings.model_copy(update=AT_ONCE)
    engine = open_engine(settings)
    migrate(engine)
    key = key_of(engine, settings)
    file = settings.data_dir / "audit_key"
    file.write_text(Signer.generate(key.name).secret_text())
    with caplog.at_level(logging.ERROR), sealing(engine, settings):
        wait_until(lambda: bool(caplog.records), "nothing was said")
        record(engine, 3)
        rounds = len(caplog.records)
        file.write_text(key.secret_text())
        wait_until(lambda: verify_log(engine).size == 3, "it is not sealed")
    said = [one.getMessage() for one in caplog.records]
    assert rounds == len(said) == 1
    assert "this host has another private key" in said[0]
    engine.dispose()


def test_a_database_that_fails_does_not_end_the_sealing(
    sqlite_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings = sqlite_settings.model_copy(update=AT_ONCE)
    engine = open_engine(settings)
    migrate(engine)
    with sealing(engine, settings):
        with transaction(engine, write=True) as session:
            session.connection().execute(text("ALTER TABLE log_tile RENAME TO away"))
        record(engine, 2)
        wait_until(lambda: bool(caplog.records), "nothing was said")
        with transaction(engine, write=True) as session:
            session.connection().execute(text("ALTER TABLE away RENAME TO log_tile"))
        wait_until(lambda: verify_log(engine).size == 2, "it is not sealed")
    engine.dispose()


def test_a_key_that_was_rotated_takes_over_while_the_service_runs(
    sqlite_settings: Settings,
) -> None:
    settings = sqlite_settings.model_copy(update=AT_ONCE)
    engine = open_engine(settings)
    migrate(engine)
    with sealing(engine, settings):
        record(engine, 2)
        wait_until(lambda: verify_log(engine).size == 2, "it is not sealed")
        keygen(settings, engine)
        record(engine, 2)
        wait_until(lambda: verify_log(engine).size == 4, "it is not sealed")
    assert verify_log(engine).checkpoints >= 3
    engine.dispose()
