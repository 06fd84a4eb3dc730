"""How much of each product is secured and where it is held: one after the other, in one budget."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from governance.planning.demand import Demand
from governance.planning.drop_plan_budget import Wish, shared_out
from governance.planning.drop_plan_demand import (
    Buyers,
    buyers_of,
    futures_of,
    of_those_sold_to,
    orders_of_products,
    unit_cost,
)
from governance.planning.drop_plan_input import DropPlanInput, ProductInput
from governance.planning.newsvendor import UnitTerms
from governance.planning.placement import Placement, place
from governance.planning.placement_futures import StockPlan, place_futures, profits
from governance.planning.placement_lanes import Customer, Node
from governance.planning.placement_program import Solver
from governance.planning.ways import Ways, ways_of

_CLOSE = Solver(gap=1e-3)  # as in `place_futures`
_DOUBTFUL = 3.0  # times the cost of opening: a node that sells out and earns more surely repays it


@dataclass(frozen=True)
class Goods:
    """A product with what is asked of it: ways, buyers, lanes, futures, and what a unit earns."""

    product: ProductInput
    terms: UnitTerms
    ways: Ways
    buyers: tuple[Buyers, ...]
    lanes: dict[tuple[str, str], float]
    asked: Any  # futures × buyers


@dataclass(frozen=True)
class Held:
    """A product's stock and places; `earned` is the profit in each future, in minor units.

    `dropped` are nodes whose opening the units there do not repay, with those units by buyers.
    """

    goods: Goods
    plan: StockPlan
    placement: Placement
    nodes: tuple[Node, ...]
    earned: Any
    dropped: dict[str, int]

    @property
    def units(self) -> int:
        return sum(self.placement.units.values())


def goods_of(plan: DropPlanInput, demand: Demand) -> list[Goods]:
    """Every product with its ways and futures, in the order of the input."""
    shares = [one.share for one in plan.products]
    rate = float(demand.returns.sum()) / max(1.0, float(demand.orders.sum()))
    found = []
    for at, every in enumerate(orders_of_products(demand, shares)):
        product = plan.products[at]
        orders = of_those_sold_to(every, product.sold_to, demand, at)
        most = int(np.quantile(orders.sum(axis=1), 0.9, method="inverted_cdf"))
        ways = ways_of(plan, product, demand.countries, max(1, most))
        buyers = tuple(buyers_of(ways, demand.countries))
        nodes_to: dict[str, list[str]] = {}
        for node, market in ways.by_pair:
            nodes_to.setdefault(market, []).append(node)
        lanes = {
            (node, one.id): unit_cost(ways.by_pair[node, one.market], one)
            for one in buyers
            for node in nodes_to[one.market]
        }
        asked = futures_of(buyers, orders, demand, at) if buyers else np.zeros((1, 0), np.int64)
        found.append(Goods(product, _terms(product, rate), ways, buyers, lanes, asked))
    return found


def hold(plan: DropPlanInput, goods: Sequence[Goods]) -> list[Held]:
    """Stock and places of every product, within capacities and the budget.

    Products are placed by what a unit earns, the most first; each finds the room that the others
    have left. Where all of them together cost more than the budget, it is shared out and everything
    is placed once more.
    """
    alone = [plan.budget // one.product.unit_cost for one in goods]
    held = _placed(plan, goods, alone)
    if sum(one.units * one.goods.product.unit_cost for one in held) <= plan.budget:
        return held
    wishes = [_wish(one, plan.in_stock) for one in held]
    return _placed(plan, goods, shared_out(wishes, plan.budget))


def _placed(plan: DropPlanInput, goods: Sequence[Goods], most: Sequence[int]) -> list[Held]:
    room = {one.id: one.capacity for one in plan.stockrooms}
    found: dict[int, Held] = {}
    for at in sorted(range(len(goods)), key=lambda one: (-goods[one].terms.margin, one)):
        found[at] = _one_placed(plan, goods[at], room, most[at])
        for node, units in found[at].placement.units.items():
            room[node] -= units
    return [found[at] for at in range(len(goods))]


def _one_placed(plan: DropPlanInput, goods: Goods, room: dict[str, int], most: int) -> Held:
    costs = goods.ways.opening_costs
    usable = {node for node, _ in goods.lanes}
    nodes = tuple(
        Node(one.id, round(costs[one.id]), room[one.id])
        for one in plan.stockrooms
        if one.id in usable
    )
    buyers = [one.id for one in goods.buyers]
    if not buyers:  # every market is closed
        buyers, asked = ["nobody"], np.zeros((1, 1), np.int64)
    else:
        asked = goods.asked
    made = place_futures(
        goods.terms, nodes, buyers, goods.lanes, asked, in_stock=plan.in_stock, most=most
    )
    placement = made.placement
    dropped: dict[str, int] = {}
    if plan.in_stock is None:
        placement, dropped = _without_losses(goods, nodes, made.placement)
    earned = profits(goods.terms, placement.units, nodes, buyers, _earning(goods), asked)
    return Held(goods, made, placement, nodes, earned, dropped)


def _without_losses(
    goods: Goods, nodes: Sequence[Node], placement: Placement
) -> tuple[Placement, dict[str, int]]:
    """The placement without nodes that cost more to open than their units earn over the futures.

    The placement serves all demand that it is given; whether a node repays is another question. Of
    dropped nodes the units are neither secured nor placed elsewhere: `{customer: units}`.
    """
    buyers = [one.id for one in goods.buyers]
    lanes = _earning(goods)
    fixed = {one.id: one.fixed_cost for one in nodes}
    gains = dict.fromkeys(placement.units, 0.0)
    for one in placement.allocations:
        gains[one.node] += one.units * (goods.terms.margin - one.unit_cost)
    doubtful = sorted(
        (node for node in gains if fixed[node] and gains[node] < _DOUBTFUL * fixed[node]),
        key=lambda node: (gains[node] - fixed[node], node),
    )
    if not doubtful:
        return placement, {}

    def mean(units: dict[str, int]) -> float:
        used = {pair: cost for pair, cost in lanes.items() if pair[0] in units}
        return float(profits(goods.terms, units, nodes, buyers, used, goods.asked).mean())

    kept, best = placement.units, mean(placement.units)
    for node in doubtful:
        fewer = {name: units for name, units in kept.items() if name != node}
        if (earned := mean(fewer)) > best:
            kept, best = fewer, earned
    dropped: dict[str, int] = {}
    wanted: dict[str, int] = {}
    for one in placement.allocations:
        into = wanted if one.node in kept else dropped
        into[one.customer] = into.get(one.customer, 0) + one.units
    if not dropped:
        return placement, {}
    again = place(
        [one for one in nodes if one.id in kept],
        [Customer(name, units) for name, units in wanted.items()],
        {pair: cost for pair, cost in lanes.items() if pair[0] in kept and pair[1] in wanted},
        _CLOSE,
    )
    return replace(again, unplaced=placement.unplaced), dropped


def _earning(goods: Goods) -> dict[tuple[str, str], float]:
    """The lanes on which a sale earns anything, as `place_futures` uses them."""
    return {pair: cost for pair, cost in goods.lanes.items() if cost < goods.terms.margin}


def _wish(held: Held, in_stock: float | None) -> Wish:
    goods = held.goods
    reached = {customer for _, customer in _earning(goods)}
    served = [at for at, one in enumerate(goods.buyers) if one.id in reached]
    asked = goods.asked[:, served].sum(axis=1)
    least = int(np.quantile(asked, in_stock, method="inverted_cdf")) if in_stock and served else 0
    terms = replace(goods.terms, shipping=goods.terms.shipping + held.plan.shipping)
    return Wish(terms, asked, held.units, min(least, held.units))


def _terms(product: ProductInput, return_rate: float) -> UnitTerms:
    return UnitTerms(
        price=product.price,
        cost=product.unit_cost,
        salvage=product.salvage,
        return_rate=min(1.0, return_rate),
        resale=product.resale,
        return_cost=product.return_cost,
    )
