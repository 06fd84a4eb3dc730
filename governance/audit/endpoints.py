"""`GET /v1/decisions/{id}`: a decision as it stands on the record."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from governance.access.caller import Caller, authorize, identified
from governance.db import transaction
from governance.decisions import service as decisions
from governance.decisions.personal import pointers, put_back
from governance.gates.pipeline import Pipeline
from governance.problems import problems

router = APIRouter(prefix="/v1", tags=["decisions"])


class DecisionOut(BaseModel):
    """A decision with the field names of an OPA decision-log event."""

    decision_id: str
    timestamp: str
    labels: dict[str, str]
    bundles: dict[str, dict[str, str]]
    path: str
    input: Any
    result: Any
    requested_by: str
    trace_id: str | None
    metrics: dict[str, int]
    erased: list[str]
    masked: list[str]


@router.get(
    "/decisions/{decision_id}",
    response_model=DecisionOut,
    responses=problems(401, 403, 404, 422, 503),
)
def read_decision(
    decision_id: str, request: Request, caller: Annotated[Caller, Depends(identified)]
) -> dict[str, Any]:
    """A decision as it was recorded: input, result, release, caller, timings."""
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine) as session:
        decision = decisions.get(session, decision_id)
        opened = decisions.opened(session, decision)
    event = decisions.event(decision)
    filed = caller.gates.filed(decision.gate)
    committed = pointers(event["input"], filed.personal.fields) if filed.personal else []
    event["input"] = put_back(event["input"], opened)
    event |= {"erased": [name for name in committed if name not in opened], "masked": []}
    resource = {"path": request.url.path, "requested_by": decision.requested_by}
    authorize(pipeline, caller, "decisions:read", resource)
    return event
