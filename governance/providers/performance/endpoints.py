"""`/v1/providers/{provider_id}/performance` and `/scorecard`: how a provider performs."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request

from governance.access.caller import Caller, may
from governance.access.parameters import check_names
from governance.db import transaction
from governance.problems import problems
from governance.providers import registry
from governance.providers.performance.metrics import Metric, metrics
from governance.providers.performance.schemas import PerformanceOut
from governance.providers.performance.scorecard import scorecard
from governance.providers.performance.scorecard_query import NAMES, read_asked
from governance.providers.performance.scorecard_schemas import ScorecardOut

router = APIRouter(prefix="/v1", tags=["providers"])
Reader = Annotated[Caller, Depends(may("providers:read"))]


@router.get(
    "/providers/{provider_id}/performance",
    response_model=PerformanceOut,
    responses=problems(401, 403, 404, 422, 503),
)
def read_performance(provider_id: str, request: Request, _caller: Reader) -> dict[str, Any]:
    """How a provider performs now: in total, per service and market, and per lane.

    Plain counts of 7, 30 and 90 days, and an estimate with its interval and what it rests on.
    """
    check_names([name for name, _ in request.query_params.multi_items()], ())
    now = datetime.now(UTC)
    priors = request.app.state.priors.at(now)
    with transaction(request.app.state.pipeline.engine) as session:
        registry.provider(session, provider_id)
        found = metrics(session, now, provider_id, priors=priors)
    return {
        "provider_id": provider_id,
        "as_of": now.isoformat(),
        "metrics": [_metric(one) for one in found],
    }


@router.get(
    "/providers/{provider_id}/scorecard",
    response_model=ScorecardOut,
    responses=problems(401, 403, 404, 422, 503),
)
def read_scorecard(
    provider_id: str,
    request: Request,
    _caller: Reader,
    as_of: Annotated[
        str | None,
        Query(description="A day, to its end, or an instant (RFC 3339), not to come; unset: now."),
    ] = None,
    service: Annotated[str | None, Query(description="Only this one, as in fulfilment.")] = None,
    market: Annotated[str | None, Query(description="Only this one, as in DE.")] = None,
) -> ScorecardOut:
    """How a provider does in each service and market: every metric that applies, with its trend,
    and whether it contradicts for certain what the provider promised.

    A metric of which nothing was counted is there with 0 shipments. The standing is that of now.
    """
    check_names([name for name, _ in request.query_params.multi_items()], NAMES)
    asked = read_asked(datetime.now(UTC), as_of, service, market)
    priors = request.app.state.priors.at(asked.as_of)
    with transaction(request.app.state.pipeline.engine) as session:
        return scorecard(session, provider_id, asked, priors)


def _metric(one: Metric) -> dict[str, Any]:
    return {
        "name": one.name,
        "service": one.service,
        "market": one.market,
        "lane": one.lane,
        "lower_is_better": one.lower_is_better,
        "windows": [
            {"days": days, "hits": hits, "trials": trials}
            for days, (hits, trials) in one.windows.items()
        ],
        "estimate": None if one.estimate is None else asdict(one.estimate),
        "durations": [{"days": days} | asdict(took) for days, took in one.durations.items()],
    }
