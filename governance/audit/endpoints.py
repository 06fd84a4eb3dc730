"""`GET /v1/decisions`, its facets, and one decision as it stands on the record."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from governance.access.caller import Caller, authorize, identified
from governance.audit.cursor import cursor_after, place_of
from governance.audit.masks import disclosure, masked_fields
from governance.audit.readable import readable
from governance.audit.schemas import DecisionOut, DecisionPage, FacetsOut
from governance.db import transaction
from governance.decisions import service as decisions
from governance.decisions.facets import MOST_DAYS, MOST_VALUES, facets
from governance.decisions.filters import Filters
from governance.decisions.personal import put_back
from governance.decisions.search import Found, Order, page
from governance.gates.filing import BY_GATE
from governance.gates.pipeline import Pipeline
from governance.problems import problems

router = APIRouter(prefix="/v1", tags=["decisions"])
_ERRORS = problems(401, 403, 422, 503)


@router.get("/decisions", response_model=DecisionPage, responses=_ERRORS)
def list_decisions(
    request: Request,
    filters: Annotated[Filters, Depends(readable("decisions:read", "order", "limit", "cursor"))],
    caller: Annotated[Caller, Depends(identified)],
    order: Annotated[Order, Query(description="By the place on the record.")] = "desc",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
) -> dict[str, Any]:
    """Decisions by market, category, verdict, gate, caller, release and time, the newest first.

    Following `next_cursor` gives every decision once that was on the record when the first page was
    read. One that was just being written may come to stand behind the cursor, and is found by the
    next search. Who follows the record to the last decision reads the log: its index has no gaps.
    """
    pipeline: Pipeline = request.app.state.pipeline
    secret: bytes = request.app.state.secret
    after = None if cursor is None else place_of(secret, cursor, filters, order)
    with transaction(pipeline.engine) as session:
        found = page(session, filters, order=order, after=after, limit=limit + 1)
    shown = found[:limit]
    more = len(found) > limit
    return {
        "decisions": [_summary(one) for one in shown],
        "next_cursor": cursor_after(secret, shown[-1].sequence, filters, order) if more else None,
    }


@router.get("/decisions/facets", response_model=FacetsOut, responses=_ERRORS)
def count_decisions(
    request: Request, filters: Annotated[Filters, Depends(readable("decisions:read"))]
) -> dict[str, Any]:
    """How many decisions by gate, category, release and day, and answers by market and verdict."""
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine) as session:
        found = asdict(facets(session, filters))
    cut, total = found.pop("cut"), found.pop("total")
    counts = {
        name: [{"value": value, "count": count} for value, count in values.items()]
        for name, values in found.items()
    }
    return {"total": total, "note": _note(cut)} | counts


@router.get(
    "/decisions/{decision_id}",
    response_model=DecisionOut,
    responses=problems(401, 403, 404, 422, 503),
)
def read_decision(
    decision_id: str, request: Request, caller: Annotated[Caller, Depends(identified)]
) -> dict[str, Any]:
    """A decision as it was recorded: input, result, release, caller, timings.

    Personal values stand in it where they still exist and may be shown to the caller.
    """
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine) as session:
        decision = decisions.get(session, decision_id)
        opened = decisions.opened(session, decision)
    resource = {"path": request.url.path, "requested_by": decision.requested_by}
    authorize(pipeline, caller, "decisions:read", resource)
    event = decisions.event(decision) | {"erased": [], "masked": []}
    personal = BY_GATE[decision.gate].personal
    if personal is not None:
        masked = masked_fields(caller.gates, caller.id, caller.role, "read", decision.gate)
        seen = disclosure(event["input"], opened, personal.fields, masked)
        event = put_back(event, seen.opened)
        event |= {"erased": seen.erased, "masked": seen.masked}
    return event


def _summary(found: Found) -> dict[str, Any]:
    holds_personal = BY_GATE[found.gate].personal is not None
    return {
        "decision_id": found.decision_id,
        "timestamp": found.timestamp,
        "gate": found.gate,
        "category": found.category,
        "verdicts": found.verdicts,
        "release": found.release,
        "requested_by": found.requested_by,
        "erased": holds_personal and not found.opened,
    }


def _note(cut: tuple[str, ...]) -> str | None:
    if not cut:
        return None
    most = {"day": f"the latest {MOST_DAYS} days"}
    listed = [most.get(name, f"the {MOST_VALUES} most frequent of {name}") for name in cut]
    return f"There are more values: listed are {' and '.join(listed)}."
