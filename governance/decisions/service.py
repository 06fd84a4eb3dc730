"""Appends a decision in the caller's transaction, and gives it back as an OPA event."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json
from sqlmodel import Session, select
from ulid import ULID

from governance.db import can_name
from governance.decisions.models import Decision
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
    trace_id: str | None = None,
    decision_id: str | None = None,
) -> Decision:
    """Put a decision on the record, in the caller's transaction: flushed, never committed here.

    `input_json` and `result_json` are kept to the byte, `release` is the digest that gave the
    result, `path` the policy that was asked, `metrics` durations in nanoseconds as OPA counts them.
    Raises `ValueError` for a text that is not JSON: a row that cannot be read cannot be mended.
    """
    for text in (input_json, result_json):
        from_json(text, allow_inf_nan=False)
    decision = Decision(
        decision_id=decision_id or new_decision_id(),
        timestamp=datetime.now(UTC),
        gate=gate,
        labels=dict(labels),
        release=release,
        path=path,
        input=input_json,
        result=result_json,
        requested_by=requested_by,
        trace_id=trace_id,
        metrics=dict(metrics),
        erased=[],  # named: finding the default took SQLModel a third of the whole append
        masked=[],
    )
    session.add(decision)
    session.flush()
    return decision


def get(session: Session, decision_id: str) -> Decision:
    """The decision of that id; raises NotFound."""
    by_id = select(Decision).where(Decision.decision_id == decision_id)
    decision = session.exec(by_id).first() if can_name(decision_id) else None
    if decision is None:
        raise NotFound(f"There is no decision {decision_id!r}")
    return decision


def event(decision: Decision) -> dict[str, Any]:
    """The decision as an OPA decision-log event.

    Fields: https://www.openpolicyagent.org/docs/management-decision-logs. `input` and `result` are
    parsed here; who needs their exact bytes takes them from the decision.
    """
    return {
        "decision_id": decision.decision_id,
        "timestamp": decision.timestamp.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "labels": decision.labels,
        "bundles": {"governance": {"revision": decision.release}},
        "path": decision.path,
        "input": from_json(decision.input),
        "result": from_json(decision.result),
        "requested_by": decision.requested_by,
        "trace_id": decision.trace_id,
        "metrics": decision.metrics,
        "erased": decision.erased,
        "masked": decision.masked,
    }
