"""A unit goes the cheapest way that is allowed, and what bars the others is said in words."""

from dataclasses import replace

import pytest
from drop_world import (
    BROKERS,
    DAY,
    LEGS,
    ROOMS,
    SCHEMES,
    bulk,
    drop,
    parcel,
    product,
    registered,
    room,
    scheme,
    without,
)

from governance.markets.schemes import Duty
from governance.planning.drop_plan_input import DropPlanInput
from governance.planning.ways import Closed, Way, Ways, ways_of
from governance.planning.ways_entry import best_load

MARKETS = ("DE", "FR", "US", "JP")


def ways(plan: DropPlanInput, most: int = 1000) -> Ways:
    return ways_of(plan, plan.products[0], MARKETS, most)


def way(plan: DropPlanInput, node: str, market: str) -> Way:
    return ways(plan).by_pair[node, market]


def closed(plan: DropPlanInput, market: str) -> Closed:
    return next(one for one in ways(plan).closed if one.market == market)


def test_stock_abroad_comes_in_bulk_is_cleared_and_then_delivered() -> None:
    found = way(drop(), "acme/leipzig", "DE")
    assert [(one.service, one.provider, one.lane) for one in found.best.chain] == [
        ("line_haul", "sail", "cn-de"),
        ("customs_brokerage", "sail", None),
        ("fulfilment", "acme", "leipzig-de"),
    ]
    # 222 units to 100 kg for 200.00, or 1,000 to 1 t for 800.00; 10 % of goods and freight
    freight, duty, fees = 80.0, (1500 + 80) * 0.10, 100 / 1000
    assert found.unit_cost == pytest.approx(freight + duty + fees + 500)
    assert found.best.charges.tax == pytest.approx((1500 + freight + duty) * 0.20)
    assert found.best.delivery.import_mode == "commercial"
    assert found.best.lead_days == (1, 2, 4)
    assert "21 to 43 days" in found.reason


def test_a_parcel_from_abroad_is_cleared_one_by_one_and_its_days_add_up() -> None:
    found = way(drop(), "acme/hangzhou", "US")
    assert found.best.delivery.import_mode == "personal_parcel"
    assert found.unit_cost == pytest.approx(1800 + (6000 + 1800) * 0.10 + 100)
    assert found.best.lead_days == (2, 4, 7)
    assert [one.provider for one in found.best.chain] == ["acme"]


def test_inside_a_customs_union_nothing_is_cleared_again() -> None:
    found = way(drop(), "acme/leipzig", "FR")
    assert found.best.delivery.clearing is None
    assert [one.provider for one in found.best.chain] == ["sail", "sail", "dash"]
    apart = drop(customs_unions=())
    assert ("acme/leipzig", "FR") not in ways(apart).by_pair
    assert any("No scheme is known" in one for one in closed(apart, "FR").why)


def test_other_providers_and_schemes_are_alternatives_with_cost_days_and_why() -> None:
    found = way(drop(), "acme/leipzig", "FR")
    chains = [[one.provider for one in other.route.chain] for other in found.alternatives]
    assert ["sail", "sail", "acme"] in chains
    assert ["fly", "sail", "dash"] in chains
    costs = [other.route.charges.borne_by_seller for other in found.alternatives]
    assert costs == sorted(costs)
    assert min(costs) >= found.unit_cost
    assert "Costs 100.00 minor units more a unit" in found.alternatives[0].why


def test_of_two_schemes_the_one_that_costs_the_seller_less_is_taken() -> None:
    free = scheme("US", "personal_parcel", id="us.free", duty=Duty("none"))
    plan = drop(schemes=SCHEMES | {"US": (*SCHEMES["US"], free)})
    found = way(plan, "acme/hangzhou", "US")
    assert found.best.delivery.clearing is not None
    assert found.best.delivery.clearing.scheme.id == "us.free"
    assert len(found.best.delivery.found) == 2
    assert "personal_parcel into US" in found.alternatives[0].why


def test_a_way_over_the_limit_of_days_is_left_out_and_the_limit_that_opens_it_is_named() -> None:
    plan = drop(lead_days_limit=5)
    found = ways(plan)
    assert all(one.best.lead_days[2] <= 5 for one in found.by_pair.values())
    assert ("acme/hangzhou", "US") not in found.by_pair
    assert closed(plan, "JP").would_open == ("Allow 7 days to the door.",)


def test_a_refused_lane_or_stockroom_is_not_used() -> None:
    refused = frozenset({("dash", "de-fr"), ("sail", "cn-de")})
    plan = drop(
        products=(product(legs_refused=refused, stockrooms_refused=frozenset({"bolt/reno"})),)
    )
    found = ways(plan)
    used = {(one.provider, one.lane) for each in found.by_pair.values() for one in each.best.chain}
    assert not used & refused
    assert not [pair for pair in found.by_pair if pair[0] == "bolt/reno"]
    assert ("fly", "cn-de") in used


def test_an_import_mode_that_the_sale_gate_does_not_allow_is_not_used() -> None:
    modes = {"DE": frozenset({"personal_parcel"}), "US": frozenset({"commercial"})}
    plan = drop(products=(product(modes=modes),))
    found = ways(plan).by_pair
    assert set(found) == {("acme/hangzhou", "DE"), ("bolt/reno", "US")}
    assert closed(plan, "JP").why == ("The sale gate allows no import mode into JP.",)
    assert "Meet what the sale gate asks for in JP." in closed(plan, "JP").would_open


def test_stock_may_not_enter_where_the_sale_gate_does_not_allow_it_commercially() -> None:
    modes = dict(product().modes) | {"DE": frozenset({"personal_parcel"})}
    plan = drop(products=(product(modes=modes),))
    assert ("acme/leipzig", "FR") not in ways(plan).by_pair
    assert any("import it commercially into DE" in one for one in closed(plan, "FR").why)


def test_without_a_broker_stock_does_not_enter() -> None:
    plan = drop(brokers=BROKERS[1:])
    assert ("acme/leipzig", "DE") not in ways(plan).by_pair
    assert "Vet a customs broker for DE." in closed(plan, "FR").would_open


def test_duty_that_nobody_declared_closes_the_market_and_says_what_to_declare() -> None:
    plan = drop(products=(product(duty_percent={"DE": 10.0}),))
    found = closed(plan, "JP")
    assert any("personal_parcel into JP" in one for one in found.why)
    assert any("declare" in one and "JP" in one for one in found.would_open)


def test_evidence_that_a_scheme_asks_for_would_open_the_market() -> None:
    schemes = SCHEMES | {"JP": (registered("JP", "jp.tax_number"),)}
    assert any("hold a tax number" in one for one in closed(drop(schemes=schemes), "JP").would_open)
    held = product(held=frozenset({"jp.tax_number"}))
    assert ("acme/hangzhou", "JP") in ways(drop(schemes=schemes, products=(held,))).by_pair


def test_a_market_that_no_lane_leads_to_asks_for_one() -> None:
    found = closed(without(drop(), "acme/hangzhou-jp"), "JP")
    assert found.why == ("No provider that may be used delivers to JP.",)
    assert "lane to JP" in found.would_open[0]


def test_a_parcel_that_is_too_heavy_is_not_carried() -> None:
    plan = drop(products=(product(weight_grams=5000),))
    assert not ways(plan).by_pair
    assert any("takes no parcel of 5000 g" in one for one in closed(plan, "JP").why)


def test_goods_in_bond_leave_the_country_again_without_its_duty() -> None:
    bonded = room("acme/leipzig", "DE", bonded=True)
    legs = (*LEGS, parcel("acme/leipzig-us", "acme/leipzig", "US", 900.0, country="DE"))
    plan = drop(stockrooms=(bonded, *ROOMS[1:]), legs=legs)
    found = way(plan, "acme/leipzig", "US")
    assert not found.best.entry.cleared
    assert found.unit_cost == pytest.approx(80 + 900 + (6000 + 900) * 0.10 + 100)
    assert way(plan, "acme/leipzig", "DE").best.entry.cleared


def test_a_cross_border_list_is_served_from_bond_parcel_by_parcel() -> None:
    modes = {"CN": frozenset({"cbec"})}
    plan = drop(
        products=(product(ships_from="DE", modes=modes),),
        stockrooms=(room("acme/hangzhou", "CN", bonded=True),),
        legs=(
            bulk("sail/de-cn", "CN", start="DE"),
            parcel("acme/hangzhou-cn", "acme/hangzhou", "CN", 300.0, country="CN"),
        ),
        schemes={"CN": (scheme("CN", "cbec"),)},
        brokers=(),
    )
    found = ways_of(plan, plan.products[0], ("CN",), 1000).by_pair["acme/hangzhou", "CN"]
    assert found.best.delivery.import_mode == "cbec"
    assert not found.best.entry.cleared
    open_warehouse = replace(plan, stockrooms=(room("acme/hangzhou", "CN"),))
    assert not ways_of(open_warehouse, plan.products[0], ("CN",), 1000).by_pair


def test_the_load_that_is_cheapest_a_unit_is_taken_and_never_holds_more_than_is_wanted() -> None:
    leg = bulk("sail/cn-de", "DE")
    assert best_load(leg, 450, 10_000) == (2222, 80_000.0)
    assert best_load(leg, 450, 300) == (222, 20_000.0)
    assert best_load(leg, 450, 100) == (100, 20_000.0)
    assert best_load(leg, 2_000_000, 100) is None


def test_a_scheme_that_has_ended_is_not_used() -> None:
    ended = replace(SCHEMES["JP"][0], end=DAY)
    plan = drop(schemes=SCHEMES | {"JP": (ended,)})
    assert any("not in force" in one for one in closed(plan, "JP").why)
