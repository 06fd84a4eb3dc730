"""`/v1/drops/{id}/…`: the steps of a drop that the gate judges, and what it says of it."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from governance.access.caller import Caller, may
from governance.drops.judging import service
from governance.drops.judging.schemas import (
    Approved,
    GoneBy,
    Planned,
    Rejected,
    Submitted,
    VerdictOut,
    Why,
)
from governance.drops.judging.verdict import verdict
from governance.drops.planner.service import plan_drop
from governance.drops.schemas import PlanOut, plan_out
from governance.problems import problems

router = APIRouter(prefix="/v1/drops", tags=["drops"])

Reader = Annotated[Caller, Depends(may("drops:read"))]
Writer = Annotated[Caller, Depends(may("drops:write"))]
Approver = Annotated[Caller, Depends(may("drops:approve"))]
Holder = Annotated[Caller, Depends(may("drops:hold"))]

# A request without a body.
_AS_USUAL = Planned()
_FOR_THEMSELVES = Submitted()
_STEP = problems(400, 401, 403, 404, 409, 413, 422, 503)


@router.post("/{drop_id}/plan", responses=_STEP)
def make_plan(
    request: Request, drop_id: str, caller: Writer, asked: Planned = _AS_USUAL
) -> PlanOut:
    """Plan the drop anew: what it needs where, how it gets there, and what it may earn."""
    return plan_out(plan_drop(request.app.state.pipeline, caller, drop_id, seed=asked.seed))


@router.post("/{drop_id}/submit", response_model=VerdictOut, responses=_STEP)
def submit(
    request: Request, drop_id: str, caller: Writer, asked: Submitted = _FOR_THEMSELVES
) -> Any:
    """Have the plan judged: the drop is then approved, needs a review, or is rejected."""
    pipeline = request.app.state.pipeline
    service.submit(pipeline, caller, drop_id, asked.submitted_by)
    return verdict(pipeline, caller, drop_id)


@router.post("/{drop_id}/withdraw", responses=_STEP)
def withdraw(request: Request, drop_id: str, asked: Why, caller: Writer) -> GoneBy:
    """Take a submitted or approved drop back: its plan stays, its verdict holds no more."""
    service.withdraw(request.app.state.pipeline, caller, drop_id, asked.reason)
    return GoneBy(id=drop_id, state="planned")


@router.post("/{drop_id}/approve", response_model=VerdictOut, responses=_STEP)
def approve(request: Request, drop_id: str, asked: Approved, caller: Approver) -> Any:
    """Approve what a decision found; nobody approves a drop that they ask for themselves."""
    pipeline = request.app.state.pipeline
    service.approve(pipeline, caller, drop_id, **asked.model_dump())
    return verdict(pipeline, caller, drop_id)


@router.post("/{drop_id}/reject", response_model=VerdictOut, responses=_STEP)
def reject(request: Request, drop_id: str, asked: Rejected, caller: Approver) -> Any:
    """Refuse a drop that needs a review, for a reason."""
    pipeline = request.app.state.pipeline
    service.reject(pipeline, caller, drop_id, **asked.model_dump())
    return verdict(pipeline, caller, drop_id)


@router.post("/{drop_id}/live", response_model=VerdictOut, responses=_STEP)
def go_live(request: Request, drop_id: str, caller: Writer) -> Any:
    """Begin the sale, or go on with one on hold, if the gate lets it through as all is now."""
    pipeline = request.app.state.pipeline
    service.go_live(pipeline, caller, drop_id)
    return verdict(pipeline, caller, drop_id)


@router.post("/{drop_id}/hold", responses=_STEP)
def hold(request: Request, drop_id: str, asked: Why, caller: Holder) -> GoneBy:
    """Stop the sale at once, for a reason."""
    service.hold(request.app.state.pipeline, caller, drop_id, asked.reason)
    return GoneBy(id=drop_id, state="on_hold")


@router.get(
    "/{drop_id}/verdict",
    response_model=VerdictOut,
    responses=problems(401, 403, 404, 409, 422, 503),
)
def read_verdict(request: Request, drop_id: str, caller: Reader) -> Any:
    """What the gate said last, in sentences; whether that still holds; what would pass."""
    return verdict(request.app.state.pipeline, caller, drop_id)
