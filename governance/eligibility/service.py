"""Answers an eligibility request: judged, put on the record, spelled out."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from governance.access import idempotency
from governance.access.caller import Caller
from governance.db import transaction
from governance.eligibility.answer import answer
from governance.eligibility.schemas import EligibilityRequest
from governance.gates.pipeline import Pipeline, canonical

JSON = "application/json"


def check(
    pipeline: Pipeline,
    request: EligibilityRequest,
    caller: Caller,
    idempotency_key: str | None = None,
) -> str:
    """The answer as JSON text; by then the decision is committed.

    The same `idempotency_key` with the same request gives the first answer again.

    Raises:
        InvalidRequest: the request names something that the release does not know.
        EngineUnavailable, StorageUnavailable: there is no answer, and nothing was written.
        IdempotencyMismatch, IdempotencyConflict: see `access.idempotency`.
    """
    if idempotency_key is None:
        return _decide(pipeline, request, caller, None)
    with idempotency.under_way(caller.id, idempotency_key):
        asked = _hash(request)
        with transaction(pipeline.engine) as session:
            first = idempotency.remembered(session, caller.id, idempotency_key, asked)
        if first is not None:
            return first.body
        return _decide(pipeline, request, caller, (idempotency_key, asked))


def _decide(
    pipeline: Pipeline,
    request: EligibilityRequest,
    caller: Caller,
    idempotent: tuple[str, str] | None,
) -> str:
    # Judged outside a transaction: a slow policy server must not hold the writer's lock.
    evaluation = caller.gates.evaluate("sale", question(request))
    with transaction(pipeline.engine, write=True) as session:
        decision_id = evaluation.record(session, caller.id, caller.trace_id)
        library = caller.gates.library
        spelled = answer(decision_id, evaluation.release, evaluation.result, library)
        body = json.dumps(spelled, ensure_ascii=False, separators=(",", ":"))
        if idempotent is not None:
            kept = idempotency.Answer(200, body, JSON)
            idempotency.remember(session, caller.id, *idempotent, kept)
    return body


def question(request: EligibilityRequest) -> dict[str, Any]:
    """The request as it is judged and recorded; an open day of sale becomes today (UTC)."""
    asked = request.model_dump()
    asked["as_of"] = request.as_of or datetime.now(UTC).date().isoformat()
    return asked


def _hash(request: EligibilityRequest) -> str:
    asked: Mapping[str, Any] = request.model_dump()
    return sha256(canonical(asked).encode()).hexdigest()
