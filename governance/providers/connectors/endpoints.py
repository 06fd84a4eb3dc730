"""`GET /v1/connectors`: the providers' own systems that this service can ask, and how they do."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from governance.access.caller import Caller, may
from governance.problems import problems
from governance.providers.connectors.opened import Opened
from governance.providers.connectors.schemas import ConnectorList

router = APIRouter(prefix="/v1", tags=["providers"])


@router.get("/connectors", response_model=ConnectorList, responses=problems(401, 403, 503))
def list_connectors(
    request: Request, _caller: Annotated[Caller, Depends(may("providers:read"))]
) -> dict[str, Any]:
    """Every configured connector: what it can be asked, whether it answers, what is wrong with it.

    Each process has breakers of its own; these are those of the one that answers.
    """
    connectors: Mapping[str, Opened] = request.app.state.connectors
    return {"connectors": [_out(one) for one in connectors.values()]}


def _out(one: Opened) -> dict[str, Any]:
    breakers = {} if one.guarded is None else one.guarded.breakers()
    return {
        "provider": one.provider,
        "connector": one.connector,
        "opened": one.guarded is not None,
        "calls": [{"call": call, "breaker": state} for call, state in sorted(breakers.items())],
        "messages": [asdict(message) for message in one.messages],
    }
