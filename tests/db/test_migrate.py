"""The schema: the same as the models, on both databases, however many processes start."""

import json
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, select, text

import governance.access.models
import governance.audit.models
import governance.decisions.models
import governance.drops.models
import governance.drops.past.models
import governance.drops.rates.models
import governance.drops.webhooks.models
import governance.providers.models
import governance.providers.performance.models
import governance.providers.vetting.models
import governance.releases.models  # noqa: F401
from governance import db
from governance.db import migrate, open_engine, transaction
from governance.decisions import service
from governance.decisions.models import DecisionVerdict
from governance.decisions.personal import put_back
from governance.settings import Settings

MIGRATIONS = Path(db.__file__).parent / "migrations"
TABLES = {
    "alembic_version",
    "api_key",
    "checkpoint",
    "decision",
    "decision_verdict",
    "drop",
    "drop_approval",
    "drop_change",
    "drop_market",
    "drop_plan_provider",
    "drop_plan",
    "drop_step",
    "exchange_rates",
    "idempotent_answer",
    "inventory_count",
    "log_entry",
    "log_key",
    "log_tile",
    "past_drop",
    "personal_values",
    "provider",
    "provider_event",
    "provider_lane",
    "provider_licence",
    "provider_node",
    "provider_service",
    "provider_sla",
    "release",
    "provider_incident",
    "provider_vetting",
    "release_in_force",
    "set_aside_event",
    "shipment",
    "standing_change",
    "standing_step",
    "webhook_delivery",
    "webhook_endpoint",
    "webhook_event",
    "webhook_secret",
}


def test_the_migrated_schema_is_the_one_of_the_models(engine: Engine) -> None:
    assert set(inspect(engine).get_table_names()) == TABLES
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    assert set(inspect(engine).get_table_names()) == TABLES


def test_four_processes_that_start_at_once_all_find_the_schema(
    database_settings: Settings, race
) -> None:
    assert race(4, tables_after_migration, database_settings) == [TABLES] * 4


def tables_after_migration(settings: Settings) -> set[str]:
    engine = open_engine(settings)
    migrate(engine)
    return set(inspect(engine).get_table_names())


def test_processes_that_make_the_same_sqlite_files_at_once_wait_for_each_other(
    tmp_path: Path, race
) -> None:
    """Switching a new file to WAL fails at once where another process does the same."""
    assert race(4, open_many_files, tmp_path) == [100] * 4


def open_many_files(folder: Path) -> int:
    opened = 0
    for number in range(100):
        engine = open_engine(Settings(data_dir=folder / str(number), database_url=None))
        with transaction(engine, write=True) as session:
            session.connection()
            opened += 1
        engine.dispose()
    return opened


def test_decisions_of_before_the_log_are_filed_like_those_of_today(engine: Engine) -> None:
    migrated_to(engine, "0001")
    asked = {
        "seller": {"id": "s-secret"},
        "product": {"id": "p", "title": "", "category": "toys"},
        "evidence": [],
    }
    answered = {"markets": [{"market": "FR", "verdict": "allowed"}]}
    row = {"asked": json.dumps(asked), "answered": json.dumps(answered)}
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO decision (decision_id, timestamp, gate, labels, release, path, input, "
                "result, requested_by, metrics, erased, masked) VALUES ('one', "
                "'2026-11-22 10:00:00+00:00', 'sale', '{}', 'r', 'p', :asked, :answered, 'k', "
                "'{}', '[]', '[]')"
            ),
            row,
        )
    migrate(engine)
    with transaction(engine) as session:
        decision = service.get(session, "one")
        assert decision.category == "toys"
        assert "s-secret" not in decision.input
        opened = service.opened(session, decision)
        assert put_back(json.loads(decision.input), opened) == asked
        verdict = session.exec(select(DecisionVerdict)).one()
        assert (verdict.market, verdict.verdict) == ("FR", "allowed")
    with pytest.raises(IntegrityError, match="append-only"), engine.begin() as connection:
        connection.execute(text("UPDATE decision SET category = 'x'"))


def migrated_to(engine: Engine, revision: str) -> None:
    """Throw the schema away and make the one of an earlier version."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    if engine.dialect.name == "sqlite":
        engine.dispose()
        Path(engine.url.database).unlink()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
