"""The entry of a decision in the log: canonical, small, and about every field of it."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import select

from governance.db import transaction
from governance.decisions import service
from governance.decisions.entry import entry, entry_of, fields
from governance.decisions.models import Decision

GIVEN = {
    "decision_id": "01ABC",
    "timestamp": datetime(2026, 11, 22, 10, 0, 0, 5, tzinfo=UTC),
    "gate": "sale",
    "labels": {"version": "1", "service": "é\u2028\u007f"},
    "release": "sha256:ab",
    "path": "governance.sale.judgement",
    "input": '{"a":1}',
    "result": '{"b":[]}',
    "requested_by": 'cli:"o\\n"',
    "trace_id": None,
    "metrics": {"timer_evaluate_ns": 12},
    "category": "toys",
}


def test_an_entry_is_the_event_with_digests_in_canonical_json() -> None:
    expected = {
        "format": "governance.decision/v1",
        "decision_id": "01ABC",
        "timestamp": "2026-11-22T10:00:00.000005Z",
        "gate": "sale",
        "labels": GIVEN["labels"],
        "bundles": {"governance": {"revision": "sha256:ab"}},
        "path": "governance.sale.judgement",
        "input": "sha256:" + sha256(b'{"a":1}').hexdigest(),
        "result": "sha256:" + sha256(b'{"b":[]}').hexdigest(),
        "requested_by": GIVEN["requested_by"],
        "trace_id": None,
        "metrics": {"timer_evaluate_ns": 12},
    }
    assert entry(Decision(**GIVEN)) == rfc8785.dumps(expected)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_stands_in_an_entry_as_rfc8785_writes_it(text: str) -> None:
    decision = Decision(**GIVEN | {"requested_by": text, "labels": {"name": text}})
    assert json.loads(entry(decision))["requested_by"] == text
    assert entry(decision) == rfc8785.dumps(json.loads(entry(decision)))


def test_an_entry_can_be_rebuilt_from_the_texts_of_its_fields() -> None:
    decision = Decision(**GIVEN)
    texts = fields(decision)
    assert entry_of(texts, b'{"a":1}', b'{"b":[]}') == entry(decision)
    assert entry_of(texts, b'{"a": 1}', b'{"b":[]}') != entry(decision)


@pytest.mark.parametrize("field", sorted(GIVEN.keys() - {"category"}))
def test_no_field_can_change_without_its_entry(field: str) -> None:
    other = {"labels": {}, "metrics": {}, "timestamp": datetime(2026, 1, 1, tzinfo=UTC)}
    changed = Decision(**GIVEN | {field: other.get(field, '"other"')})
    assert entry(changed) != entry(Decision(**GIVEN))


def test_a_decision_read_back_has_the_same_entry_every_time(engine: Engine) -> None:
    left_out = ("input", "result", "timestamp")
    given = {key: value for key, value in GIVEN.items() if key not in left_out}
    with transaction(engine, write=True) as session:
        kept = {"input_json": GIVEN["input"], "result_json": GIVEN["result"], "verdicts": {}}
        service.append(session, **given | kept | {"labels": {"z": "1", "a": "é"}})
        before = entry(session.exec(select(Decision)).one())
    with transaction(engine) as session:
        assert entry(session.exec(select(Decision)).one()) == before
    assert json.loads(before)["labels"] == {"a": "é", "z": "1"}
