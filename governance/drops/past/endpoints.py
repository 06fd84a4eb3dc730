"""`/v1/past-drops`: what drops that are over reached, sold and took back."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool

from governance.access.caller import Caller, may
from governance.access.parameters import check_names
from governance.db import can_name, transaction
from governance.drops.past.models import StoredPastDrop
from governance.drops.past.schemas import EXAMPLE, PastDropPage, ReportOut
from governance.drops.past.store import Filters, markets_of, search, totals
from governance.drops.past.taking_in import Report, take_in
from governance.errors import FieldError, InvalidRequest
from governance.problems import problems
from governance.providers.events.lines import Line
from governance.providers.events.uploads import batches_of
from governance.providers.filter_query import refuse, wrong_country

PATH = "/v1/past-drops"
router = APIRouter(prefix="/v1", tags=["past drops"])

_SINGLE = "application/json"
_NDJSON = "application/x-ndjson"
_NAMES = ("creator", "category", "country", "limit", "cursor")
_MOST_CHARACTERS = 200
# The schemas are open: what is wrong with a drop is told in the report, not by a refusal.
_BODY = {
    "required": True,
    "content": {
        _SINGLE: {"schema": {"description": "A past drop, as in the list."}, "example": EXAMPLE},
        _NDJSON: {
            "schema": {
                "type": "string",
                "format": "binary",
                "description": "A past drop a line, as in the list; read as it comes, up to "
                "GOVERNANCE_MAX_UPLOAD_BYTES. A line has at most 1,000,000 bytes.",
            }
        },
    },
}


@router.post(
    "/past-drops",
    response_model=ReportOut,
    responses=problems(400, 401, 403, 413, 422, 503),
    openapi_extra={"requestBody": _BODY},
)
async def send_past_drops(
    request: Request, _caller: Annotated[Caller, Depends(may("past_drops:write"))]
) -> Report:
    """Take in a past drop, or an upload of one a line; of a drop sent again the last counts.

    A bad line is told with its number and what is wrong in which field, and the rest lands. To send
    the same again changes nothing, so after an error or a broken connection send all of it again.
    """
    engine: Engine = request.app.state.pipeline.engine
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    report = Report()
    if kind == _NDJSON:
        async for batch in batches_of(request):
            await run_in_threadpool(take_in, engine, batch, datetime.now(UTC), report)
    elif kind == _SINGLE:
        line = Line(1, await request.body())
        await run_in_threadpool(take_in, engine, [line], datetime.now(UTC), report)
    else:
        message = f"a body of type `{kind or 'none'}` holds no past drops"
        hint = f"Content-Type: {_NDJSON} or {_SINGLE}"
        raise InvalidRequest(message, errors=[FieldError("Content-Type", message, hint)])
    return report


@router.get("/past-drops", response_model=PastDropPage, responses=problems(401, 403, 422, 503))
def list_past_drops(
    request: Request,
    _caller: Annotated[Caller, Depends(may("drops:read"))],
    creator: Annotated[str | None, Query(description="Of this creator.")] = None,
    category: Annotated[str | None, Query(description="Of this category.")] = None,
    country: Annotated[
        str | None, Query(description="With figures of this country, ISO 3166-1 alpha-2.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
) -> dict[str, Any]:
    """Past drops in the order of their ids, and how many fit the filters on all pages."""
    check_names([name for name, _ in request.query_params.multi_items()], _NAMES)
    filters = read_filters(creator, category, country, cursor)
    with transaction(request.app.state.pipeline.engine) as session:
        found = search(session, filters, after=cursor, limit=limit + 1)
        counted = totals(session, filters)
    shown = found[:limit]
    return {
        "past_drops": [_out(one) for one in shown],
        "totals": counted,
        "next_cursor": shown[-1].id if len(found) > limit else None,
    }


def read_filters(
    creator: str | None, category: str | None, country: str | None, cursor: str | None = None
) -> Filters:
    """The filters, checked; raises InvalidRequest with every one that nothing can fit."""
    errors = list(wrong_country("country", country))
    for name, text in (("creator", creator), ("category", category), ("cursor", cursor)):
        if text is not None and not (0 < len(text) <= _MOST_CHARACTERS and can_name(text)):
            hint = f"1 to {_MOST_CHARACTERS} characters, or leave it out"
            errors.append(FieldError(name, f"no {name} has this form", hint))
    refuse(errors)
    return Filters(creator, category, country)


def _out(stored: StoredPastDrop) -> dict[str, Any]:
    return {
        "drop": stored.id,
        "creator": stored.creator,
        "category": stored.category,
        "launched_on": stored.launched_on.isoformat(),
        "markets": [
            {
                "country": one.country,
                "audience": one.audience,
                "reached": one.reached,
                "visits": one.visits,
                "orders": one.orders,
                "returns": one.returns,
            }
            for one in markets_of(stored)
        ],
        "sample": stored.sample,
        "received_at": stored.received_at.isoformat(),
    }
