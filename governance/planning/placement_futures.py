"""How many units to hold where when demand is uncertain: the two-step plan, and what stock earns.

First how many, by the newsvendor on the simulated total; then where, by the program on that total.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from governance.planning.beta import DECILES
from governance.planning.newsvendor import Stock, UnitTerms, stock_for_futures
from governance.planning.placement import Placement, place
from governance.planning.placement_lanes import Customer, Lanes, Node
from governance.planning.placement_program import Solver

_WEIGHTS = (1.0, 1.5, 2.0, 3.0)
"""Of the cost of opening a node. The program takes demand for certain and so opens nodes that only
certain demand repays; with a weightier cost it opens fewer."""

_CLOSE = Solver(gap=1e-3)  # demand is not known so well that proving more were worth its time


Limit = Literal["budget", "in_stock"]


@dataclass(frozen=True)
class StockPlan:
    """How many units to secure, and where; money in integer minor units.

    `total` is the newsvendor's answer, before the cost of opening nodes, with `shipping` as the
    mean cost of a lane per unit. `limited_by` says which bound has made it another than the most
    profitable one: the `budget` pays for no more, or fewer would not be `in_stock` as wanted.
    Profits are those of the placement over all futures, as `profits` reckons them; they are a
    little too good, since the plan was made for these very futures.
    """

    total: Stock
    shipping: float
    placement: Placement
    expected_profit: int
    profit_p10: int
    profit_p50: int
    profit_p90: int
    limited_by: Limit | None = None


def place_futures(
    terms: UnitTerms,
    nodes: Sequence[Node],
    customers: Sequence[str],
    lanes: Lanes,
    futures: Any,
    solver: Solver = _CLOSE,
    *,
    in_stock: float | None = None,
    most: int | None = None,
) -> StockPlan:
    """Place the best total for simulated demand.

    `futures` is a numpy array of whole units, equally likely futures × customers; `terms.shipping`
    is what a unit costs beside its lane. A lane that costs as much as a sale earns is not used: a
    customer with no other is unplaced, with its mean demand. The total is split among customers so
    that each gets what suffices with the same probability, whole by largest remainders. Of the
    sets of nodes that the program opens, the one that earns most over the futures is taken, so that
    an allocation's alternative is one of these nodes. The same input gives the same plan.
    `in_stock` and `most` bound the total as in `stock_for_futures`: units enough to meet all
    demand that is served with this probability, and no more units than the budget pays for.
    ValueError for futures of another shape; errors as there and in `place`.
    """
    import numpy as np

    demand = _checked(futures, customers)
    earning = {pair: cost for pair, cost in lanes.items() if cost < terms.margin}
    able = {node.id for node in nodes if node.capacity}
    reached = {customer for node, customer in earning if node in able}
    served = np.array([customer in reached for customer in customers])
    mean = np.rint(demand.mean(axis=0)).astype(np.int64)
    usual = place(nodes, _customers(customers, mean), earning, solver)
    units = sum(one.units for one in usual.allocations)
    shipping = sum(one.cost for one in usual.allocations) / units if units else 0.0
    delivered = replace(terms, shipping=terms.shipping + shipping)
    asked = demand[:, served].sum(axis=1)
    total = stock_for_futures(delivered, asked, in_stock, most)
    mean[served] = _covering(demand[:, served], total.quantity)
    wanted = _customers(customers, mean)
    tried = []
    for weight in _WEIGHTS:
        weighted = [replace(one, fixed_cost=round(one.fixed_cost * weight)) for one in nodes]
        units_of_nodes = place(weighted, wanted, earning, solver).units
        tried.append(
            (units_of_nodes, profits(terms, units_of_nodes, nodes, customers, earning, demand))
        )
    opened, _ = max(tried, key=lambda one: float(one[1].mean()))
    placement = place(
        [one for one in nodes if one.id in opened],
        wanted,
        {pair: cost for pair, cost in earning.items() if pair[0] in opened},
        solver,
    )
    earned = profits(terms, placement.units, nodes, customers, earning, demand)
    limit: Limit | None = None
    if total.quantity < stock_for_futures(delivered, asked, in_stock).quantity:
        limit = "budget"
    elif total.quantity > stock_for_futures(delivered, asked).quantity:
        limit = "in_stock"
    return _plan(total, shipping, placement, earned, limit)


def profits(
    terms: UnitTerms,
    units: Mapping[str, int],
    nodes: Sequence[Node],
    customers: Sequence[str],
    lanes: Lanes,
    futures: Any,
) -> Any:
    """What the units held at nodes earn in each future, in minor units: a numpy array of floats.

    Orders are sent along the cheapest lane that has stock at one end and demand at the other, as
    long as a sale is worth more than salvage. That is what a shop does that looks at one order at
    a time; looking at all of them could earn a little more. Opening a node that holds units costs
    its fixed cost. ValueError for futures of another shape.
    """
    import numpy as np

    wanted = _checked(futures, customers).T.astype(np.int64, order="C")
    stocked = [node for node in nodes if units.get(node.id)]
    held = {node.id: np.full(wanted.shape[1], units[node.id]) for node in stocked}
    places = {customer: at for at, customer in enumerate(customers)}
    usable = sorted((cost, *pair) for pair, cost in lanes.items() if pair[0] in held)
    spent = sum(node.fixed_cost + terms.leftover_loss * units[node.id] for node in stocked)
    earned = np.full(wanted.shape[1], -float(spent))  # as if all were left over
    sent, gained = np.empty_like(wanted[0]), np.empty_like(earned)
    for cost, node, customer in usable:
        gain = terms.margin + terms.leftover_loss - cost
        if gain <= 0:
            break
        stock, asked = held[node], wanted[places[customer]]
        np.minimum(stock, asked, out=sent)
        stock -= sent
        asked -= sent
        earned += np.multiply(sent, gain, out=gained)
    return earned


def apportion(total: int, weights: Any) -> Any:
    """Whole parts of a total in proportion to weights, by largest remainders; they add up to it.

    A numpy array; of equal remainders the first is rounded up. ValueError unless the weights are 0
    or more and, for a total above 0, one of them exceeds 0.
    """
    import numpy as np

    weights = np.asarray(weights, dtype=float)
    if total < 0 or (weights < 0).any() or (total and not weights.any()):
        raise ValueError(f"{total} cannot be apportioned by these weights: {weights}")
    if not total:
        return np.zeros(len(weights), dtype=np.int64)
    exact = total * weights / weights.sum()
    parts = np.floor(exact).astype(np.int64)
    parts[np.argsort(parts - exact, kind="stable")[: total - int(parts.sum())]] += 1
    return parts


def _covering(demand: Any, total: int) -> Any:
    """The total's parts that cover each customer's demand with the same probability."""
    import numpy as np

    if not total:
        return np.zeros(demand.shape[1], dtype=np.int64)
    ordered = np.sort(demand, axis=0)
    sums = ordered.sum(axis=1)
    above = int(np.searchsorted(sums, total, side="left"))
    below = ordered[above - 1] if above else np.zeros_like(ordered[0])
    return below + apportion(total - int(below.sum()), ordered[above] - below)


def _plan(
    total: Stock, shipping: float, placement: Placement, earned: Any, limited_by: Limit | None
) -> StockPlan:
    import numpy as np

    low, mid, high = np.quantile(earned, DECILES, method="inverted_cdf")
    return StockPlan(
        total=total,
        shipping=shipping,
        placement=placement,
        expected_profit=round(float(earned.mean())),
        profit_p10=round(float(low)),
        profit_p50=round(float(mid)),
        profit_p90=round(float(high)),
        limited_by=limited_by,
    )


def _customers(ids: Sequence[str], demand: Any) -> list[Customer]:
    return [Customer(one, int(units)) for one, units in zip(ids, demand, strict=True)]


def _checked(futures: Any, customers: Sequence[str]) -> Any:
    import numpy as np

    demand = np.asarray(futures)
    table = demand.ndim == 2 and demand.size > 0 and demand.shape[1] == len(customers)
    if not table or demand.dtype.kind not in "iu" or demand.min() < 0:
        raise ValueError("Futures are rows of whole numbers from 0, one for each customer")
    return demand
