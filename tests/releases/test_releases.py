"""Releases: kept for ever under their digest, one in force."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select, text

from governance.db import migrate, open_engine, transaction
from governance.errors import EngineUnavailable, NotFound
from governance.releases import service
from governance.releases.content import CorruptRelease, ReleaseContent, read_tree
from governance.releases.models import Release, ReleaseInForce
from governance.settings import Settings

FIRST = ReleaseContent({"rulesets/sale/a.yaml": "rules: []\r\n", "policies/sale/p.rego": "é"})
SECOND = ReleaseContent({"rulesets/sale/a.yaml": "rules: [1]\n"})


def notes(session: Session) -> list[str]:
    return list(session.exec(select(Release.note)).all())


def test_a_stored_release_comes_back_as_it_was(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        service.store(session, FIRST, "key_1", "the first")
    with transaction(engine) as session:
        assert service.load(session, FIRST.digest) == FIRST


def test_storing_again_changes_nothing(engine: Engine) -> None:
    for note in ("the first", "again"):
        with transaction(engine, write=True) as session:
            service.store(session, FIRST, "key_1", note)
            service.store(session, FIRST, "key_1", "in one transaction")
    with transaction(engine) as session:
        assert notes(session) == ["the first"]


@pytest.mark.parametrize("digest", [FIRST.digest, "", "sha256:\x00", "\ud800"])
def test_an_unknown_release_is_not_found(engine: Engine, digest: str) -> None:
    with transaction(engine, write=True) as session:
        with pytest.raises(NotFound):
            service.load(session, digest)
        with pytest.raises(NotFound):
            service.put_in_force(session, digest, "key_1")


def test_no_release_in_force_is_no_verdict(engine: Engine) -> None:
    with transaction(engine) as session, pytest.raises(EngineUnavailable):
        service.digest_in_force(session)


def test_the_release_put_in_force_last_is_in_force(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        for content in (FIRST, SECOND):
            service.store(session, content, "key_1", "")
    for content in (SECOND, FIRST, SECOND):
        with transaction(engine, write=True) as session:
            service.put_in_force(session, content.digest, "key_1")
        with transaction(engine) as session:
            assert service.digest_in_force(session) == content.digest


def test_only_an_empty_database_reads_the_tree(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        assert service.ensure_first(session, lambda: FIRST, "start") == FIRST.digest

    def must_not_be_read() -> ReleaseContent:
        raise AssertionError("the tree was read")

    with transaction(engine, write=True) as session:
        assert service.ensure_first(session, must_not_be_read, "start") == FIRST.digest
    with transaction(engine) as session:
        assert service.digest_in_force(session) == FIRST.digest


def test_a_tree_that_cannot_be_read_leaves_nothing(engine: Engine, tmp_path: Path) -> None:
    with (
        pytest.raises(Exception, match="There is no folder"),
        transaction(engine, write=True) as session,
    ):
        service.ensure_first(session, lambda: read_tree(tmp_path / "x", tmp_path), "start")
    with transaction(engine) as session:
        assert notes(session) == []


def test_four_processes_that_start_at_once_agree_on_the_first_release(
    database_settings: Settings, race
) -> None:
    """Each brings another tree, so that two firsts could not be taken for one."""
    digests = race(4, start, database_settings)
    assert len(set(digests)) == 1
    engine = open_engine(database_settings)
    with transaction(engine) as session:
        assert session.exec(select(ReleaseInForce.digest)).all() == digests[:1]
        assert session.exec(select(Release.digest)).all() == digests[:1]
    engine.dispose()


def start(settings: Settings) -> str:
    engine = open_engine(settings)
    migrate(engine)
    own = ReleaseContent({"rulesets/own.yaml": str(os.getpid())})
    with transaction(engine, write=True) as session:
        return service.ensure_first(session, lambda: own, "start")


def test_four_processes_store_the_same_release_at_once(engine: Engine, race) -> None:
    address = engine.url.render_as_string(hide_password=False)
    race(4, store_many, address)
    with transaction(engine) as session:
        assert sorted(notes(session)) == sorted(str(number) for number in range(20))


def store_many(address: str) -> None:
    engine = open_engine(Settings(database_url=address))
    for number in range(20):
        content = ReleaseContent({"rulesets/a.yaml": str(number)})
        with transaction(engine, write=True) as session:
            service.store(session, content, "key_1", str(number))
            assert service.load(session, content.digest) == content


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE release SET note = 'other'",
        "DELETE FROM release",
        "UPDATE release_in_force SET set_by = 'other'",
        "DELETE FROM release_in_force",
    ],
)
def test_no_statement_changes_the_history_of_releases(engine: Engine, change: str) -> None:
    with transaction(engine, write=True) as session:
        service.ensure_first(session, lambda: FIRST, "start")
    with pytest.raises(IntegrityError, match="append-only"), transaction(engine) as session:
        session.exec(text(change))


def test_a_release_that_is_not_its_digest_is_not_loaded(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        session.add(
            Release(
                digest=FIRST.digest,
                content=SECOND.to_blob(),
                created_at=datetime.now(UTC),
                created_by="key_1",
                note="the content of another",
            )
        )
    with transaction(engine) as session, pytest.raises(CorruptRelease):
        service.load(session, FIRST.digest)
