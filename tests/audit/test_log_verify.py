"""Whatever somebody with all rights changes in the stored log is named, and where it stands."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sealed_log import key_of, record, sealed
from sqlalchemy import Engine
from sqlmodel import select

from governance.audit.log.keys import keygen, verifiers
from governance.audit.log.sealer import seal
from governance.audit.log.stored_tree import LogDamaged
from governance.audit.log.verification import LogReport, verify_log
from governance.audit.models import LogEntry
from governance.db import migrate, open_engine, transaction
from governance.decisions.models import Decision
from governance.settings import Settings
from governance.transparency import canonical_base64
from governance.transparency.checkpoint import Checkpoint, sign_checkpoint
from governance.transparency.note_keys import Signer, Verifier

SIZES = (100, 280, 300)
ANOTHER_ROOT = canonical_base64.encode(bytes(32))


@pytest.fixture(scope="module")
def whole_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a log of 300 decisions, sealed in three steps."""
    folder = tmp_path_factory.mktemp("log")
    settings = Settings(data_dir=folder, database_url=None)
    engine = open_engine(settings)
    migrate(engine)
    for size, before in zip(SIZES, (0, *SIZES), strict=False):
        sealed(engine, settings, size - before)
    engine.dispose()
    return folder


@pytest.fixture
def log_settings(whole_log: Path, tmp_path: Path) -> Settings:
    """A log of our own, to be changed."""
    shutil.copytree(whole_log, tmp_path / "log")
    return Settings(data_dir=tmp_path / "log", database_url=None)


@pytest.fixture
def log(log_settings: Settings) -> Iterator[Engine]:
    engine = open_engine(log_settings)
    yield engine
    engine.dispose()


def tamper(engine: Engine, *statements: str) -> None:
    """Change the database as somebody can who has all rights to it, and tools of his own."""
    if engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(str(engine.url.database))) as connection:
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for (name,) in connection.execute(triggers).fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                assert connection.execute(statement).rowcount, f"nothing done: {statement}"
            connection.commit()
        return
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")  # no triggers, no keys
        for statement in statements:
            assert connection.execute(statement.encode()).rowcount, f"nothing done: {statement}"


def id_at(engine: Engine, index: int) -> str:
    with transaction(engine) as session:
        query = select(Decision.decision_id).join(LogEntry).where(LogEntry.entry_index == index)
        return session.exec(query).one()


def test_a_log_that_nobody_touched_holds(log: Engine) -> None:
    told: list[tuple[int, int]] = []
    report = verify_log(log, progress=lambda done, total: told.append((done, total)))
    assert report == LogReport(size=300, checkpoints=3, openings=300 * 4, unsealed=0)
    assert told[-1] == (300, 300)


def test_a_log_without_an_entry_holds(engine: Engine) -> None:
    assert verify_log(engine) == LogReport(0, 0, 0, 0)


def test_decisions_that_wait_are_counted(log: Engine) -> None:
    record(log, 2)
    assert verify_log(log).unsealed == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("input = replace(input, 'lamps', 'toys')", "its row was changed"),
        ("result = replace(result, 'prohibited', 'allowed')", "its row was changed"),
        ("result = '{}'", "its row was changed"),
        ("requested_by = 'key_2'", "its row was changed"),
        ("labels = '{}'", "its row was changed"),
        ("timestamp = '2026-01-01T00:00:00.000000+00:00'", "its row was changed"),
        ("category = 'toys'", "filed under the category 'toys'"),
        ("category = NULL", "filed under the category None"),
    ],
)
@pytest.mark.parametrize("index", [1, 150, 299])
def test_a_changed_decision_is_named(log: Engine, change: str, why: str, index: int) -> None:
    where = f"sequence = (SELECT sequence FROM log_entry WHERE entry_index = {index})"
    tamper(log, f"UPDATE decision SET {change} WHERE {where}")
    with pytest.raises(LogDamaged, match=why) as told:
        verify_log(log)
    assert told.value.extra == {"index": index, "decision_id": id_at(log, index)}
    assert id_at(log, index) in told.value.detail


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decision_verdict SET verdict = 'allowed' WHERE market = 'FR' AND sequence = 151",
        "DELETE FROM decision_verdict WHERE market = 'FR' AND sequence = 151",
        "INSERT INTO decision_verdict VALUES (151, 'US', 'allowed')",
    ],
)
def test_rows_of_verdicts_that_differ_from_the_result_are_named(
    log: Engine, statement: str
) -> None:
    tamper(log, statement)
    with pytest.raises(LogDamaged, match="by which it is found") as told:
        verify_log(log)
    assert told.value.extra["decision_id"] == id_at(log, 150)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("opened = replace(opened, 'Lamp 50', 'Lamp 51')", "title does not open the commitment"),
        ("opened = replace(opened, '/product/title', '/product/category')", "/product/category"),
        ("opened = '{\"/seller/id\": 1}'", "not of the form"),
        ("bucket = bucket + 1", "another person's bucket"),
    ],
)
def test_a_kept_value_that_does_not_open_its_commitment_is_named(
    log: Engine, change: str, why: str
) -> None:
    tamper(log, f"UPDATE personal_values SET {change} WHERE sequence = 151")
    with pytest.raises(LogDamaged, match=why) as told:
        verify_log(log)
    assert told.value.extra["index"] == 150


@pytest.mark.parametrize("text", ["'{}      '", None])
def test_values_that_were_erased_leave_a_log_that_holds(log: Engine, text: str | None) -> None:
    tamper(
        log,
        f"UPDATE personal_values SET opened = {text} WHERE sequence < 11"
        if text
        else "DELETE FROM personal_values WHERE sequence < 11",
    )
    assert verify_log(log).openings == 290 * 4


@pytest.mark.parametrize(
    ("statements", "why"),
    [
        (["DELETE FROM decision WHERE sequence = 151"], r"place 150 \(151\) is deleted"),
        (["DELETE FROM log_entry WHERE entry_index = 150"], "place 150 is given to no decision"),
        (["DELETE FROM log_entry WHERE entry_index = 299"], "place 299 is given to no decision"),
        (
            [
                "DELETE FROM decision WHERE sequence = 151",
                "DELETE FROM log_entry WHERE entry_index = 150",
                "UPDATE log_entry SET entry_index = -entry_index WHERE entry_index > 150",
                "UPDATE log_entry SET entry_index = -entry_index - 1 WHERE entry_index < 0",
            ],
            r"\(place 150\) does not hold: it is not what was sealed",
        ),
        (
            [
                "UPDATE log_entry SET sequence = -1 WHERE entry_index = 150",
                "UPDATE log_entry SET sequence = 151 WHERE entry_index = 200",
                "UPDATE log_entry SET sequence = 201 WHERE entry_index = 150",
            ],
            r"\(place 150\) does not hold: it is not what was sealed",
        ),
        (["INSERT INTO log_entry VALUES (300, 301)"], "301 places, and 300 under the signatures"),
    ],
)  # fmt: skip
def test_a_place_that_was_deleted_swapped_or_added_is_named(
    log: Engine, statements: list[str], why: str
) -> None:
    tamper(log, *statements)
    with pytest.raises(LogDamaged, match=why):
        verify_log(log)


def test_a_decision_that_was_put_in_between_is_named(log: Engine) -> None:
    columns = (
        "timestamp, gate, labels, release, path, input, result, requested_by, metrics, category"
    )
    tamper(
        log,
        f"INSERT INTO decision (sequence, decision_id, {columns}) "
        f"SELECT 0, 'smuggled in', {columns} FROM decision WHERE sequence = 1",
    )
    with pytest.raises(LogDamaged, match="Decision smuggled in has no place") as told:
        verify_log(log)
    assert told.value.extra["decision_id"] == "smuggled in"


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE log_tile SET hashes = zeroblob(8192) WHERE level = 0 AND number = 0",
         "Tile 0/0 is not that of the decisions, first at place 0"),
        ("UPDATE log_tile SET hashes = CAST(substr(hashes, 1, 8160) || zeroblob(32) AS BLOB) "
         "WHERE level = 0 AND number = 0", "Tile 0/0 .* first at place 255"),
        ("UPDATE log_tile SET hashes = substr(hashes, 1, 32) WHERE level = 0 AND number = 1",
         "Tile 0/1"),
        ("UPDATE log_tile SET hashes = zeroblob(32) WHERE level = 1", "Tile 1/0"),
        ("DELETE FROM log_tile WHERE level = 1", "Tile 1/0"),
        ("DELETE FROM log_tile WHERE level = 0 AND number = 0", "Tile 0/0"),
        ("INSERT INTO log_tile VALUES (2, 0, zeroblob(32))", "4 tiles, and 3 under"),
    ],
)  # fmt: skip
def test_a_tile_that_was_changed_is_named_and_no_decision_is_blamed(
    log: Engine, statement: str, why: str
) -> None:
    tamper(log, statement)
    with pytest.raises(LogDamaged, match=why) as told:
        verify_log(log)
    assert "decision_id" not in told.value.extra


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE checkpoint SET note = replace(note, '280', '281') WHERE number = 2",
         "Checkpoint 2 does not hold: The signature"),
        (f"UPDATE checkpoint SET root = '{ANOTHER_ROOT}' WHERE number = 2",
         "Checkpoint 2 does not hold: size and root beside it"),
        ("UPDATE checkpoint SET size = 279 WHERE number = 2",
         "Checkpoint 2 does not hold: size and root beside it"),
        ("UPDATE checkpoint SET number = 9 WHERE number = 2",
         "Checkpoint 9 signs less than the one before it"),
        ("DELETE FROM checkpoint WHERE number = 3", "Tile 0/1"),
        ("DELETE FROM log_key", "Checkpoint 1 does not hold: No known key"),
    ],
)  # fmt: skip
def test_a_checkpoint_that_was_changed_is_named(log: Engine, statement: str, why: str) -> None:
    tamper(log, statement)
    with pytest.raises(LogDamaged, match=why):
        verify_log(log)


def test_a_checkpoint_of_another_tree_is_named_though_the_key_of_the_log_signed_it(
    log: Engine, log_settings: Settings
) -> None:
    key = key_of(log, log_settings)
    note = sign_checkpoint(Checkpoint(key.name, 280, bytes(32)), [key])
    tamper(log, f"UPDATE checkpoint SET note = '{note}', root = '{ANOTHER_ROOT}' WHERE number = 2")
    with pytest.raises(LogDamaged, match=r"Checkpoint 2 signs another root .* from 100 to 279"):
        verify_log(log)


@pytest.mark.parametrize("change", ["input", "result"])
def test_changes_are_named_on_postgresql_too(
    postgres_engine: Engine, sqlite_settings: Settings, change: str
) -> None:
    sealed(postgres_engine, sqlite_settings, 300)
    assert verify_log(postgres_engine).size == 300
    where = "WHERE sequence = (SELECT sequence FROM log_entry WHERE entry_index = 257)"
    tamper(postgres_engine, f"UPDATE decision SET {change} = {change} || ' ' {where}")
    with pytest.raises(LogDamaged, match=r"\(place 257\) .* its row was changed"):
        verify_log(postgres_engine)
    tamper(postgres_engine, f"DELETE FROM decision {where}")
    with pytest.raises(LogDamaged, match="The place 257"):
        verify_log(postgres_engine)


def stored(engine: Engine) -> list[Verifier]:
    with transaction(engine) as session:
        return verifiers(session)


def test_who_holds_any_key_of_the_chain_can_verify_all_of_it(
    log: Engine, log_settings: Settings
) -> None:
    for _ in range(2):
        keygen(log_settings, log)
        record(log, 3)
        seal(log, key_of(log, log_settings))
    for key in (None, *stored(log)):
        assert verify_log(log, [key] if key else None).checkpoints == 3 + 2 * 2


def test_a_log_that_was_signed_anew_with_another_key_is_refused(
    log: Engine, log_settings: Settings
) -> None:
    (known,) = stored(log)
    assert verify_log(log, [known]).size == 300
    with pytest.raises(LogDamaged, match="Checkpoint 1 is signed by a key that no trusted key"):
        verify_log(log, [Signer.generate(known.name).verifier])
    forger = Signer.generate(known.name)
    since = "2026-11-22T00:00:00.000000+00:00"
    tamper(log, f"INSERT INTO log_key VALUES (9, '{forger.verifier}', '{since}')")
    (log_settings.data_dir / "audit_key").write_text(forger.secret_text())
    record(log, 1)
    seal(log, forger)
    with pytest.raises(LogDamaged, match="Checkpoint 4 is signed by a key that no trusted key"):
        verify_log(log, [known])
