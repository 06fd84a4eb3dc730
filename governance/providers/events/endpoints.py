"""`/v1/provider-events`: events of providers as CloudEvents, and those that were set aside."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Engine
from sqlmodel import col, select
from starlette.concurrency import run_in_threadpool

from governance.access.caller import Caller, may
from governance.access.parameters import check_names
from governance.db import transaction
from governance.errors import FieldError, InvalidRequest
from governance.problems import MalformedBody, problems
from governance.providers.events.ingest import take_in
from governance.providers.events.lines import Line
from governance.providers.events.report import Report
from governance.providers.events.schemas import ReportOut, SetAsidePage
from governance.providers.events.uploads import batches_of
from governance.providers.performance.models import SetAsideEvent

PATH = "/v1/provider-events"
router = APIRouter(prefix="/v1", tags=["provider events"])

_SINGLE = "application/cloudevents+json"
_BATCH = "application/cloudevents-batch+json"
_NDJSON = "application/x-ndjson"
_MOST = 2**63 - 1
_EVENT = {
    "specversion": "1.0",
    "id": "8c1f",
    "source": "https://carrier.example/events",
    "type": "governance.shipment.delivered.v1",
    "time": "2026-11-22T10:00:00Z",
    "data": {"provider": "acme", "shipment": "s-1", "service": "last_mile", "market": "DE"},
}
# The schemas are open: what is wrong with an event is told in the report, not by a refusal.
_BODY = {
    "required": True,
    "content": {
        _SINGLE: {"schema": {"description": "A CloudEvent."}, "example": _EVENT},
        _BATCH: {
            "schema": {"type": "array", "items": {"description": "A CloudEvent."}},
            "example": [_EVENT],
        },
        _NDJSON: {
            "schema": {
                "type": "string",
                "format": "binary",
                "description": "A CloudEvent a line; read as it comes, up to GOVERNANCE_MAX_UPLOAD_"
                "BYTES. A line has at most 1,000,000 bytes.",
            }
        },
    },
}


@router.post(
    "/provider-events",
    response_model=ReportOut,
    responses=problems(400, 401, 403, 413, 422, 503),
    openapi_extra={"requestBody": _BODY},
)
async def send_events(
    request: Request, _caller: Annotated[Caller, Depends(may("provider_events:write"))]
) -> Report:
    """Take in events of providers: one CloudEvent, a batch, or an upload of one a line.

    A bad event is set aside with its place and reason, and the rest lands. To send the same again
    changes nothing, so after an error or a broken connection send all of it again. Types:
    `governance.shipment.….v1`, `governance.inventory.counted.v1`, `org.gs1.epcis.event.v2` with an
    EPCIS 2.0 event, `org.dcsa.tnt.event.v3` with one of DCSA Track and Trace; the last two name
    `provider`, `service` and `market` in extension attributes and the shipment in `subject`.
    """
    engine: Engine = request.app.state.pipeline.engine
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    report = Report()
    if kind == _NDJSON:
        async for batch in batches_of(request):
            await run_in_threadpool(take_in, engine, batch, datetime.now(UTC), report)
    else:
        lines = _events(kind, await request.body())
        await run_in_threadpool(take_in, engine, lines, datetime.now(UTC), report)
    return report


def _events(kind: str, body: bytes) -> list[Line]:
    if kind == _SINGLE:
        return [Line(1, body)]
    if kind != _BATCH:
        message = f"a body of type `{kind or 'none'}` holds no events"
        hint = f"Content-Type: {_SINGLE}, {_BATCH} or {_NDJSON}"
        raise InvalidRequest(message, errors=[FieldError("Content-Type", message, hint)])
    try:
        events = msgspec.json.decode(body, type=list[msgspec.Raw])
    except msgspec.ValidationError:
        message = "a batch is a list of events, in [ ]"
        raise InvalidRequest(message, errors=[FieldError("", message)]) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedBody(f"The batch is not JSON: {error}") from None
    return [Line(number, bytes(one)) for number, one in enumerate(events, start=1)]


@router.get(
    "/provider-events/set-aside",
    response_model=SetAsidePage,
    responses=problems(401, 403, 422, 503),
)
def list_set_aside(
    request: Request,
    _caller: Annotated[Caller, Depends(may("providers:read"))],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[
        int | None, Query(ge=1, le=_MOST, description="`next_before` of the page before.")
    ] = None,
) -> dict[str, Any]:
    """Events that were set aside, the newest first, each with its place, its reason and a hint."""
    check_names([name for name, _ in request.query_params.multi_items()], ("limit", "before"))
    number = col(SetAsideEvent.number)
    asked = select(SetAsideEvent).order_by(number.desc()).limit(limit + 1)
    if before is not None:
        asked = asked.where(number < before)
    with transaction(request.app.state.pipeline.engine) as session:
        found = session.exec(asked).all()
    shown = found[:limit]
    return {
        "set_aside": [
            one.model_dump() | {"received_at": one.received_at.isoformat()} for one in shown
        ],
        "next_before": shown[-1].number if len(found) > limit else None,
    }
