"""The database: one engine a process, SQLite (WAL, synchronous=FULL) or PostgreSQL; one commit."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    String,
    Table,
    event,
)
from sqlalchemy import exc as sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Session, SQLModel, create_engine, text

from governance.errors import StorageUnavailable
from governance.settings import Settings

_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 7061727469  # any number, as long as every version of the service uses the same
_WAIT_SECONDS = 30  # for the other writer of an SQLite file
_CONNECT_SECONDS = 5
_OUR_FAULT = (sql.IntegrityError, sql.ProgrammingError, sql.DataError, sql.NotSupportedError)

SEQUENCE = BigInteger().with_variant(Integer, "sqlite")
"""Type of a column that numbers its rows: 64 bits on both (SQLite counts only an INTEGER)."""


class UtcTimestamp(TypeDecorator[datetime]):
    """An aware instant in UTC, to the microsecond; SQLite keeps it as ISO 8601 text that sorts."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, which has no type for an instant; `timestamptz` on PostgreSQL."""
        return String(32) if dialect.name == "sqlite" else DateTime(timezone=True)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """The stored form; raises `ValueError` for a naive instant, whose zone would be a guess."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        instant = value.astimezone(UTC)
        return instant.isoformat(timespec="microseconds") if dialect.name == "sqlite" else instant

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The instant, in UTC whatever the time zone of the database session."""
        if value is None:
            return None
        instant = datetime.fromisoformat(value) if isinstance(value, str) else value
        return instant.astimezone(UTC)


def open_engine(settings: Settings) -> Engine:
    """The engine of the configured database; makes `data_dir` where SQLite needs it.

    Its errors show no values of a statement, which may be personal.
    """
    if settings.database_url:
        url = settings.database_url
    else:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        url = f"sqlite:///{(settings.data_dir / 'governance.db').absolute()}"
    if not url.startswith("sqlite"):
        wait = {"connect_timeout": _CONNECT_SECONDS}
        return create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args=wait)
    wait = {"check_same_thread": False, "timeout": _WAIT_SECONDS}
    engine = create_engine(url, hide_parameters=True, connect_args=wait)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest migration; safe when several processes start at once.

    Raises StorageUnavailable where the database fails. Either every migration is in or none.
    """
    # Imported here: a sixth of the start of every command that opens no database.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with _storage_failures(), _writing(engine).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def migrated(settings: Settings) -> Iterator[Engine]:
    """The engine of the configured database, its schema the newest; closed when the block ends."""
    engine = open_engine(settings)
    try:
        migrate(engine)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def transaction(engine: Engine, *, write: bool = False) -> Iterator[Session]:
    """One session: committed at the end, rolled back on any error. Nothing else ever commits.

    With `write` an SQLite transaction takes the writer's lock at its first statement: one that
    reads, then writes, must ask for it, or it fails when another writer got in between. Objects
    stay readable after the commit.

    Raises StorageUnavailable where the database fails: full, locked, read-only, gone.
    """
    bind = _writing(engine) if write else engine
    with _storage_failures(), Session(bind, expire_on_commit=False) as session, session.begin():
        yield session


def sole_writer(session: Session, model: type[SQLModel]) -> None:
    """Wait for the other writers of a table to end, and hold new ones off until this one ends.

    For "read, then write what follows from it" where no row exists yet that could be locked. Raises
    `ValueError` in an SQLite transaction that was not begun with `write=True`.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        table = connection.dialect.identifier_preparer.quote(str(model.__tablename__))
        connection.execute(text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))
    elif not connection.get_execution_options().get("sqlite_write"):
        raise ValueError("this transaction must be begun with write=True")


def insert(session: Session, model: type[SQLModel]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say what happens `on_conflict_…`, in the session's dialect."""
    on_postgresql = session.connection().dialect.name == "postgresql"
    table: Table = model.__table__  # type: ignore[attr-defined]
    return postgresql.insert(table) if on_postgresql else sqlite.insert(table)


def can_name(text: str) -> bool:
    """Whether a text from outside can be the name of a row at all.

    PostgreSQL cannot even be asked for one with NUL or half a character in it.
    """
    return text.isprintable()


@contextmanager
def _storage_failures() -> Iterator[None]:
    try:
        yield
    except _OUR_FAULT:
        raise
    except (sql.DBAPIError, sql.TimeoutError) as error:
        # The driver's words may name hosts and files: they stay in the cause, for the log.
        raise StorageUnavailable("The database failed; send the request again later") from error


def _writing(engine: Engine) -> Engine:
    return engine.execution_options(sqlite_write=True)


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("sqlite_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN DEFERRED")


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not open transactions behind our back
    mode = _switch_to_wal(connection)
    if mode != "wal":
        raise StorageUnavailable(f"SQLite keeps no write-ahead log here (journal mode: {mode})")
    # Deleted content is overwritten with zeros: what is erased must not stay in a free page.
    for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _switch_to_wal(connection: sqlite3.Connection) -> str:
    # SQLite does not wait for a lock here: two processes that both make the file would fail.
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode=WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
