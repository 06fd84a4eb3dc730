"""`GET /v1/providers/compare`: providers side by side for a parcel."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from governance.access.caller import Caller, may
from governance.access.parameters import check_names
from governance.problems import problems
from governance.providers.comparison.query import Asked, read_asked
from governance.providers.comparison.schemas import ComparisonOut
from governance.providers.comparison.service import compare_providers

router = APIRouter(prefix="/v1", tags=["providers"])

_SEVERAL = ("provider", "category")
_NAMES = (*_SEVERAL, "market", "service", "weight_grams", "from_country")


def _asked(
    request: Request,
    caller: Annotated[Caller, Depends(may("providers:read"))],
    market: Annotated[str, Query(description="Country where the parcel goes.")],
    service: Annotated[str, Query(description="The service that is compared.")],
    weight_grams: Annotated[int, Query(description="Weight of the parcel, 1 to 100,000,000.")],
    provider: Annotated[
        list[str] | None,
        Query(description="2 to 10 ids; none: all who offer the service there, at most 10."),
    ] = None,
    category: Annotated[
        list[str] | None, Query(description="Goods in the parcel; several where it is mixed.")
    ] = None,
    from_country: Annotated[
        str | None, Query(description="Only lanes from there, and quotes for a parcel from there.")
    ] = None,
) -> Asked:
    given = [name for name, _ in request.query_params.multi_items()]
    check_names(given, _NAMES, _SEVERAL)
    return read_asked(
        caller.gates.library.vocabulary,
        providers=provider or (),
        market=market,
        service=service,
        weight_grams=weight_grams,
        categories=category or (),
        from_country=from_country,
    )


@router.get(
    "/providers/compare", response_model=ComparisonOut, responses=problems(401, 403, 422, 503)
)
def compare(request: Request, asked: Annotated[Asked, Depends(_asked)]) -> ComparisonOut:
    """Providers side by side: standing, metrics, promises, lanes, nodes, and a live quote each.

    Their own systems are asked at the same time, for GOVERNANCE_CONNECTOR_DEADLINE_SECONDS at most;
    one that fails says so in its row.
    """
    state = request.app.state
    now = datetime.now(UTC)
    return compare_providers(
        state.pipeline.engine,
        state.connectors,
        state.priors.at(now),
        asked,
        now,
        state.pipeline.settings.connector_deadline_seconds,
    )
