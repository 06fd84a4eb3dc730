"""A repeated request: done once, answered alike, never crossed with another."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import select, update

from governance.access.idempotency import (
    KEPT_FOR,
    Answer,
    IdempotencyConflict,
    IdempotencyMismatch,
    remember,
    remembered,
    under_way,
)
from governance.access.keys import create
from governance.access.models import ApiKey, IdempotentAnswer, Role
from governance.db import open_engine, transaction
from governance.errors import InvalidRequest
from governance.settings import Settings

ANSWER = Answer(status=201, body='{"é": "日本"}\n', media_type="application/json")


def test_the_first_answer_is_given_again(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        assert remembered(session, "c", "k", "h") is None
        remember(session, "c", "k", "h", ANSWER)
        assert remembered(session, "c", "k", "h") == ANSWER
    with transaction(engine) as session:
        assert remembered(session, "c", "k", "h") == ANSWER


def test_another_request_under_the_same_key_is_refused(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        remember(session, "c", "k", "h", ANSWER)
    with transaction(engine) as session, pytest.raises(IdempotencyMismatch) as caught:
        remembered(session, "c", "k", "other")
    assert caught.value.status == 422


def test_callers_share_no_keys(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        remember(session, "c", "k", "h", ANSWER)
        assert remembered(session, "d", "k", "other") is None


def test_an_answer_is_not_kept_when_its_effect_is_not(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError), transaction(engine, write=True) as session:
        remember(session, "c", "k", "h", ANSWER)
        raise ZeroDivisionError
    with transaction(engine) as session:
        assert remembered(session, "c", "k", "h") is None


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\nb", "a\x7f", "\x00"])
def test_a_key_that_no_header_should_carry_is_refused(sqlite_engine: Engine, key: str) -> None:
    with transaction(sqlite_engine) as session:
        with pytest.raises(InvalidRequest, match="Idempotency-Key"):
            remembered(session, "c", key, "h")
        with pytest.raises(InvalidRequest, match="Idempotency-Key"):
            remember(session, "c", key, "h", ANSWER)
    with pytest.raises(InvalidRequest, match="Idempotency-Key"), under_way("c", key):
        pass


@pytest.mark.parametrize("key", ["x" * 255, "a b", '"8e03978e-40d5-43dd-bc93-6894a57f9324"'])
def test_any_printable_ascii_is_a_key(engine: Engine, key: str) -> None:
    with transaction(engine, write=True) as session:
        remember(session, "c", key, "h", ANSWER)
        assert remembered(session, "c", key, "h") == ANSWER


def test_a_duplicate_is_a_conflict_and_its_effect_is_lost(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        remember(session, "c", "k", "h", ANSWER)
    with pytest.raises(IdempotencyConflict) as caught, transaction(engine, write=True) as session:
        create(session, b"s" * 32, name="effect", role=Role.PORTAL)
        remember(session, "c", "k", "h", ANSWER)
    assert caught.value.status == 409
    with transaction(engine) as session:
        assert session.exec(select(ApiKey)).all() == []


def test_the_failure_of_an_effect_is_not_taken_for_a_conflict(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        record, _ = create(session, b"s" * 32, name="effect", role=Role.PORTAL)
    twin = ApiKey(**(record.model_dump() | {"id": "key_twin"}))
    with pytest.raises(IntegrityError, match="hmac"), transaction(engine, write=True) as session:
        session.add(twin)
        remember(session, "c", "k", "h", ANSWER)


def test_racing_processes_have_one_effect_for_each_key(engine: Engine, race) -> None:
    """Each does 20 requests under the same 20 keys; who loses a race sends the request again."""
    answers = race(4, request_many, engine.url.render_as_string(hide_password=False))
    assert answers == answers[:1] * 4
    with transaction(engine) as session:
        effects = session.exec(select(ApiKey.name)).all()
        assert sorted(effects) == sorted(str(number) for number in range(20))


def request_many(address: str) -> list[str]:
    engine = open_engine(Settings(database_url=address))
    return [request(engine, str(number)) for number in range(20)]


def request(engine, key: str) -> str:
    while True:
        try:
            with transaction(engine, write=True) as session:
                earlier = remembered(session, "c", key, "h")
                if earlier:
                    return earlier.body
                record, _ = create(session, b"s" * 32, name=key, role=Role.PORTAL)
                remember(session, "c", key, "h", Answer(201, record.id, "text/plain"))
            return record.id
        except IdempotencyConflict:
            continue


def test_a_request_waits_for_the_racing_one_and_then_conflicts(postgres_engine: Engine) -> None:
    """Two transactions that both found nothing: the database lets one of them through.

    On SQLite there is one writer: the second reads what the first wrote.
    """
    engine = postgres_engine
    outcome: list[object] = []

    def second() -> None:
        try:
            with transaction(engine, write=True) as session:
                outcome.append(remembered(session, "c", "k", "h"))
                found_nothing.set()
                remember(session, "c", "k", "h", ANSWER)
        except IdempotencyConflict as conflict:
            outcome.append(conflict.status)

    found_nothing = threading.Event()
    with transaction(engine, write=True) as session:
        remember(session, "c", "k", "h", ANSWER)
        thread = threading.Thread(target=second)
        thread.start()
        found_nothing.wait(10)
    thread.join()
    assert outcome == [None, 409]


def test_one_process_does_one_request_of_a_key_at_a_time() -> None:
    with under_way("c", "k"):
        with pytest.raises(IdempotencyConflict), under_way("c", "k"):
            pass
        with pytest.raises(IdempotencyConflict), under_way("c", "k"):
            pass
        with under_way("c", "other"), under_way("d", "k"):
            pass
    with under_way("c", "k"):
        pass


def test_a_key_is_free_again_after_its_request_failed() -> None:
    with pytest.raises(ZeroDivisionError), under_way("c", "k"):
        raise ZeroDivisionError
    with under_way("c", "k"):
        pass


def test_answers_keep_the_time_they_were_given(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        remember(session, "c", "k", "h", ANSWER)
    with transaction(engine) as session:
        at = session.exec(select(IdempotentAnswer.created_at)).one()
        assert at.utcoffset().total_seconds() == 0


def test_an_answer_is_forgotten_after_a_day(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        for key in ("old", "older", "fresh"):
            remember(session, "c", key, "h", ANSWER)
        age = update(IdempotentAnswer).where(IdempotentAnswer.key != "fresh")
        session.exec(age.values(created_at=datetime.now(UTC) - KEPT_FOR))
    with transaction(engine, write=True) as session:
        assert remembered(session, "c", "old", "another request") is None
        assert remembered(session, "c", "fresh", "h") == ANSWER
        remember(session, "c", "old", "another request", ANSWER)
    with transaction(engine) as session:
        assert set(session.exec(select(IdempotentAnswer.key)).all()) == {"old", "fresh"}
