"""What stock can be placed with: nodes that hold it, customers that want it, lanes between them."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from governance.errors import FieldError, InvalidRequest

Lanes = Mapping[tuple[str, str], float]
"""Shipping cost per unit, in minor units, of each allowed pair of (node id, customer id).

A pair that is not in it is forbidden: dangerous goods, a refused sale, a provider not in good
standing. A freight bill shared by its units need not be whole, so that costs are floats.
"""


@dataclass(frozen=True, slots=True)
class Node:
    """A place that can hold stock: the minor units that opening it costs, the units it can hold."""

    id: str
    fixed_cost: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Customer:
    """A market, or a region of one, and the units that are to be placed for it."""

    id: str
    demand: int


def check(nodes: Sequence[Node], customers: Sequence[Customer], lanes: Lanes) -> None:
    """InvalidRequest, with a pointer to every field that is wrong, unless all of it makes sense.

    Ids are there once, costs, capacities and demands are 0 or more, capacities and demands are
    whole, and lanes join nodes and customers that exist.
    """
    errors = [
        *_repeated("nodes", [node.id for node in nodes]),
        *_repeated("customers", [customer.id for customer in customers]),
    ]
    for at, node in enumerate(nodes):
        errors += _amount(f"/nodes/{at}/fixed_cost", node.fixed_cost, whole=False)
        errors += _amount(f"/nodes/{at}/capacity", node.capacity, whole=True)
    for at, customer in enumerate(customers):
        errors += _amount(f"/customers/{at}/demand", customer.demand, whole=True)
    known_nodes, known_customers = {one.id for one in nodes}, {one.id for one in customers}
    for (node_id, customer_id), cost in lanes.items():
        field = f"/lanes/{node_id}/{customer_id}"
        errors += _amount(field, cost, whole=False)
        for what, name, known in (
            ("node", node_id, known_nodes),
            ("customer", customer_id, known_customers),
        ):
            if name not in known:
                message = f"There is no {what} {name!r}"
                errors.append(FieldError(field, message, f"Add the {what} or leave the lane out"))
    if errors:
        raise InvalidRequest(errors[0].message, errors=errors)


def _repeated(what: str, ids: Sequence[str]) -> Iterable[FieldError]:
    seen: set[str] = set()
    for at, one in enumerate(ids):
        if one in seen:
            yield FieldError(f"/{what}/{at}/id", f"{one!r} is there twice", "Merge the two")
        seen.add(one)


def _amount(field: str, value: float, *, whole: bool) -> Iterable[FieldError]:
    if whole and (not isinstance(value, int) or isinstance(value, bool)):
        yield FieldError(field, f"{value!r} is not a whole number", "Give whole units")
    elif not (math.isfinite(value) and value >= 0):
        yield FieldError(field, f"{value!r} is not an amount", "Give a number from 0")
