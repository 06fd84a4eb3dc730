"""Every decision gets one place, in the order of the record, whoever seals and writes at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from sealed_log import key_of, record, sealed
from serving import SOAK
from sqlalchemy import Engine
from sqlmodel import col, insert, select, text, update

from governance.audit.log import sealer
from governance.audit.log.keys import UnusableLogKey
from governance.audit.log.sealer import seal, seal_batches
from governance.audit.log.stored_tree import LogDamaged, entries, newest_checkpoint, tree
from governance.audit.log.verification import verify_log
from governance.audit.models import Checkpoint, LogEntry, LogKey, LogTile
from governance.db import open_engine, transaction
from governance.decisions.entry import entry
from governance.decisions.models import Decision
from governance.settings import Settings
from governance.transparency import canonical_base64
from governance.transparency.checkpoint import open_checkpoint
from governance.transparency.note_keys import Signer
from governance.transparency.tree import leaf_hash, verify_consistency

EACH = 200 if SOAK else 25


def test_each_decision_is_a_leaf_in_the_order_of_the_record(
    engine: Engine, database_settings: Settings
) -> None:
    checkpoint = sealed(engine, database_settings, 5)
    key = key_of(engine, database_settings)
    with transaction(engine) as session:
        decisions = session.exec(select(Decision).order_by(col(Decision.sequence))).all()
        places = session.exec(select(LogEntry).order_by(col(LogEntry.entry_index))).all()
        kept = list(entries(session, 0, 5))
        head = open_checkpoint(checkpoint.note, [key.verifier], key.name)
        (tile,) = session.exec(select(LogTile)).all()
        assert tree(session).root(5) == head.root
    assert [(one.entry_index, one.sequence) for one in places] == [
        (index, decision.sequence) for index, decision in enumerate(decisions)
    ]
    assert kept == [entry(decision) for decision in decisions]
    assert tile.hashes == b"".join(map(leaf_hash, kept))
    assert (head.size, canonical_base64.encode(head.root)) == (5, checkpoint.root)


def test_nothing_new_is_no_new_checkpoint(engine: Engine, database_settings: Settings) -> None:
    key = key_of(engine, database_settings)
    assert seal(engine, key) is None
    checkpoint = sealed(engine, database_settings, 2)
    assert seal(engine, key) is None
    with transaction(engine) as session:
        assert newest_checkpoint(session) == checkpoint


def test_what_is_much_is_sealed_in_batches_that_fit_together(
    engine: Engine, database_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {
        "timestamp": datetime.now(UTC), "gate": "access", "labels": {}, "release": "r", "path": "p",
        "input": "{}", "result": '{"verdict":"allowed"}', "requested_by": "k", "metrics": {},
    }  # fmt: skip
    rows = [row | {"decision_id": f"01{number:024d}"} for number in range(1_000)]
    with transaction(engine, write=True) as session:
        session.connection().execute(insert(Decision), rows)
    monkeypatch.setattr(sealer, "BATCH", 300)
    key = key_of(engine, database_settings)
    made = list(seal_batches(engine, key))
    assert [one.size for one in made] == [300, 600, 900, 1_000]
    with transaction(engine) as session:
        grown = tree(session)
        heads = [open_checkpoint(one.note, [key.verifier], key.name) for one in made]
        for old, new in pairwise(heads):
            proof = grown.consistency_proof(old.size, new.size)
            verify_consistency(old.size, new.size, old.root, new.root, proof)


def test_a_number_that_was_rolled_back_leaves_no_hole(
    engine: Engine, database_settings: Settings
) -> None:
    record(engine, 1)
    with suppress(ZeroDivisionError), transaction(engine, write=True) as session:
        session.connection().execute(
            insert(Decision),
            {"decision_id": "rolled back", "timestamp": datetime.now(UTC), "gate": "access",
             "labels": {}, "release": "r", "path": "p", "input": "{}", "result": "{}",
             "requested_by": "k", "metrics": {}},
        )  # fmt: skip
        raise ZeroDivisionError
    sealed(engine, database_settings, 1)
    with transaction(engine) as session:
        indices = session.exec(select(LogEntry.entry_index).order_by(LogEntry.entry_index)).all()
    assert list(indices) == [0, 1]
    assert verify_log(engine).size == 2


def test_a_decision_whose_number_was_taken_early_is_waited_for(
    postgres_engine: Engine, sqlite_settings: Settings
) -> None:
    key = key_of(postgres_engine, sqlite_settings)
    with ThreadPoolExecutor(1) as pool:
        with transaction(postgres_engine, write=True) as session:
            session.connection().execute(
                insert(Decision),
                {"decision_id": "early", "timestamp": datetime.now(UTC), "gate": "access",
                 "labels": {}, "release": "r", "path": "p", "input": "{}",
                 "result": '{"verdict":"allowed"}', "requested_by": "k", "metrics": {}},
            )  # fmt: skip
            record(postgres_engine, 1)  # a later number, committed first
            sealing = pool.submit(seal, postgres_engine, key)
            wait_for_a_lock(postgres_engine)
            assert not sealing.done()
        checkpoint = sealing.result(60)
    assert checkpoint is not None
    assert checkpoint.size == 2
    with transaction(postgres_engine) as session:
        query = select(Decision.decision_id).join(LogEntry).order_by(col(LogEntry.entry_index))
        assert session.exec(query).all()[0] == "early"


def wait_for_a_lock(engine: Engine) -> None:
    """Until somebody waits for a lock on the table of decisions."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'decision'::regclass"
    while True:
        with transaction(engine) as session:
            if session.connection().execute(text(waiting)).scalar_one():
                return


def test_threads_write_and_seal_at_once_and_every_decision_has_one_place(
    sqlite_engine: Engine, sqlite_settings: Settings
) -> None:
    key = key_of(sqlite_engine, sqlite_settings)
    done = threading.Event()

    def seal_on() -> None:
        while not done.is_set():
            seal(sqlite_engine, key)

    with ThreadPoolExecutor(10) as pool:
        sealers = [pool.submit(seal_on) for _ in range(2)]
        writers = [pool.submit(record, sqlite_engine, EACH) for _ in range(8)]
        try:
            recorded = [one for writer in writers for one in writer.result(120)]
        finally:
            done.set()
        for one in sealers:
            one.result(60)
    seal(sqlite_engine, key)
    assert_one_place_each(sqlite_engine, recorded)


def test_processes_write_and_seal_at_once_and_every_decision_has_one_place(
    postgres_engine: Engine,
    postgres_url: str,
    sqlite_settings: Settings,
    race: Callable[..., list[Any]],
) -> None:
    key = key_of(postgres_engine, sqlite_settings)
    given = race(8, write_and_seal, postgres_url, key.secret_text(), EACH)
    seal(postgres_engine, key)
    assert_one_place_each(postgres_engine, [one for ids in given for one in ids])


def write_and_seal(url: str, secret: str, count: int) -> list[str]:
    """What each process does: some of its decisions it seals while the others write."""
    engine, key = open_engine(Settings(database_url=url)), Signer.parse(secret)
    ids = []
    for _ in range(count // 5):
        ids += record(engine, 5)
        seal(engine, key)
    engine.dispose()
    return ids


def assert_one_place_each(engine: Engine, recorded: list[str]) -> None:
    with transaction(engine) as session:
        query = select(LogEntry.entry_index, Decision.decision_id).join(Decision)
        placed = session.exec(query.order_by(col(LogEntry.entry_index))).all()
    assert [index for index, _ in placed] == list(range(len(recorded)))
    assert sorted(decision_id for _, decision_id in placed) == sorted(recorded)
    report = verify_log(engine)
    assert (report.size, report.unsealed) == (len(recorded), 0)
    assert report.checkpoints > 1


def test_a_key_that_is_not_the_logs_signs_nothing(
    engine: Engine, database_settings: Settings
) -> None:
    sealed(engine, database_settings, 1)
    record(engine, 1)
    with pytest.raises(UnusableLogKey):
        seal(engine, Signer.generate("governance.localhost/decisions"))
    with transaction(engine, write=True) as session:
        assert session.exec(select(LogEntry.entry_index)).all() == [0]
        newest = newest_checkpoint(session)
    assert newest is not None
    assert newest.size == 1


@pytest.mark.parametrize("damage", ["tile", "root", "note", "place", "behind"])
def test_nothing_is_signed_over_a_log_that_was_changed(
    sqlite_engine: Engine, sqlite_settings: Settings, damage: str
) -> None:
    sealed(sqlite_engine, sqlite_settings, 3)
    key = key_of(sqlite_engine, sqlite_settings)
    record(sqlite_engine, 1)
    with transaction(sqlite_engine, write=True) as session:
        for trigger in ("log_tile_grows", "checkpoint_append_only_update",
                        "log_entry_append_only_delete"):  # fmt: skip
            session.connection().execute(text(f"DROP TRIGGER {trigger}"))
        if damage == "tile":
            session.exec(update(LogTile).values(hashes=bytes(96)))
        elif damage == "root":
            session.exec(update(Checkpoint).values(root=canonical_base64.encode(bytes(32))))
        elif damage == "note":
            newest = newest_checkpoint(session)
            assert newest is not None
            session.exec(update(Checkpoint).values(note=newest.note.replace("\n3\n", "\n2\n")))
        elif damage == "place":
            session.connection().execute(text("DELETE FROM log_entry WHERE entry_index = 2"))
        else:
            session.exec(update(Checkpoint).values(size=2))
    with pytest.raises((LogDamaged, ValueError)):
        seal(sqlite_engine, key)
    with transaction(sqlite_engine) as session:
        assert len(session.exec(select(Checkpoint)).all()) == 1
        assert len(session.exec(select(LogKey)).all()) == 1
