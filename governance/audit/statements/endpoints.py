"""`GET /v1/decisions/{id}/statements`: the statements of reasons that a decision owes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from governance.access.caller import Caller, authorize, identified
from governance.audit.statements.schemas import StatementsOut
from governance.audit.statements.statements import statements
from governance.db import transaction
from governance.decisions import service as decisions
from governance.gates.pipeline import Pipeline
from governance.problems import problems

router = APIRouter(prefix="/v1", tags=["decisions"])


@router.get(
    "/decisions/{decision_id}/statements",
    response_model=StatementsOut,
    responses=problems(401, 403, 404, 422, 503),
)
def read_statements(
    decision_id: str,
    request: Request,
    caller: Annotated[Caller, Depends(identified)],
) -> StatementsOut:
    """The statements of reasons that a seller in the EU is owed for a decision."""
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine) as session:
        decision = decisions.get(session, decision_id)
    resource = {"path": request.url.path, "requested_by": decision.requested_by}
    authorize(pipeline, caller, "decisions:read", resource)
    with transaction(pipeline.engine) as session:
        library = pipeline.gates_of(session, decision.release).library
    return StatementsOut(
        decision_id=decision_id, statements=statements(decision, library, pipeline.settings)
    )
