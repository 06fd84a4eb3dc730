"""Why a node serves a customer: what the next best node would cost instead."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from governance.planning.placement_lanes import Lanes, Node


@dataclass(frozen=True, slots=True)
class Carried:
    """Units that a lane carries, at its cost per unit in minor units."""

    node: str
    customer: str
    units: int
    unit_cost: float


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another node that could take all units of an allocation, all else staying as it is.

    `extra_cost` is what that would add, in minor units: the lane's difference, a node that would
    have to be opened, less one that would no longer be needed. `opens` says that it is not open.
    """

    node: str
    extra_cost: int
    opens: bool


def next_best(
    nodes: Sequence[Node], carried: Sequence[Carried], lanes: Lanes
) -> list[Alternative | None]:
    """For each allocation the cheapest other node with room for all of it; None where none has.

    In the optimum no alternative is cheaper than what was chosen.
    """
    held: Counter[str] = Counter()
    uses: Counter[str] = Counter()
    for one in carried:
        held[one.node] += one.units
        uses[one.node] += 1
    by_id = {node.id: node for node in nodes}
    found: list[Alternative | None] = []
    for one in carried:
        spared = by_id[one.node].fixed_cost if uses[one.node] == 1 else 0
        options = [
            Alternative(
                node.id,
                round(one.units * (lanes[node.id, one.customer] - one.unit_cost))
                + (0 if held[node.id] else node.fixed_cost)
                - spared,
                opens=not held[node.id],
            )
            for node in nodes
            if node.id != one.node
            and (node.id, one.customer) in lanes
            and node.capacity - held[node.id] >= one.units
        ]
        found.append(min(options, key=lambda other: (other.extra_cost, other.node), default=None))
    return found
