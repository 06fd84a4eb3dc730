"""Appends a decision in the caller's transaction, and gives it back as an OPA event."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json
from sqlmodel import Session, col, insert, select
from ulid import ULID

from governance.db import can_name
from governance.decisions.entry import timestamp
from governance.decisions.models import Decision, DecisionVerdict, PersonalValues
from governance.decisions.personal import Personal, bucket
from governance.errors import NotFound


def new_decision_id() -> str:
    """A fresh ULID: 26 characters that sort by the time they were made, to the millisecond."""
    return str(ULID())


def append(
    session: Session,
    *,
    gate: str,
    path: str,
    release: str,
    input_json: str,
    result_json: str,
    requested_by: str,
    labels: Mapping[str, str],
    metrics: Mapping[str, Any],
    verdicts: Mapping[str, str],
    category: str | None = None,
    personal: Personal | None = None,
    trace_id: str | None = None,
    decision_id: str | None = None,
) -> str:
    """Put a decision on the record, in the caller's transaction: never committed here. Its id.

    `input_json` and `result_json` are kept to the byte, `release` is the digest that gave the
    result, `path` the policy that was asked, `metrics` durations in nanoseconds as OPA counts them.
    It is found by `category` and `verdicts`: the verdict by market, or under `""` where the gate
    knows no markets. `personal` holds the values to which the input has commitments.
    Raises `ValueError` for a text that is not JSON in one line: such a row could not be exported.
    """
    for text in (input_json, result_json):
        from_json(text, allow_inf_nan=False)
        if "\n" in text or "\r" in text:
            raise ValueError("the text has more than one line")
    decision_id = decision_id or new_decision_id()
    session.flush()  # what else the caller wants to write comes first, under its own name
    # Not as an object of the session, which takes three times as long.
    connection = session.connection()
    row = {
        "decision_id": decision_id,
        "timestamp": datetime.now(UTC),
        "gate": gate,
        "labels": dict(labels),
        "release": release,
        "path": path,
        "input": input_json,
        "result": result_json,
        "requested_by": requested_by,
        "trace_id": trace_id,
        "metrics": dict(metrics),
        "category": category,
    }
    numbered = insert(Decision).returning(col(Decision.sequence))
    sequence = connection.execute(numbered, row).scalar_one()
    rows = [
        {"sequence": sequence, "market": market, "verdict": verdict}
        for market, verdict in verdicts.items()
    ]
    if rows:
        connection.execute(insert(DecisionVerdict), rows)
    if personal is not None and personal.opened:
        kept = {
            "sequence": sequence,
            "bucket": bucket(personal.subject),
            "opened": personal.as_json(),
        }
        connection.execute(insert(PersonalValues), kept)
    return decision_id


def get(session: Session, decision_id: str) -> Decision:
    """The decision of that id; raises NotFound."""
    by_id = select(Decision).where(Decision.decision_id == decision_id)
    decision = session.exec(by_id).first() if can_name(decision_id) else None
    if decision is None:
        raise NotFound(f"There is no decision {decision_id!r}")
    return decision


def opened(session: Session, decision: Decision) -> dict[str, dict[str, Any]]:
    """The personal values of a decision that are not erased: {pointer: {"salt", "value"}}."""
    kept = session.get(PersonalValues, decision.sequence)
    values: dict[str, dict[str, Any]] = from_json(kept.opened) if kept else {}
    return values


def event(decision: Decision) -> dict[str, Any]:
    """The decision as an OPA decision-log event, with commitments for the personal values.

    Fields: https://www.openpolicyagent.org/docs/management-decision-logs. `input` and `result` are
    parsed here; who needs their exact bytes takes them from the decision.
    """
    return {
        "decision_id": decision.decision_id,
        "timestamp": timestamp(decision),
        "labels": decision.labels,
        "bundles": {"governance": {"revision": decision.release}},
        "path": decision.path,
        "input": from_json(decision.input),
        "result": from_json(decision.result),
        "requested_by": decision.requested_by,
        "trace_id": decision.trace_id,
        "metrics": decision.metrics,
    }
