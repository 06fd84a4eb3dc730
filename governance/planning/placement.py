"""Where to hold stock: which nodes to open, which customers each serves, and why that node."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from governance.planning.placement_lanes import Customer, Lanes, Node, check
from governance.planning.placement_program import (
    Program,
    Solver,
    best_nodes,
    most_units,
    units_of_lanes,
)
from governance.planning.placement_reasons import Alternative, Carried, next_best

_EXACT = Solver()

Lack = Literal["no_allowed_node", "not_enough_capacity"]


@dataclass(frozen=True, slots=True)
class Allocation:
    """Units of one customer at one node.

    `unit_cost` is the lane's, in minor units; `cost` that of all these units, rounded. The
    `alternative` is the next best node for all of them; None where no other could take them.
    """

    node: str
    customer: str
    units: int
    unit_cost: float
    cost: int
    alternative: Alternative | None


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Units of a customer that no node holds, and why.

    `no_allowed_node`: no lane leads to the customer from a node with any capacity.
    `not_enough_capacity`: nodes that may serve it are full; where several customers compete for
    too little, those go without that cost the most to serve.
    """

    customer: str
    units: int
    reason: Lack


@dataclass(frozen=True, slots=True)
class Placement:
    """The units that each open node holds, in which shares for whom, and what it costs.

    `cost` is that of the open nodes and all allocations, in minor units. `gap` is how far the
    optimum may be below that at most, relatively; 0 where this is proven to be the optimum.
    """

    units: dict[str, int]
    allocations: tuple[Allocation, ...]
    unplaced: tuple[Unplaced, ...]
    cost: int
    gap: float


def place(
    nodes: Sequence[Node],
    customers: Sequence[Customer],
    lanes: Lanes,
    solver: Solver = _EXACT,
) -> Placement:
    """Place all demand that can be placed, at the least cost of open nodes and lanes.

    As many units are placed as capacities and lanes allow; all else is in `unplaced`. The same
    input gives the same placement, in whatever order its parts come. InvalidRequest for input that
    makes no sense; NoPlacement where the solver fails or proves too little in its time.
    """
    check(nodes, customers, lanes)
    able = sorted((one for one in nodes if one.capacity), key=lambda one: one.id)
    places = {node.id: at for at, node in enumerate(able)}
    reached = {customer for node, customer in lanes if node in places}
    wanting = sorted((one for one in customers if one.demand), key=lambda one: one.id)
    served = [one for one in wanting if one.id in reached]
    unplaced = [
        Unplaced(one.id, one.demand, "no_allowed_node") for one in wanting if one.id not in reached
    ]
    carried, gap = _solved(able, served, lanes, solver) if served else ([], 0.0)
    for customer in served:
        units = sum(one.units for one in carried if one.customer == customer.id)
        if units < customer.demand:
            unplaced.append(Unplaced(customer.id, customer.demand - units, "not_enough_capacity"))
    others = next_best(able, carried, lanes)
    allocations = tuple(
        Allocation(
            one.node,
            one.customer,
            one.units,
            one.unit_cost,
            round(one.units * one.unit_cost),
            other,
        )
        for one, other in zip(carried, others, strict=True)
    )
    held: dict[str, int] = {}
    for one in carried:
        held[one.node] = held.get(one.node, 0) + one.units
    fixed = sum(node.fixed_cost for node in able if node.id in held)
    cost = fixed + sum(one.cost for one in allocations)
    return Placement(held, allocations, tuple(unplaced), cost, gap)


def _solved(
    nodes: Sequence[Node], customers: Sequence[Customer], lanes: Lanes, solver: Solver
) -> tuple[list[Carried], float]:
    """What each lane carries, in the order of nodes and customers, and the gap that is proven."""
    import numpy as np

    pairs = [
        (i, j)
        for i, node in enumerate(nodes)
        for j, customer in enumerate(customers)
        if (node.id, customer.id) in lanes
    ]
    program = Program(
        fixed_cost=np.array([float(node.fixed_cost) for node in nodes]),
        capacity=np.array([node.capacity for node in nodes]),
        demand=np.array([customer.demand for customer in customers]),
        lane_node=np.array([i for i, _ in pairs]),
        lane_customer=np.array([j for _, j in pairs]),
        lane_cost=np.array([float(lanes[nodes[i].id, customers[j].id]) for i, j in pairs]),
    )
    short = int(program.demand.sum()) - most_units(program)
    program = _with_nowhere(program, short) if short else program
    opened, gap = best_nodes(program, solver)
    units = units_of_lanes(program, opened)
    carried = [
        Carried(nodes[i].id, customers[j].id, int(amount), lanes[nodes[i].id, customers[j].id])
        for (i, j), amount in zip(pairs, units, strict=False)  # "nowhere" has the lanes after these
        if amount
    ]
    return carried, gap


def _with_nowhere(program: Program, short: int) -> Program:
    """A last node, free of cost, that takes what no other has room for: not a unit more."""
    import numpy as np

    customers = len(program.demand)
    nowhere = np.full(customers, len(program.capacity))
    return Program(
        fixed_cost=np.append(program.fixed_cost, 0.0),
        capacity=np.append(program.capacity, short),
        demand=program.demand,
        lane_node=np.concatenate([program.lane_node, nowhere]),
        lane_customer=np.concatenate([program.lane_customer, np.arange(customers)]),
        lane_cost=np.concatenate([program.lane_cost, np.zeros(customers)]),
    )
