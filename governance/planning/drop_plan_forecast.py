"""The forecast part of a drop plan: how many are reached, visit, order and return, and on what."""

from typing import Any

import numpy as np

from governance.planning.beta import DECILES
from governance.planning.demand import STEPS, Demand, weekly_shares
from governance.planning.drop_plan_input import DropPlanInput
from governance.planning.launch import Market


def forecast(plan: DropPlanInput, demand: Demand) -> dict[str, Any]:
    """P10, P50 and P90 of every step, rate and week, by country and of the whole drop."""
    ranges = demand.ranges()
    weeks = demand.orders_by_week(weekly_shares(plan.half_life_weeks, plan.weeks))
    by_week = np.quantile(weeks, DECILES, axis=0, method="inverted_cdf").astype(int)
    return {
        "rests_on": {
            "reach": plan.rests_on.reach,
            "drops": plan.rests_on.drops,
            "sample_drops": plan.rests_on.sample_drops,
        },
        "total": {step: list(ranges[step]["total"]) for step in STEPS},
        "countries": [
            {
                "country": market.country,
                "audience": market.audience,
                **{step: list(ranges[step][market.country]) for step in STEPS},
                **_rates(market),
                "level": {
                    step: one.level for step, one in plan.rests_on.rates[market.country].items()
                },
                "orders_by_week": by_week[:, at].T.tolist(),
            }
            for at, market in enumerate(plan.launch.markets)
        ],
    }


def _rates(market: Market) -> dict[str, list[float]]:
    return {
        f"{name}_rate": list(getattr(market, name).quantiles())
        for name in ("visited", "ordered", "returned")
    }
