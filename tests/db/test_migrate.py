"""The schema: the same as the models, on both databases, however many processes start."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect
from sqlmodel import SQLModel

import governance.access.models
import governance.decisions.models
import governance.releases.models  # noqa: F401
from governance.db import migrate, open_engine, transaction
from governance.settings import Settings

TABLES = {
    "alembic_version",
    "api_key",
    "decision",
    "idempotent_answer",
    "release",
    "release_in_force",
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
