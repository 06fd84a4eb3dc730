"""One product of a drop plan as plain data: stock, nodes, allocations, ways and closed markets."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from governance.planning.beta import DECILES
from governance.planning.clearance import Clearing
from governance.planning.drop_plan_input import ProductInput
from governance.planning.drop_plan_stock import Held
from governance.planning.placement import Allocation
from governance.planning.ways import Way
from governance.planning.ways_entry import Link

_LACKS = {
    "no_allowed_node": "Every way that there is costs as much as a sale earns, or leads over a "
    "stockroom that others have filled.",
    "not_enough_capacity": "The stockrooms that may serve it are full.",
}
_NOT_REPAID = "Opening a stockroom for these units costs more than they are expected to earn."


def product_part(held: Held) -> dict[str, Any]:
    """The product's part of the plan; money in minor units of the plan's currency."""
    product, goods = held.goods.product, held.goods
    used = {(one.node, _market(held, one.customer)) for one in held.placement.allocations}
    return {
        "product": product.id,
        "title": product.title,
        "share": product.share,
        "modes": {market: sorted(modes) for market, modes in sorted(product.modes.items())},
        "stock": _stock(held),
        "nodes": _nodes(held),
        "allocations": [_allocation(held, one) for one in held.placement.allocations],
        "unplaced": _unplaced(held),
        "ways": [_way(product, goods.ways.by_pair[pair]) for pair in sorted(used)],
        "closed": [
            {"market": one.market, "why": list(one.why), "would_open": list(one.would_open)}
            for one in goods.ways.closed
        ],
    }


def _stock(held: Held) -> dict[str, Any]:
    total, units = held.plan.total, held.units
    low, mid, high = np.quantile(held.earned, DECILES, method="inverted_cdf")
    by_market: dict[str, int] = {}
    for one in held.placement.allocations:
        market = _market(held, one.customer)
        by_market[market] = by_market.get(market, 0) + one.units
    served = [at for at, one in enumerate(held.goods.buyers) if one.market in by_market]
    asked = held.goods.asked[:, served].sum(axis=1)
    return {
        "quantity": units,
        "critical_ratio": total.critical_ratio,
        "expected_profit": round(float(held.earned.mean())),
        "profit_p10": round(float(low)),
        "profit_p50": round(float(mid)),
        "profit_p90": round(float(high)),
        "sells_out": float((asked >= units).mean()),
        "reason": _reason(held),
        "limited_by": held.plan.limited_by,
        "by_market": dict(sorted(by_market.items())),
    }


def _reason(held: Held) -> str:
    total, terms = held.plan.total, held.goods.terms
    if total.reason is not None:
        return f"{total.reason}."
    if not held.units:
        return "No way to a market earns what it costs, so nothing is stocked."
    earns = terms.margin - held.plan.shipping
    because = {
        None: f"A unit sold earns {earns:.2f} minor units and one left over loses "
        f"{terms.leftover_loss:.2f}, so it pays to meet all demand with probability "
        f"{total.critical_ratio:.2f}.",
        "budget": "The budget pays for no more.",
        "in_stock": "Fewer would earn more, but would not be in stock as often as is asked for.",
    }
    return because[held.plan.limited_by]


def _nodes(held: Held) -> list[dict[str, Any]]:
    rooms = {one.room.id: one.room for one in held.goods.ways.by_pair.values()}
    costs = {one.id: one.fixed_cost for one in held.nodes}
    return [
        {
            "node": node,
            "provider": rooms[node].provider,
            "name": rooms[node].name,
            "country": rooms[node].country,
            "latitude": rooms[node].latitude,
            "longitude": rooms[node].longitude,
            "units": units,
            "capacity": rooms[node].capacity,
            "opening_cost": costs[node],
        }
        for node, units in sorted(held.placement.units.items())
    ]


def _allocation(held: Held, one: Allocation) -> dict[str, Any]:
    buyers = next(some for some in held.goods.buyers if some.id == one.customer)
    other = one.alternative
    return {
        "node": one.node,
        "market": buyers.market,
        "customer": buyers.id,
        "city": buyers.city,
        "units": one.units,
        "way": held.goods.ways.by_pair[one.node, buyers.market].id,
        "unit_cost": one.unit_cost,
        "cost": one.cost,
        "alternative": other
        and {"node": other.node, "extra_cost": other.extra_cost, "opens": other.opens},
    }


def _unplaced(held: Held) -> list[dict[str, Any]]:
    rows = [(one.customer, one.units, _LACKS[one.reason]) for one in held.placement.unplaced]
    rows += [(name, units, _NOT_REPAID) for name, units in held.dropped.items()]
    return [
        {"market": _market(held, name), "customer": name, "units": units, "reason": reason}
        for name, units, reason in sorted(rows)
    ]


def _way(product: ProductInput, way: Way) -> dict[str, Any]:
    best, charges = way.best, way.best.charges
    tax = charges.tax
    return {
        "id": way.id,
        "node": way.room.id,
        "market": way.market,
        "import_mode": best.delivery.import_mode,
        "scheme": best.delivery.clearing and best.delivery.clearing.scheme.id,
        "entry_scheme": best.entry.clearing and best.entry.clearing.scheme.id,
        "unit_cost": way.unit_cost,
        "landed_cost": {
            "goods": product.unit_cost,
            "freight": charges.freight,
            "duty": charges.duty,
            "tax": tax,
            "fees": charges.fees,
            "total": product.unit_cost + way.unit_cost + tax,
        },
        "lead_days": list(best.lead_days),
        "chain": _chain(best.chain),
        "reason": way.reason,
        "schemes": [_scheme(clearing, units) for clearing, units in way.clearings],
        "alternatives": [
            {
                "chain": _chain(one.route.chain),
                "unit_cost": one.route.charges.borne_by_seller,
                "lead_days": list(one.route.lead_days),
                "why": one.why,
            }
            for one in way.alternatives
        ],
    }


def _scheme(clearing: Clearing, units: int) -> dict[str, Any]:
    return {
        "scheme": clearing.scheme.id,
        "title": clearing.scheme.title,
        "available": clearing.available,
        "landed_cost": clearing.landed_cost / units if clearing.available else None,
        "lead_days": list(clearing.lead_days),
        "why_not": list(clearing.why_not),
        "importer_of_record": clearing.scheme.importer_of_record,
        "certainty": clearing.certainty,
    }


def _chain(links: Sequence[Link]) -> list[dict[str, Any]]:
    return [{"service": one.service, "provider": one.provider, "lane": one.lane} for one in links]


def _market(held: Held, customer: str) -> str:
    return next(one.market for one in held.goods.buyers if one.id == customer)
