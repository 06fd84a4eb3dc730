"""`/v1/drops`: make, list, read, revise and close drops; their plans, and the steps they took."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response

from governance.access.caller import Caller, may
from governance.access.idempotency import HEADER
from governance.access.parameters import check_names
from governance.db import transaction
from governance.drops import registry, service
from governance.drops.schemas import (
    Closing,
    DropChanges,
    DropOut,
    DropPage,
    PlanOut,
    change_out,
    drop_out,
    drop_summary,
    plan_out,
)
from governance.drops.search import NAMES, SEVERAL, Filters, check_cursor, read_filters, search
from governance.drops.states import changes_of
from governance.gates.pipeline import Pipeline
from governance.problems import problems

router = APIRouter(prefix="/v1", tags=["drops"])

Reader = Annotated[Caller, Depends(may("drops:read"))]
Writer = Annotated[Caller, Depends(may("drops:write"))]

# Read in one go by the service, so that all that is wrong is told at once.
_DOCUMENT = {
    "requestBody": {
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/DropDocument"}},
        }
    }
}
_Given = Annotated[dict[str, Any], Body()]


def _filters(
    request: Request,
    _caller: Reader,
    state: Annotated[
        list[str] | None, Query(description="Stands there; several: in one of them.")
    ] = None,
    creator: Annotated[str | None, Query(description="The creator's id.")] = None,
    market: Annotated[
        str | None, Query(description="Would be sold in this country, and has an audience there.")
    ] = None,
    provider: Annotated[
        str | None, Query(description="The plan that holds cannot be carried out without it.")
    ] = None,
    text: Annotated[str | None, Query(description="Part of id or title.")] = None,
) -> Filters:
    given = [name for name, _ in request.query_params.multi_items()]
    check_names(given, (*NAMES, "limit", "cursor"), SEVERAL)
    return read_filters(
        state=state or (), creator=creator, market=market, provider=provider, text=text
    )


@router.post(
    "/drops",
    response_model=DropOut,
    status_code=service.CREATED,
    responses=problems(400, 401, 403, 409, 413, 422, 503),
    openapi_extra=_DOCUMENT,
)
def create_drop(
    given: _Given,
    request: Request,
    caller: Writer,
    idempotency_key: Annotated[
        str | None,
        Header(alias=HEADER, description="The same key with the same document: the first answer."),
    ] = None,
) -> Response:
    """Make a drop: a draft, which nobody but its maker and the reviewers know of."""
    made = service.create(request.app.state.pipeline, given, caller, idempotency_key)
    return Response(made.body, made.status, media_type=made.media_type)


@router.get("/drops", response_model=DropPage, responses=problems(401, 403, 422, 503))
def search_drops(
    request: Request,
    filters: Annotated[Filters, Depends(_filters)],
    caller: Reader,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
) -> DropPage:
    """Drops by state, creator, market, provider and text, newest first; a portal sees its own."""
    check_cursor(cursor)
    pipeline: Pipeline = request.app.state.pipeline
    maker = registry.made_by(caller)
    with transaction(pipeline.engine) as session:
        found = search(session, filters, made_by=maker, after=cursor, limit=limit + 1)
    return DropPage(
        drops=[drop_summary(one) for one in found[:limit]],
        next_cursor=found[limit - 1].id if len(found) > limit else None,
    )


@router.get("/drops/{drop_id}", response_model=DropOut, responses=problems(401, 403, 404, 422, 503))
def read_drop(drop_id: str, request: Request, caller: Reader) -> DropOut:
    """A drop's document, where the drop stands, and where steps lead from there."""
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine) as session:
        return drop_out(session, registry.visible(session, caller, drop_id))


@router.put(
    "/drops/{drop_id}",
    response_model=DropOut,
    responses=problems(400, 401, 403, 404, 409, 413, 422, 503),
    openapi_extra=_DOCUMENT,
)
def revise_drop(
    drop_id: str,
    given: _Given,
    request: Request,
    caller: Writer,
    version: Annotated[
        int, Query(ge=1, description="The version that was read; 409 where there is another now.")
    ],
) -> DropOut:
    """Put another document in the place of a drop's: the drop is then a draft.

    The same document changes nothing. 409 where the drop stands so that it must be taken back
    first: what is approved or under review is withdrawn, what is live is held.
    """
    check_names([name for name, _ in request.query_params.multi_items()], ("version",))
    return service.revise(request.app.state.pipeline, drop_id, given, version, caller)


@router.get(
    "/drops/{drop_id}/changes",
    response_model=DropChanges,
    responses=problems(401, 403, 404, 422, 503),
)
def list_changes(drop_id: str, request: Request, caller: Reader) -> DropChanges:
    """The steps that a drop took, the first one first, each with who took it and why."""
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine) as session:
        drop = registry.visible(session, caller, drop_id)
        return DropChanges(changes=[change_out(one) for one in changes_of(session, drop.id)])


@router.get(
    "/drops/{drop_id}/plan",
    response_model=PlanOut,
    responses=problems(401, 403, 404, 422, 503),
)
def read_plan(
    drop_id: str,
    request: Request,
    caller: Reader,
    digest: Annotated[
        str | None, Query(description="Of one of its plans; left out: the one that holds.")
    ] = None,
) -> PlanOut:
    """A drop's plan as it was made: the one that holds, or an earlier one by its digest."""
    check_names([name for name, _ in request.query_params.multi_items()], ("digest",))
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine) as session:
        drop = registry.visible(session, caller, drop_id)
        return plan_out(registry.plan_of(session, drop, digest))


@router.post(
    "/drops/{drop_id}/close",
    response_model=DropOut,
    responses=problems(400, 401, 403, 404, 409, 413, 422, 503),
)
def close_drop(drop_id: str, asked: Closing, request: Request, caller: Writer) -> DropOut:
    """Close a drop for good; 409 where it is closed already."""
    return service.close(request.app.state.pipeline, drop_id, asked.reason, caller)
