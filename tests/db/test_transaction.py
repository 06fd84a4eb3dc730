"""A transaction: all or nothing, and a database that fails is an answer of its own."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, select, text

import governance
from governance.access.models import IdempotentAnswer
from governance.db import migrate, open_engine, sole_writer, transaction
from governance.errors import StorageUnavailable
from governance.settings import Settings


def row(key: str, at: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> IdempotentAnswer:
    return IdempotentAnswer(
        caller_id="c",
        key=key,
        request_hash="h",
        status=200,
        body="b",
        media_type="text/plain",
        created_at=at,
    )


def keys(session: Session) -> list[str]:
    return sorted(session.exec(select(IdempotentAnswer.key)).all())


def test_everything_is_kept_at_the_end_and_stays_readable(engine: Engine) -> None:
    with transaction(engine) as session:
        kept = row("one")
        session.add(kept)
    assert kept.key == "one"
    with transaction(engine) as session:
        assert keys(session) == ["one"]


def test_nothing_is_kept_when_the_body_fails(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), transaction(engine, write=True) as session:
        session.add(row("one"))
        session.flush()
        raise ZeroDivisionError
    with transaction(engine) as session:
        assert keys(session) == []


def test_a_broken_constraint_is_not_taken_for_a_failed_database(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(row("one"))
    with pytest.raises(IntegrityError), transaction(engine) as session:
        session.add(row("one"))


def test_sqlite_syncs_every_commit_and_checks_references(sqlite_engine: Engine) -> None:
    with transaction(sqlite_engine) as session:
        pragmas = {
            name: session.connection().exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_an_sqlite_without_a_write_ahead_log_is_refused() -> None:
    with pytest.raises(StorageUnavailable, match="memory"):
        migrate(open_engine(Settings(database_url="sqlite://")))


def test_a_transaction_that_reads_then_writes_outlives_another_writer(engine: Engine) -> None:
    """Without the writer's lock at the start SQLite refuses the second of these writes."""
    read, rivals = threading.Event(), []

    def rival() -> None:
        read.wait()
        with transaction(engine, write=True) as session:
            session.add(row("rival"))
        rivals.append("done")

    thread = threading.Thread(target=rival)
    thread.start()
    with transaction(engine, write=True) as session:
        assert keys(session) == []
        read.set()
        thread.join(timeout=0.5)  # PostgreSQL lets the rival end here; SQLite makes it wait
        session.add(row("first"))
    thread.join()
    assert rivals == ["done"]
    with transaction(engine) as session:
        assert keys(session) == ["first", "rival"]


def test_without_the_lock_sqlite_fails_closed_when_overtaken(sqlite_engine: Engine) -> None:
    with pytest.raises(StorageUnavailable), transaction(sqlite_engine) as session:
        assert keys(session) == []
        with transaction(sqlite_engine, write=True) as other:
            other.add(row("rival"))
        session.add(row("first"))
    with transaction(sqlite_engine) as session:
        assert keys(session) == ["rival"]


def test_the_sole_writer_reads_what_no_other_can_change(engine: Engine) -> None:
    def add_if_empty(key: str) -> None:
        with transaction(engine, write=True) as session:
            sole_writer(session, IdempotentAnswer)
            if not keys(session):
                session.add(row(key))

    threads = [threading.Thread(target=add_if_empty, args=(str(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with transaction(engine) as session:
        assert len(keys(session)) == 1


def test_the_sole_writer_of_sqlite_must_have_asked_for_the_lock(sqlite_engine: Engine) -> None:
    with pytest.raises(ValueError, match="write=True"), transaction(sqlite_engine) as session:
        sole_writer(session, IdempotentAnswer)


def test_an_instant_comes_back_aware_in_utc_to_the_microsecond(engine: Engine) -> None:
    kiritimati = timezone(timedelta(hours=14))
    at = datetime(2026, 1, 1, 3, 4, 5, 6, tzinfo=kiritimati)
    with transaction(engine) as session:
        session.add(row("one", at))
    with transaction(engine) as session:
        found = session.exec(
            select(IdempotentAnswer).where(IdempotentAnswer.created_at == at)
        ).one()
    assert found.created_at.isoformat() == "2025-12-31T13:04:05.000006+00:00"


def test_an_instant_without_a_time_zone_is_refused(engine: Engine) -> None:
    with (
        pytest.raises(StatementError, match="has no time zone"),
        transaction(engine) as session,
    ):
        session.add(row("one", datetime(2026, 1, 1)))  # noqa: DTZ001


def test_a_locked_sqlite_file_is_storage_unavailable(sqlite_engine: Engine) -> None:
    with transaction(sqlite_engine, write=True) as holder:
        holder.add(row("holder"))
        holder.flush()
        with pytest.raises(StorageUnavailable), transaction(sqlite_engine) as session:
            session.connection().exec_driver_sql("PRAGMA busy_timeout=50")
            session.add(row("late"))
    with transaction(sqlite_engine) as session:
        assert keys(session) == ["holder"]


def test_a_full_disk_is_storage_unavailable(sqlite_engine: Engine) -> None:
    with pytest.raises(StorageUnavailable) as caught, transaction(sqlite_engine) as session:
        connection = session.connection()
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        large = row("large")
        large.body = "x" * 100_000
        session.add(large)
    assert "full" in str(caught.value.__cause__)
    with transaction(sqlite_engine) as session:
        assert keys(session) == []


def test_a_read_only_file_is_storage_unavailable(
    sqlite_engine: Engine, sqlite_settings: Settings
) -> None:
    file = sqlite_settings.data_dir / "governance.db"
    address = f"sqlite:///file:{file}?mode=ro&uri=true"
    read_only = open_engine(sqlite_settings.model_copy(update={"database_url": address}))
    with transaction(read_only) as session:
        assert keys(session) == []
    with pytest.raises(StorageUnavailable), transaction(read_only) as session:
        session.add(row("one"))
    read_only.dispose()


def test_a_folder_that_cannot_be_opened_is_storage_unavailable(tmp_path: Path) -> None:
    engine = open_engine(Settings(database_url=f"sqlite:///{tmp_path}/missing/governance.db"))
    with pytest.raises(StorageUnavailable):
        migrate(engine)


def test_a_file_that_is_no_database_is_storage_unavailable(tmp_path: Path) -> None:
    file = tmp_path / "governance.db"
    file.write_bytes(b"not a database, but long enough to be taken for one" * 100)
    with pytest.raises(StorageUnavailable):
        migrate(open_engine(Settings(database_url=f"sqlite:///{file}")))


def test_a_stopped_server_is_storage_unavailable_until_it_is_back(
    postgres_engine: Engine, postgres_cluster
) -> None:
    engine = postgres_engine
    try:
        with pytest.raises(StorageUnavailable), transaction(engine) as session:
            session.add(row("lost"))
            session.flush()
            postgres_cluster.stop()  # in the middle: the commit finds nobody
        with pytest.raises(StorageUnavailable), transaction(engine) as session:
            keys(session)
        with pytest.raises(StorageUnavailable):
            migrate(engine)
    finally:
        postgres_cluster.start()
    with transaction(engine) as session:
        assert keys(session) == []


def test_an_error_shows_no_values(engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(row("one"))
    secret = row("one")
    secret.body = "somebody's address"
    with pytest.raises(IntegrityError) as caught, transaction(engine) as session:
        session.add(secret)
    assert "address" not in str(caught.value)


def test_the_problem_names_neither_host_nor_file(tmp_path: Path) -> None:
    engine = open_engine(Settings(database_url=f"sqlite:///{tmp_path}/missing/governance.db"))
    with pytest.raises(StorageUnavailable) as caught, transaction(engine) as session:
        keys(session)
    assert str(tmp_path) not in str(caught.value.problem())


def test_nothing_in_the_package_commits_by_itself() -> None:
    package = Path(governance.__file__).parent
    assert [file for file in package.rglob("*.py") if ".commit(" in file.read_text()] == []


def test_text_with_any_character_survives(engine: Engine) -> None:
    body = "naïve 日本 🧴 \u2028 \\u0000 \r\n\t'\"%"
    with transaction(engine) as session:
        one = row("one")
        one.body = body
        session.add(one)
    with transaction(engine) as session:
        assert session.exec(select(IdempotentAnswer.body)).one() == body
        assert session.exec(text("SELECT body FROM idempotent_answer")).scalar_one() == body
