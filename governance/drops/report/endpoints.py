"""`GET /v1/drops/{id}/report`: a drop's plan as a page for people."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from governance.access.caller import Caller, may
from governance.drops.report.service import report_of
from governance.problems import problems

router = APIRouter(prefix="/v1/drops", tags=["drops"])

Reader = Annotated[Caller, Depends(may("drops:read"))]

# The page has no scripts and loads nothing: a browser need not let it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@router.get(
    "/{drop_id}/report", response_class=HTMLResponse, responses=problems(401, 403, 404, 422, 503)
)
def read_report(request: Request, drop_id: str, caller: Reader) -> HTMLResponse:
    """The plan, the verdict and the reasons as one page that needs nothing else."""
    page = report_of(request.app.state.pipeline, caller, drop_id).page
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})
