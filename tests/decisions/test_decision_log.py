"""The decision record: kept to the byte, never changed, never lost."""

import json
import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select, text

from governance.db import transaction
from governance.decisions import service
from governance.decisions.models import Decision
from governance.errors import NotFound

# Everything that a round trip through parsed JSON would lose: order, spacing, doubled keys, -0.0.
EXACT = '{"b": 1.0,\t"a":1e2, "a": -0.0, "text": "日本 \\u00e9 \\ud83e\\uddf4 \\u0000 é 🧴"}'
DIGEST = "sha256:" + "ab" * 32


def append(session: Session, **other: object) -> str:
    given = {
        "gate": "sale",
        "path": "governance/sale/verdict",
        "release": DIGEST,
        "input_json": EXACT,
        "result_json": '{"verdict":"allowed"}',
        "requested_by": "key_1",
        "labels": {"gate": "sale"},
        "metrics": {"timer_rego_query_eval_ns": 1},
        "verdicts": {"": "allowed"},
    }
    return service.append(session, **(given | other))


def test_input_and_result_come_back_to_the_byte(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        decision_id = append(session, result_json=EXACT)
    with transaction(engine) as session:
        found = service.get(session, decision_id)
        assert found.input.encode() == EXACT.encode()
        assert found.result.encode() == EXACT.encode()


def test_an_event_has_the_fields_of_an_opa_decision_log(engine: Engine) -> None:
    before = datetime.now(UTC)
    with transaction(engine, write=True) as session:
        decision_id = append(session, trace_id="t", input_json='{"a":[1]}')
    with transaction(engine) as session:
        event = service.event(service.get(session, decision_id))
    timestamp = event.pop("timestamp")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", timestamp)
    assert timedelta(0) <= datetime.fromisoformat(timestamp) - before < timedelta(minutes=1)
    assert event == {
        "decision_id": decision_id,
        "labels": {"gate": "sale"},
        "bundles": {"governance": {"revision": DIGEST}},
        "path": "governance/sale/verdict",
        "input": {"a": [1]},
        "result": {"verdict": "allowed"},
        "requested_by": "key_1",
        "trace_id": "t",
        "metrics": {"timer_rego_query_eval_ns": 1},
    }
    json.dumps(event)


@pytest.mark.parametrize("bad", ["", "{", "NaN", '{"a": Infinity}', "{} {}", '"\\ud800"', "\n1"])
@pytest.mark.parametrize("field", ["input_json", "result_json"])
def test_a_text_that_is_not_json_in_one_line_is_never_recorded(
    sqlite_engine: Engine, field: str, bad: str
) -> None:
    with (
        pytest.raises(ValueError, match="line"),
        transaction(sqlite_engine, write=True) as session,
    ):
        append(session, **{field: bad})


def test_a_decision_is_not_kept_when_its_transaction_fails(engine: Engine) -> None:
    decision_id = service.new_decision_id()
    with pytest.raises(ZeroDivisionError), transaction(engine, write=True) as session:
        append(session, decision_id=decision_id)
        raise ZeroDivisionError
    with pytest.raises(NotFound, match=decision_id), transaction(engine) as session:
        service.get(session, decision_id)


@pytest.mark.parametrize("name", ["", "missing", "a\x00b", "\ud800", "x" * 100_000])
def test_no_name_from_outside_is_more_than_not_found(engine: Engine, name: str) -> None:
    with transaction(engine) as session, pytest.raises(NotFound):
        service.get(session, name)


def test_one_decision_id_is_recorded_once(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        append(session, decision_id="same")
    with pytest.raises(IntegrityError), transaction(engine, write=True) as session:
        append(session, decision_id="same", requested_by="somebody else")
    with transaction(engine) as session:
        assert service.get(session, "same").requested_by == "key_1"


CHANGES = [
    "UPDATE decision SET result = '{}'",
    "DELETE FROM decision",
    "INSERT INTO decision SELECT * FROM decision WHERE true "
    "ON CONFLICT (decision_id) DO UPDATE SET result = '{}'",
]
SQLITE_CHANGES = [
    "INSERT OR REPLACE INTO decision SELECT * FROM decision",
    "REPLACE INTO decision SELECT sequence + 1, decision_id, timestamp, gate, labels, release, "
    "path, '{}', result, requested_by, trace_id, metrics, category FROM decision",
    "UPDATE OR REPLACE decision SET sequence = 7",
]


def refuses(engine: Engine, change: str) -> None:
    with transaction(engine, write=True) as session:
        decision_id = append(session)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction(engine, write=True) as session,
    ):
        session.exec(text(change))
    with transaction(engine) as session:
        assert service.get(session, decision_id).input == EXACT


@pytest.mark.parametrize("change", CHANGES)
def test_no_statement_changes_or_deletes_a_decision(engine: Engine, change: str) -> None:
    refuses(engine, change)


@pytest.mark.parametrize("change", SQLITE_CHANGES)
def test_no_replacement_of_sqlite_changes_a_decision(sqlite_engine: Engine, change: str) -> None:
    refuses(sqlite_engine, change)


@pytest.mark.parametrize("tables", ["decision CASCADE", "release, release_in_force"])
def test_no_table_of_the_record_can_be_emptied_at_once(
    postgres_engine: Engine, tables: str
) -> None:
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction(postgres_engine) as session,
    ):
        session.exec(text(f"TRUNCATE {tables}"))


def test_a_decision_changed_in_the_session_is_refused(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        append(session, decision_id="one")
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction(engine, write=True) as session,
    ):
        service.get(session, "one").result = "{}"


def test_eight_threads_append_and_every_row_is_there_in_order(engine: Engine) -> None:
    acknowledged: list[str] = []

    def work() -> None:
        for _ in range(25):
            with transaction(engine, write=True) as session:
                decision_id = append(session)
            acknowledged.append(decision_id)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with transaction(engine) as session:
        rows = session.exec(select(Decision.sequence, Decision.decision_id)).all()
    assert len(acknowledged) == 200
    assert sorted(decision_id for _, decision_id in rows) == sorted(acknowledged)
    assert len({sequence for sequence, _ in rows}) == 200


def test_a_sequence_number_is_never_given_twice(sqlite_engine: Engine) -> None:
    """Without AUTOINCREMENT the number of a lost last row would come back."""
    with transaction(sqlite_engine, write=True) as session:
        append(session)
        assert "decision" in session.exec(text("SELECT name FROM sqlite_sequence")).scalars().all()


def test_decision_ids_sort_by_time() -> None:
    ids = [service.new_decision_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert [i[:10] for i in ids] == sorted(i[:10] for i in ids)
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{26}", i) for i in ids)
