"""Placement against the published optima of 37 problems of J. E. Beasley's OR-Library.

The format: http://people.brunel.ac.uk/~mastjjb/jeb/orlib/capinfo.html. Costs of a lane are given
for all demand of a customer, with 5 decimals.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

from governance.planning.placement import Placement, place
from governance.planning.placement_lanes import Customer, Node

FOLDER = "or-library"
_OPTIMA = "capopt.txt"
_PROBLEMS = 37
_MOST_OFF = 1e-6
_MOST_SECONDS = 2.0
_MINOR = 1000  # minor units of a currency with 3 decimals, as the published optima have


@dataclass(frozen=True)
class Problem:
    """A problem, its costs in minor units, and its published optimum in whole ones."""

    name: str
    nodes: list[Node]
    customers: list[Customer]
    lanes: dict[tuple[str, str], float]
    optimum: float


def read_problems(data: Path) -> list[Problem]:
    """Every problem of the folder whose optimum is published, in the order of its list."""
    folder = data / FOLDER
    found = []
    for line in (folder / _OPTIMA).read_text().splitlines():
        words = line.split()
        if len(words) == 2 and (file := folder / f"{words[0]}.txt").is_file():
            found.append(_read(file, float(words[1])))
    return found


def _read(file: Path, optimum: float) -> Problem:
    numbers = iter(file.read_text().split())
    node_count, customer_count = int(next(numbers)), int(next(numbers))
    nodes = []
    for at in range(node_count):
        capacity, fixed = int(next(numbers)), float(next(numbers))
        nodes.append(Node(f"node {at:02}", round(fixed * _MINOR), capacity))
    customers, lanes = [], {}
    for at in range(customer_count):
        customer = Customer(f"customer {at:02}", int(next(numbers)))
        customers.append(customer)
        for node in nodes:
            lanes[node.id, customer.id] = float(next(numbers)) * _MINOR / customer.demand
    return Problem(file.stem, nodes, customers, lanes, optimum)


def is_sound(problem: Problem, placement: Placement) -> bool:
    """Whether every unit is placed exactly once and no node holds more than it can."""
    placed = dict.fromkeys((one.id for one in problem.customers), 0)
    held = dict.fromkeys((one.id for one in problem.nodes), 0)
    for one in placement.allocations:
        placed[one.customer] += one.units
        held[one.node] += one.units
    return (
        all(placed[one.id] == one.demand for one in problem.customers)
        and all(held[one.id] <= one.capacity for one in problem.nodes)
        and placement.units == {node: units for node, units in held.items() if units}
    )


def measured(data: Path, step: Callable[[str], None]) -> dict[str, Any]:
    """Solve every problem: `{"problems": [{name, optimum, found, off, seconds, sound, …}]}`."""
    rows = []
    for problem in read_problems(data):
        step(f"Placing {problem.name} …")
        began = time.perf_counter()
        placement = place(problem.nodes, problem.customers, problem.lanes)
        seconds = time.perf_counter() - began
        found = placement.cost / _MINOR
        rows.append(
            {
                "name": problem.name, "nodes": len(problem.nodes),
                "customers": len(problem.customers), "open": len(placement.units),
                "optimum": problem.optimum, "found": found,
                "off": abs(found - problem.optimum) / problem.optimum,
                "seconds": round(seconds, 2), "sound": is_sound(problem, placement),
            }
        )  # fmt: skip
    return {"problems": rows}


def targets(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each target with its figure."""
    rows = figures["problems"]
    off = max((row["off"] for row in rows), default=0.0)
    seconds = max((row["seconds"] for row in rows), default=0.0)
    unsound = sum(not row["sound"] for row in rows)
    return [
        {
            "target": "OR-Library: problems solved",
            "wanted": f"{_PROBLEMS}", "found": len(rows), "met": len(rows) == _PROBLEMS,
        },
        {
            "target": "OR-Library: furthest from a published optimum, relatively",
            "wanted": f"at most {_MOST_OFF:g}", "found": float(f"{off:.2g}"),
            "met": off <= _MOST_OFF,
        },
        {
            "target": "OR-Library: slowest problem, seconds",
            "wanted": f"under {_MOST_SECONDS:g}", "found": seconds, "met": seconds < _MOST_SECONDS,
        },
        {
            "target": "OR-Library: placements with a unit missing, twice or above capacity",
            "wanted": "0", "found": unsound, "met": unsound == 0,
        },
    ]  # fmt: skip


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Print a row for every problem."""
    right = ("open", "optimum", "found", "off", "seconds")
    table = Table(
        "Problem", "size", *(Column(one, justify="right") for one in right),
        title="Placement: OR-Library", box=SIMPLE, padding=(0, 1, 0, 0), pad_edge=False,
    )  # fmt: skip
    for row in figures["problems"]:
        table.add_row(
            row["name"], f"{row['nodes']} × {row['customers']}", str(row["open"]),
            f"{row['optimum']:,.3f}", f"{row['found']:,.3f}", f"{row['off']:.1e}",
            f"{row['seconds']:.2f}",
        )  # fmt: skip
    console.print(table)
