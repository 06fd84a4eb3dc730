"""Capacitated facility location as a mixed-integer program, solved by HiGHS.

The strong formulation: with y_i whether node i is open and x_ij the share of customer j's demand
that it serves, x_ij ≤ y_i for every lane beside Σ_j d_j·x_ij ≤ K_i·y_i, which makes the relaxation
nearly whole already: K. Aardal, "Capacitated facility location: separation algorithms and
computational experience", Mathematical Programming 81 (1998). HiGHS: https://highs.dev.
"""

import math
from dataclasses import dataclass
from typing import Any

from governance.errors import GovernanceError

_ROUNDING = 1e-5  # of a unit: how far from whole a vertex may be for the solver's tolerances


class NoPlacement(GovernanceError):
    """The solver reached no placement that could be called the best."""

    status = 503
    code = "no-placement"
    title = "No placement was found that is known to be good enough"


@dataclass(frozen=True)
class Program:
    """Nodes, customers and lanes as numpy arrays.

    Lane l joins node `lane_node[l]` with customer `lane_customer[l]` at `lane_cost[l]` a unit.
    """

    fixed_cost: Any  # of nodes
    capacity: Any  # of nodes, whole
    demand: Any  # of customers, whole, above 0
    lane_node: Any
    lane_customer: Any
    lane_cost: Any


@dataclass(frozen=True)
class Solver:
    """How long HiGHS may take and what it must prove.

    `gap` is the relative distance to the proven bound at which a solution counts as the best. A
    solution that the time limit leaves further away is an error, unless its distance is within
    `accepted_gap`: what the clock decides may differ from run to run.
    """

    time_limit_seconds: float = 30.0
    gap: float = 1e-7
    accepted_gap: float | None = None


def most_units(program: Program) -> int:
    """The most units that can be placed with every node open; a customer may go without.

    NoPlacement if the solver fails.
    """
    import numpy as np

    every = np.ones(len(program.lane_node), dtype=bool)
    flow = _transported(program, every, np.full(every.size, -1.0), exactly=False)
    return int(flow.sum())


def best_nodes(program: Program, solver: Solver) -> tuple[Any, float]:
    """Which nodes to open so that all demand is met at the least cost, and the gap that is proven.

    NoPlacement if there is no such solution, or none good enough in the time.
    """
    import highspy
    import numpy as np

    nodes, lanes, customers = len(program.capacity), len(program.lane_node), len(program.demand)
    demand = program.demand[program.lane_customer].astype(float)
    reach = np.bincount(program.lane_node, demand, minlength=nodes)
    capacity = np.minimum(program.capacity, reach)  # the same solutions, a tighter relaxation
    opens, serves = np.arange(nodes), nodes + np.arange(lanes)
    capacities, served = lanes + np.arange(nodes), lanes + nodes + program.lane_customer
    strong = np.arange(lanes)
    rows = np.concatenate([strong, strong, capacities[program.lane_node], capacities, served])
    columns = np.concatenate([serves, program.lane_node, serves, opens, serves])
    ones = np.ones(lanes)
    values = np.concatenate([ones, -ones, demand, -capacity, ones])
    never, at_most = np.full(lanes + nodes, -highspy.kHighsInf), np.zeros(lanes + nodes)
    model = _model(
        cost=np.concatenate([program.fixed_cost, program.lane_cost * demand]),
        upper=np.ones(nodes + lanes),
        row_bounds=(
            np.concatenate([never, np.ones(customers)]),
            np.concatenate([at_most, np.ones(customers)]),
        ),
        matrix=(rows, columns, values),
    )
    kinds = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    model.integrality_ = [kinds[0]] * nodes + [kinds[1]] * lanes
    highs = _highs(time_limit=solver.time_limit_seconds, mip_rel_gap=solver.gap)
    status = _run(highs, model)
    found = np.asarray(highs.getSolution().col_value)
    feasible = (
        highs.getInfo().primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    )
    gap = float(highs.getInfo().mip_gap) if feasible else math.inf
    if status == highspy.HighsModelStatus.kTimeLimit:
        _accept(gap, solver)
    elif status != highspy.HighsModelStatus.kOptimal:
        raise NoPlacement(f"The solver ended with “{highs.modelStatusToString(status)}”.")
    return found[:nodes] > 0.5, gap


def units_of_lanes(program: Program, opened: Any) -> Any:
    """The units that each lane takes when these nodes are open and all demand is met the cheapest.

    What is left is a transportation problem. With whole capacities and demands its vertices are
    whole (G. B. Dantzig, "Linear Programming and Extensions", 1963, chapter 14), and the simplex
    method ends in one: no unit is rounded into being, or placed twice. NoPlacement if the solver
    fails.
    """
    return _transported(program, opened[program.lane_node], program.lane_cost, exactly=True)


def _transported(program: Program, usable: Any, cost: Any, *, exactly: bool) -> Any:
    """Whole units per lane at the least cost; every customer gets all (exactly) or at most all."""
    import highspy
    import numpy as np

    lanes = np.flatnonzero(usable)
    nodes, customers = len(program.capacity), len(program.demand)
    demand, capacity = program.demand.astype(float), program.capacity.astype(float)
    ends = np.concatenate([program.lane_node[lanes], nodes + program.lane_customer[lanes]])
    columns = np.tile(np.arange(lanes.size), 2)
    least = demand if exactly else np.zeros(customers)
    model = _model(
        cost=cost[lanes],
        upper=demand[program.lane_customer[lanes]],
        row_bounds=(
            np.concatenate([np.zeros(nodes), least]),
            np.concatenate([capacity, demand]),
        ),
        matrix=(ends, columns, np.ones(columns.size)),
    )
    highs = _highs(solver="simplex")
    status = _run(highs, model)
    if status != highspy.HighsModelStatus.kOptimal:
        raise NoPlacement(f"The solver ended with “{highs.modelStatusToString(status)}”.")
    flow = np.asarray(highs.getSolution().col_value)
    units = np.zeros(len(program.lane_node), dtype=np.int64)
    units[lanes] = np.rint(flow)
    _check_whole(program, flow, units, exactly=exactly)
    return units


def _check_whole(program: Program, flow: Any, units: Any, *, exactly: bool) -> None:
    """NoPlacement unless the units are what the solver found, within capacities, each once."""
    import numpy as np

    far = np.abs(flow - np.rint(flow)).max(initial=0.0)
    held = np.bincount(program.lane_node, units, minlength=len(program.capacity))
    got = np.bincount(program.lane_customer, units, minlength=len(program.demand))
    right = (got == program.demand) if exactly else (got <= program.demand)
    if far > _ROUNDING or (held > program.capacity).any() or not right.all():
        raise NoPlacement("The solver's units do not add up to whole capacities and demands.")


def _accept(gap: float, solver: Solver) -> None:
    """NoPlacement unless a solution was found in the time, and within the gap that is accepted."""
    if gap == math.inf:
        raise NoPlacement(
            f"No placement was found within {solver.time_limit_seconds} s: allow more time."
        )
    if solver.accepted_gap is None or not gap <= solver.accepted_gap:
        wanted = solver.gap if solver.accepted_gap is None else solver.accepted_gap
        raise NoPlacement(
            f"After {solver.time_limit_seconds} s the best placement is proven to be within "
            f"{gap:.2%} of the optimum, and {wanted:.2%} is asked for: allow more time, or accept "
            "a wider gap."
        )


def _model(cost: Any, upper: Any, row_bounds: tuple[Any, Any], matrix: tuple[Any, Any, Any]) -> Any:
    """A linear program of columns from 0; the matrix is rows, columns and values."""
    import highspy
    from scipy.sparse import csc_array

    rows, columns, values = matrix
    shape = len(row_bounds[0]), len(cost)
    sparse = csc_array((values, (rows, columns)), shape=shape)
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = shape
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, cost * 0, upper
    model.row_lower_, model.row_upper_ = row_bounds
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = sparse.indptr
    model.a_matrix_.index_ = sparse.indices
    model.a_matrix_.value_ = sparse.data
    return model


def _highs(**options: float | str) -> Any:
    """HiGHS, quiet, on one thread with a fixed seed: the same input gives the same output."""
    # the class around it, `Highs`, prints a line before it can be told to be quiet
    from highspy._core import _Highs

    highs = _Highs()
    settings: dict[str, bool | float | str] = {"output_flag": False, "threads": 1, "random_seed": 0}
    for name, value in (settings | options).items():
        highs.setOptionValue(name, value)
    return highs


def _run(highs: Any, model: Any) -> Any:
    import highspy

    if highs.passModel(model) == highspy.HighsStatus.kError:
        raise NoPlacement("The solver refused the program.")
    highs.run()
    return highs.getModelStatus()
