"""`POST /v1/eligibility`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response

from governance.access.caller import Caller, may
from governance.access.idempotency import HEADER
from governance.eligibility import service
from governance.eligibility.schemas import EligibilityAnswer, EligibilityRequest
from governance.problems import problems

router = APIRouter(prefix="/v1", tags=["eligibility"])


@router.post(
    "/eligibility",
    response_model=EligibilityAnswer,
    responses=problems(400, 401, 403, 409, 413, 422, 503),
)
def check_eligibility(
    request: Request,
    asked: EligibilityRequest,
    caller: Annotated[Caller, Depends(may("eligibility:check"))],
    idempotency_key: Annotated[
        str | None,
        Header(alias=HEADER, description="The same key with the same body: the first answer."),
    ] = None,
) -> Response:
    """Where may this seller sell this product, on this date, with this evidence?"""
    body = service.check(request.app.state.pipeline, asked, caller, idempotency_key)
    return Response(body, media_type=service.JSON)
