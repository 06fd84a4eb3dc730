"""A drop plan from its input: demand, stock, places, ways, clearance, providers, with reasons."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from governance.planning.beta import DECILES
from governance.planning.cities import CREDIT
from governance.planning.demand import simulate
from governance.planning.drop_plan_demand import DEARER_A_1000_KM
from governance.planning.drop_plan_forecast import forecast
from governance.planning.drop_plan_input import DropPlanInput
from governance.planning.drop_plan_product import product_part
from governance.planning.drop_plan_stock import Held, goods_of, hold

_PLACES = 4  # decimals of what is no whole number

ASSUMPTIONS = (
    "An order is for one unit of one product; a product falls to it with the product's share.",
    "The reach falls on countries as followers do, or as views of usual posts do where these are "
    "known of every country.",
    "Where a product may not be sold in regions of a country, orders from there are left unfilled, "
    "as many as the region has of the people in the country's cities.",
    "The share of orders that come back is the forecast's mean over all countries.",
    "The price is net of tax. Tax is the buyer's and in the landed cost alone; freight, duty and "
    "fees are the seller's.",
    "The goods in a landed cost are what a unit costs the seller; customs values a parcel at its "
    "price and stock at its cost.",
    "Freight in bulk and entry are a unit's share of the load that is cheapest a unit, of no more "
    "units than the stockroom holds and the product sells in nine futures of ten; opening a "
    "stockroom costs its smallest load besides. They are counted where a unit is sold.",
    "Lead days run from the order to the door, as stock has come in before the sale. Quantiles of "
    "legs and clearance are added up, as if all were late together; where delays are independent "
    "the P90 is earlier.",
    "Tax on entry is refunded for units that leave the country again.",
    "Goods in bond are cleared when they leave it.",
    f"Where two or more stockrooms of a country can serve it, demand is split among regions around "
    f"its largest cities by their people, and a delivery inside it costs {DEARER_A_1000_KM:g} of "
    "its price more with every 1,000 km.",
    "Where products want more than the budget, each further unit goes where its money is expected "
    "to earn most, after what has to be in stock.",
    "Products are placed one after the other, what earns most a unit first.",
    CREDIT,
)


def make_plan(
    plan: DropPlanInput, progress: Callable[[str, float], None] | None = None
) -> dict[str, Any]:
    """The plan as data for JSON: numbers rounded to 4 decimals, money in minor units.

    The same input gives the same plan on the same versions of numpy, scipy and HiGHS. `progress` is
    told what is being done and the share that is behind. ValueError for a forecast that cannot be
    drawn, InvalidRequest for products whose money makes no sense, NoPlacement where the solver
    proves too little in its time.
    """
    tell = progress or (lambda what, behind: None)
    tell("forecasting futures", 0.0)
    demand = simulate(plan.launch, plan.seed, plan.futures)
    foretold = forecast(plan, demand)
    tell("ways", 0.3)
    goods = goods_of(plan, demand)
    tell("stock and places", 0.5)
    held = hold(plan, goods)
    tell("writing", 0.95)
    made = {
        "currency": plan.currency,
        "day": plan.day.isoformat(),
        "seed": plan.seed,
        "futures": plan.futures,
        "weeks": plan.weeks,
        "forecast": foretold,
        "products": [product_part(one) for one in held],
        "nodes": _nodes(plan, held),
        "totals": _totals(plan, held),
        "assumptions": list(ASSUMPTIONS),
    }
    return {key: _rounded(value) for key, value in made.items()}


def _nodes(plan: DropPlanInput, held: Sequence[Held]) -> list[dict[str, Any]]:
    units: dict[str, int] = {}
    for one in held:
        for node, some in one.placement.units.items():
            units[node] = units.get(node, 0) + some
    rooms = {one.id: one.capacity for one in plan.stockrooms}
    return [
        {"node": node, "units": some, "capacity": rooms[node]}
        for node, some in sorted(units.items())
    ]


def _totals(plan: DropPlanInput, held: Sequence[Held]) -> dict[str, Any]:
    """Of all products, which earn in the same futures."""
    earned = np.zeros(plan.futures)
    for one in held:
        earned = earned + one.earned
    low, mid, high = np.quantile(earned, DECILES, method="inverted_cdf")
    return {
        "units": sum(one.units for one in held),
        "stock_cost": sum(one.units * one.goods.product.unit_cost for one in held),
        "budget": plan.budget,
        "expected_profit": round(float(earned.mean())),
        "profit_p10": round(float(low)),
        "profit_p50": round(float(mid)),
        "profit_p90": round(float(high)),
    }


def _rounded(value: Any) -> Any:
    """The same with floats rounded, and every number one of Python's own."""
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_rounded(one) for one in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"A plan holds finite numbers, not {value}")
        return round(float(value), _PLACES)
    return value
