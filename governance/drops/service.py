"""Drops are made once a key, revised by those who may know of them, and closed with a reason."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from governance.access import idempotency
from governance.access.caller import Caller
from governance.db import transaction
from governance.drops import registry
from governance.drops.checks import read_document
from governance.drops.documents import DropDocument
from governance.drops.models import DropState
from governance.drops.schemas import DropOut, drop_out
from governance.drops.states import take_step
from governance.gates.pipeline import Pipeline

CREATED = 201
_JSON = "application/json"


def create(
    pipeline: Pipeline,
    given: Mapping[str, Any],
    caller: Caller,
    idempotency_key: str | None = None,
) -> idempotency.Answer:
    """Make a drop of a document; the answer, given again to the same request under the same key.

    Raises:
        InvalidRequest: everything that is wrong in the document.
        IdempotencyMismatch, IdempotencyConflict: see `access.idempotency`.
    """
    document = read_document(given, caller.gates.library)
    if idempotency_key is None:
        return _create(pipeline, document, caller, None)
    with idempotency.under_way(caller.id, idempotency_key):
        with transaction(pipeline.engine) as session:
            first = idempotency.remembered(session, caller.id, idempotency_key, document.digest)
        return first or _create(pipeline, document, caller, idempotency_key)


def _create(
    pipeline: Pipeline, document: DropDocument, caller: Caller, key: str | None
) -> idempotency.Answer:
    covered = caller.gates.library.covered_markets
    now = datetime.now(UTC)
    with transaction(pipeline.engine, write=True) as session:
        drop = registry.create(session, document, covered=covered, made_by=caller.id, now=now)
        body = drop_out(session, drop).model_dump_json()
        answer = idempotency.Answer(CREATED, body, _JSON)
        if key is not None:
            idempotency.remember(session, caller.id, key, document.digest, answer)
    return answer


def revise(
    pipeline: Pipeline, drop_id: str, given: Mapping[str, Any], version: int, caller: Caller
) -> DropOut:
    """Put another document in the place of the drop's `version`; the drop is then a draft.

    Raises:
        NotFound: the caller knows of no such drop.
        InvalidRequest: everything that is wrong in the document.
        StaleVersion, IllegalStep: the drop has another version, or cannot become a draft.
    """
    with transaction(pipeline.engine) as session:
        registry.visible(session, caller, drop_id)
    library = caller.gates.library
    document = read_document(given, library)
    with transaction(pipeline.engine, write=True) as session:
        drop = registry.revise(
            session,
            registry.visible(session, caller, drop_id, lock=True),
            document,
            version=version,
            covered=library.covered_markets,
            actor=caller.id,
            now=datetime.now(UTC),
        )
        return drop_out(session, drop)


def close(pipeline: Pipeline, drop_id: str, reason: str, caller: Caller) -> DropOut:
    """Close a drop for good. Raises NotFound, IllegalStep where it is closed already."""
    with transaction(pipeline.engine, write=True) as session:
        drop = registry.visible(session, caller, drop_id, lock=True)
        take_step(
            session,
            drop,
            DropState.CLOSED,
            actor=caller.id,
            reason=reason,
            decision_id=None,
            now=datetime.now(UTC),
        )
        return drop_out(session, drop)
