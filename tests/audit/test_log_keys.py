"""The log's keys: made once, found again, handed over; what an old key signed stays readable."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from sealed_log import key_of, record, sealed
from sqlalchemy import Engine
from sqlmodel import select

from governance.audit.log import key_file
from governance.audit.log.key_file import UnusableKeyFile
from governance.audit.log.keys import (
    DEFAULT_ORIGIN,
    UnusableLogKey,
    ensure_key,
    keygen,
    signer,
    verifiers,
)
from governance.audit.log.sealer import seal
from governance.audit.log.stored_tree import newest_checkpoint
from governance.audit.models import Checkpoint, LogKey
from governance.db import transaction
from governance.errors import InvalidRequest
from governance.settings import Settings
from governance.transparency.checkpoint import open_checkpoint
from governance.transparency.note_keys import InvalidNoteKey, Signer, Verifier
from governance.transparency.notes import NoteInvalid, open_note


def held(settings: Settings, engine: Engine) -> Signer:
    with transaction(engine) as session:
        return signer(settings, session)


def stored(engine: Engine) -> list[Verifier]:
    with transaction(engine) as session:
        return verifiers(session)


def test_the_first_key_is_kept_in_a_file_that_only_its_owner_reads(
    engine: Engine, database_settings: Settings
) -> None:
    made = keygen(database_settings, engine)
    file = database_settings.data_dir / "audit_key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Signer.parse(file.read_text().strip()).verifier == made.verifier
    assert made.verifier.name == DEFAULT_ORIGIN
    assert stored(engine) == [made.verifier]
    assert held(database_settings, engine).verifier == made.verifier
    assert [path.name for path in file.parent.glob("*audit*")] == ["audit_key"]


def test_the_key_has_the_name_that_the_operator_gives(
    engine: Engine, database_settings: Settings
) -> None:
    assert keygen(database_settings, engine, "log.example/drops").verifier.name == (
        "log.example/drops"
    )
    with pytest.raises(InvalidRequest, match="its name cannot change"):
        keygen(database_settings, engine, "log.example/other")
    assert len(stored(engine)) == 1


@pytest.mark.parametrize(
    ("origin", "refusal"), [("https://a.example", InvalidRequest), ("a b", InvalidNoteKey)]
)
def test_a_name_that_no_log_can_have_makes_no_key(
    sqlite_engine: Engine, sqlite_settings: Settings, origin: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        keygen(sqlite_settings, sqlite_engine, origin)
    assert stored(sqlite_engine) == []
    assert not (sqlite_settings.data_dir / "audit_key").exists()


def test_hosts_that_start_at_once_agree_on_one_key(
    engine: Engine, database_settings: Settings
) -> None:
    def start(_: int) -> Verifier:
        with transaction(engine, write=True) as session:
            return ensure_key(database_settings, session)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(start, range(4)))) == 1
    assert len(stored(engine)) == 1


def test_a_key_that_was_given_before_the_log_began_is_taken(
    sqlite_engine: Engine, sqlite_settings: Settings
) -> None:
    given = Signer.generate("log.example/drops")
    settings = sqlite_settings.model_copy(update={"audit_key": SecretStr(given.secret_text())})
    assert key_of(sqlite_engine, settings) == given
    assert not (settings.data_dir / "audit_key").exists()


def test_a_file_that_a_lost_commit_left_behind_is_taken(
    sqlite_engine: Engine, sqlite_settings: Settings
) -> None:
    left = Signer.generate(DEFAULT_ORIGIN)
    key_file.write(sqlite_settings, key_file.NAME, left)
    assert keygen(sqlite_settings, sqlite_engine).verifier == left.verifier
    with pytest.raises(UnusableKeyFile, match="File exists"):
        key_file.write(sqlite_settings, key_file.NAME, Signer.generate(DEFAULT_ORIGIN))


def test_a_host_with_another_key_or_none_is_told_which_is_missing(
    sqlite_engine: Engine, sqlite_settings: Settings
) -> None:
    with pytest.raises(UnusableLogKey, match="no key yet"):
        held(sqlite_settings, sqlite_engine)
    made = keygen(sqlite_settings, sqlite_engine).verifier
    name = f"{made.name}\\+{made.key_id:08x}"
    file = sqlite_settings.data_dir / "audit_key"
    file.write_text(Signer.generate(DEFAULT_ORIGIN).secret_text())
    with pytest.raises(UnusableLogKey, match=f"{name}; this host has another private key"):
        held(sqlite_settings, sqlite_engine)
    file.unlink()
    with pytest.raises(UnusableLogKey, match=f"{name}; this host has no private key"):
        held(sqlite_settings, sqlite_engine)
    with pytest.raises(UnusableLogKey):
        keygen(sqlite_settings, sqlite_engine)
    assert stored(sqlite_engine) == [made]
    file.write_text("PRIVATE+KEY+oops")
    with pytest.raises(InvalidNoteKey) as told:
        held(sqlite_settings, sqlite_engine)
    assert "oops" not in told.value.detail


def test_a_new_key_takes_over_with_a_checkpoint_that_both_signed(
    engine: Engine, database_settings: Settings
) -> None:
    before = sealed(engine, database_settings, 5)
    made = keygen(database_settings, engine)
    old, new = stored(engine)
    assert (made.old, made.verifier) == (old, new)
    assert new.name == old.name
    with transaction(engine) as session:
        handed = newest_checkpoint(session)
    assert handed is not None
    assert (handed.size, handed.root) == (before.size, before.root)
    for key in (old, new):
        assert open_checkpoint(handed.note, [key], DEFAULT_ORIGIN).size == 5
    record(engine, 2)
    after = seal(engine, held(database_settings, engine))
    assert after is not None
    assert open_checkpoint(after.note, [new], DEFAULT_ORIGIN).size == 7
    with pytest.raises(NoteInvalid, match="No known key"):
        open_checkpoint(after.note, [old], DEFAULT_ORIGIN)
    assert open_checkpoint(before.note, [old], DEFAULT_ORIGIN).size == 5


def test_the_old_private_key_is_moved_aside_and_signs_no_more(
    engine: Engine, database_settings: Settings
) -> None:
    sealed(engine, database_settings, 1)
    old = held(database_settings, engine)
    made = keygen(database_settings, engine)
    assert made.retired is not None
    assert Signer.parse(made.retired.read_text().strip()) == old
    assert stat.S_IMODE(made.retired.stat().st_mode) == 0o600
    record(engine, 1)
    with pytest.raises(UnusableLogKey, match="Another key"):
        seal(engine, old)


def test_a_key_in_the_setting_is_rotated_into_the_file(
    sqlite_engine: Engine, sqlite_settings: Settings
) -> None:
    given = Signer.generate("log.example/drops")
    settings = sqlite_settings.model_copy(update={"audit_key": SecretStr(given.secret_text())})
    sealed(sqlite_engine, settings, 1)
    made = keygen(settings, sqlite_engine)
    assert (made.old, made.retired) == (given.verifier, None)
    assert held(settings, sqlite_engine).verifier == made.verifier


@pytest.mark.parametrize("committed", [True, False])
def test_a_rotation_that_was_cut_short_is_ended_by_the_next(
    sqlite_engine: Engine, sqlite_settings: Settings, committed: bool
) -> None:
    first = key_of(sqlite_engine, sqlite_settings)
    left = Signer.generate(DEFAULT_ORIGIN)
    key_file.write(sqlite_settings, key_file.NEXT, left)
    if committed:
        with transaction(sqlite_engine, write=True) as session:
            session.add(LogKey(verifier_key=str(left.verifier), since=datetime.now(UTC)))
    signs = left if committed else first
    assert held(sqlite_settings, sqlite_engine) == signs
    made = keygen(sqlite_settings, sqlite_engine)
    assert made.old == signs.verifier
    assert held(sqlite_settings, sqlite_engine).verifier == made.verifier
    assert not (sqlite_settings.data_dir / "audit_key.next").exists()


def test_rotations_at_once_leave_one_key_that_signs_and_no_key_lost(
    engine: Engine, database_settings: Settings
) -> None:
    sealed(engine, database_settings, 3)

    def rotate(_: int) -> Verifier:
        return keygen(database_settings, engine).verifier

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(rotate, range(4)))
    assert sorted(map(str, stored(engine)[1:])) == sorted(map(str, made))
    assert held(database_settings, engine).verifier == stored(engine)[-1]
    files = list(database_settings.data_dir.glob("audit_key*"))
    assert len(files) == 5
    with transaction(engine) as session:
        notes = session.exec(select(Checkpoint.note)).all()
    assert [len(open_note(note, stored(engine)).verified) for note in notes] == [1, 2, 2, 2, 2]
