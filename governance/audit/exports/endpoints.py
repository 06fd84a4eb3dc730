"""`GET /v1/decisions/export`: the record with its proofs, or as a table, streamed."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from governance.access.caller import Caller, identified
from governance.audit.exports.export import ACTION, begin, ndjson
from governance.audit.exports.tables import TABLES
from governance.audit.readable import readable
from governance.decisions.filters import Filters
from governance.gates.pipeline import Pipeline
from governance.problems import problems
from governance.transparency.checkpoint import MAX_SIZE

router = APIRouter(prefix="/v1", tags=["decisions"])

Format = Literal["ndjson", "csv", "parquet"]
_MEDIA_TYPES = {
    "ndjson": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
_BODY = {"schema": {"type": "string", "format": "binary"}}
_EXPORTED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The export as a file",
        "content": {media.split(";")[0]: _BODY for media in _MEDIA_TYPES.values()},
    }
}


@router.get(
    "/decisions/export",
    response_class=StreamingResponse,
    responses={**_EXPORTED, **problems(401, 403, 422, 503)},
)
def export_decisions(
    request: Request,
    filters: Annotated[Filters, Depends(readable(ACTION, "format", "cursor"))],
    caller: Annotated[Caller, Depends(identified)],
    as_format: Annotated[
        Format, Query(alias="format", description="NDJSON is evidence; the others are for reading.")
    ] = "ndjson",
    cursor: Annotated[
        int, Query(ge=0, le=MAX_SIZE, description="Go on from this index of the log.")
    ] = 0,
) -> StreamingResponse:
    """Everything that is on the record now and that the filters mean, in the order of the log.

    NDJSON: a header, a line a record with its inclusion proof, a signed manifest; `governance audit
    verify` checks it offline. An answer that ends without a manifest was cut off: ask again from
    the index after the last record. CSV and Parquet have a row a decision and market; in CSV a cell
    that a spreadsheet would take for a formula has an apostrophe before it.
    """
    pipeline: Pipeline = request.app.state.pipeline
    export = begin(pipeline, caller, filters, cursor, format=as_format, path=request.url.path)
    name = f"decisions-{cursor}-{export.checkpoint.size}.{as_format}"
    pieces: Iterator[bytes]
    if as_format == "ndjson":
        pieces = ndjson(pipeline.engine, export)
    else:
        pieces = TABLES[as_format](pipeline.engine, export, lambda index: None)
    return StreamingResponse(
        pieces,
        media_type=_MEDIA_TYPES[as_format],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )
