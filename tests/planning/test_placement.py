"""Stock is placed at the least cost, each unit once, only where it may be, and says why there."""

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.errors import InvalidRequest
from governance.planning.placement import Placement, Unplaced, place
from governance.planning.placement_lanes import Customer, Lanes, Node
from governance.planning.placement_program import NoPlacement, Solver

NODES = [Node("Lyon", 500, 60), Node("Leipzig", 300, 40), Node("Reno", 400, 100)]
CUSTOMERS = [Customer("FR", 30), Customer("DE", 25), Customer("US", 50)]
LANES = {
    ("Lyon", "FR"): 2.0, ("Lyon", "DE"): 5.0, ("Leipzig", "FR"): 6.0, ("Leipzig", "DE"): 2.0,
    ("Reno", "US"): 3.0, ("Reno", "FR"): 20.0,
}  # fmt: skip

Case = tuple[list[Node], list[Customer], dict[tuple[str, str], float]]


@st.composite
def cases(draw: st.DrawFn, most: int = 5) -> Case:
    """Any nodes and customers; some pairs are forbidden, some capacities are too small."""
    amounts = st.integers(0, 40)
    nodes = [
        Node(f"n{at}", draw(st.integers(0, 300)), draw(amounts))
        for at in range(draw(st.integers(1, most)))
    ]
    customers = [Customer(f"c{at}", draw(amounts)) for at in range(draw(st.integers(1, most)))]
    costs = st.one_of(st.none(), st.integers(0, 30), st.floats(0, 30))
    drawn = {(node.id, one.id): draw(costs) for node in nodes for one in customers}
    return nodes, customers, {pair: cost for pair, cost in drawn.items() if cost is not None}


def placed(placement: Placement) -> Counter[str]:
    """The units of each customer, at nodes and unplaced."""
    found: Counter[str] = Counter()
    for one in (*placement.allocations, *placement.unplaced):
        found[one.customer] += one.units
    return found


def greedy(nodes: list[Node], customers: list[Customer], lanes: Lanes) -> tuple[float, int]:
    """The cost of taking the cheapest lane with room again and again, and the units placed."""
    room = {node.id: node.capacity for node in nodes}
    wants = {one.id: one.demand for one in customers}
    cost, units, used = 0.0, 0, set()
    for (node, customer), each in sorted(lanes.items(), key=lambda one: (one[1], one[0])):
        sent = min(room[node], wants[customer])
        if sent:
            room[node] -= sent
            wants[customer] -= sent
            cost, units = cost + sent * each, units + sent
            used.add(node)
    return cost + sum(node.fixed_cost for node in nodes if node.id in used), units


def test_each_customer_is_served_from_where_it_is_cheapest_to_open_and_to_send() -> None:
    found = place(NODES, CUSTOMERS, LANES)
    # Leipzig would save 75 on Germany's lanes and cost 300 to open
    assert found.units == {"Lyon": 55, "Reno": 50}
    assert found.cost == 500 + 400 + 60 + 125 + 150
    assert (found.unplaced, found.gap) == ((), 0)


def test_an_allocation_names_the_next_best_node_and_what_it_would_cost_more() -> None:
    by_customer = {one.customer: one for one in place(NODES, CUSTOMERS, LANES).allocations}
    germany = by_customer["DE"]
    assert (germany.node, germany.units, germany.unit_cost, germany.cost) == ("Lyon", 25, 5, 125)
    other = germany.alternative
    assert other is not None
    assert (other.node, other.extra_cost, other.opens) == ("Leipzig", 300 - 75, True)
    france = by_customer["FR"].alternative
    assert france is not None
    assert (france.node, france.extra_cost) == ("Leipzig", 300 + 120)
    assert by_customer["US"].alternative is None


def test_what_cannot_be_placed_is_reported_with_the_reason() -> None:
    customers = [*CUSTOMERS, Customer("BR", 7), Customer("CA", 70), Customer("JP", 0)]
    found = place(NODES, customers, LANES | {("Reno", "CA"): 4.0})
    assert found.unplaced == (
        Unplaced("BR", 7, "no_allowed_node"),
        Unplaced("CA", 20, "not_enough_capacity"),
    )
    assert found.units["Reno"] == 100


def test_a_customer_of_nodes_without_capacity_has_no_allowed_node() -> None:
    found = place([Node("Lyon", 0, 0)], [Customer("FR", 3)], {("Lyon", "FR"): 1.0})
    assert found.unplaced == (Unplaced("FR", 3, "no_allowed_node"),)
    assert (found.units, found.allocations, found.cost) == ({}, (), 0)


@given(cases())
@settings(max_examples=150, deadline=None)
def test_every_unit_is_placed_once_or_reported_and_no_node_is_overfull(case: Case) -> None:
    nodes, customers, lanes = case
    found = place(nodes, customers, lanes)
    assert placed(found) == Counter({one.id: one.demand for one in customers})
    pairs = [(one.node, one.customer) for one in found.allocations]
    assert len(set(pairs)) == len(pairs)
    assert all(pair in lanes for pair in pairs)
    held: Counter[str] = Counter()
    for one in found.allocations:
        assert one.units > 0
        held[one.node] += one.units
    assert held == found.units
    assert all(held[node.id] <= node.capacity for node in nodes)


@given(cases())
@settings(max_examples=150, deadline=None)
def test_no_greedy_placement_places_more_or_as_much_for_less(case: Case) -> None:
    found = place(*case)
    cost, units = greedy(*case)
    ours = sum(found.units.values())
    assert units <= ours
    if units == ours:
        assert found.cost <= cost + len(found.allocations)  # each is rounded to a minor unit


@given(cases(most=4))
@settings(max_examples=60, deadline=None)
def test_no_other_set_of_nodes_costs_less(case: Case) -> None:
    nodes, customers, lanes = case
    found = place(nodes, customers, lanes)
    for count in range(len(nodes)):
        for chosen in combinations(nodes, count):
            ids = {node.id for node in chosen}
            rest = {pair: cost for pair, cost in lanes.items() if pair[0] in ids}
            other = place(chosen, customers, rest)
            if sum(other.units.values()) == sum(found.units.values()):
                assert found.cost <= other.cost + len(customers) * len(nodes)


@given(cases())
@settings(max_examples=100, deadline=None)
def test_no_alternative_is_cheaper_than_what_was_chosen(case: Case) -> None:
    for one in place(*case).allocations:
        assert one.alternative is None or one.alternative.extra_cost >= -1  # rounding


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_same_input_in_any_order_gives_the_same_placement(case: Case, chance: object) -> None:
    nodes, customers, lanes = case
    shuffled = [list(part) for part in (nodes, customers, lanes.items())]
    for part in shuffled:
        chance.shuffle(part)  # type: ignore[attr-defined]
    assert place(shuffled[0], shuffled[1], dict(shuffled[2])) == place(nodes, customers, lanes)


def test_millions_of_units_are_placed_to_the_last() -> None:
    nodes = [Node(f"n{at}", 10_000_000, 3_333_333) for at in range(7)]
    customers = [Customer(f"c{at}", 999_999 + at) for at in range(12)]
    lanes = {
        (node.id, one.id): float(1 + (7 * i + 5 * j) % 11)
        for i, node in enumerate(nodes)
        for j, one in enumerate(customers)
    }
    found = place(nodes, customers, lanes)
    assert placed(found) == Counter({one.id: one.demand for one in customers})
    assert found.unplaced == ()


def test_without_time_there_is_no_placement_and_the_mend_is_named() -> None:
    with pytest.raises(NoPlacement, match="allow more time"):
        place(NODES, CUSTOMERS, LANES, Solver(time_limit_seconds=0, accepted_gap=1.0))


@pytest.mark.parametrize(
    ("nodes", "customers", "lanes", "field"),
    [
        ([*NODES, NODES[0]], CUSTOMERS, {}, "/nodes/3/id"),
        (NODES, [*CUSTOMERS, CUSTOMERS[1]], {}, "/customers/3/id"),
        ([Node("Lyon", -1, 60)], CUSTOMERS, {}, "/nodes/0/fixed_cost"),
        ([Node("Lyon", 1, 2.5)], CUSTOMERS, {}, "/nodes/0/capacity"),
        (NODES, [Customer("FR", True)], {}, "/customers/0/demand"),
        (NODES, CUSTOMERS, {("Lyon", "FR"): float("nan")}, "/lanes/Lyon/FR"),
        (NODES, CUSTOMERS, {("Nice", "FR"): 1.0}, "/lanes/Nice/FR"),
        (NODES, CUSTOMERS, {("Lyon", "IT"): 1.0}, "/lanes/Lyon/IT"),
    ],
)
def test_input_that_makes_no_sense_is_refused_with_a_pointer(
    nodes: list[Node], customers: list[Customer], lanes: Lanes, field: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        place(nodes, customers, lanes)
    assert [error.field for error in refused.value.errors] == [field]
