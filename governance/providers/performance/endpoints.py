"""`GET /v1/providers/{provider_id}/performance`: how a provider performs."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from governance.access.caller import Caller, may
from governance.db import transaction
from governance.problems import problems
from governance.providers import registry
from governance.providers.performance.metrics import Metric, metrics
from governance.providers.performance.schemas import PerformanceOut

router = APIRouter(prefix="/v1", tags=["providers"])


@router.get(
    "/providers/{provider_id}/performance",
    response_model=PerformanceOut,
    responses=problems(401, 403, 404, 422, 503),
)
def read_performance(
    provider_id: str,
    request: Request,
    _caller: Annotated[Caller, Depends(may("providers:read"))],
) -> dict[str, Any]:
    """How a provider performs now: in total, per service and market, and per lane.

    Plain counts of 7, 30 and 90 days, and an estimate with its interval and what it rests on.
    """
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
