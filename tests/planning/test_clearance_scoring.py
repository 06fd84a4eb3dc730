"""What clearance costs: limits, registrations, duty, tax, fees, and which scheme is cheapest."""

import math
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import InvalidRequest
from governance.markets.law import Source
from governance.markets.money import Rates
from governance.markets.schemes import Duty, Fee, Registration, Scheme, Tax, ValueLimit
from governance.planning.clearance import Clearing, Consignment, chosen, clearings, why

DAY = date(2026, 12, 1)
SOURCE = Source("An Act", "https://example.org/act", "primary", date(2026, 11, 22), "high")
RATES = Rates("EUR", DAY, "a bank", False, {"USD": Decimal("1.25"), "JPY": Decimal(160)})


def scheme(**fields: Any) -> Scheme:
    """A scheme that is open to everything: no limit, duty as declared, 20 % tax at import."""
    open_to_all: dict[str, Any] = {
        "id": "fr.formal-entry",
        "title": "Formal entry",
        "place": "FR",
        "import_mode": "personal_parcel",
        "status": "in_force",
        "start": date(2025, 1, 1),
        "end": None,
        "tax": Tax("at_import", 20.0),
        "duty": Duty("ad_valorem_declared"),
        "importer_of_record": "buyer",
        "days": (1.0, 2.0, 6.0),
        "source": SOURCE,
    }
    return Scheme(**open_to_all | fields)


def consignment(**fields: Any) -> Consignment:
    """Two shirts of EUR 50 each, EUR 10 of freight, 12 % duty."""
    goods: dict[str, Any] = {
        "market": "FR",
        "day": DAY,
        "import_mode": "personal_parcel",
        "categories": ("apparel", "consumer_goods", "goods"),
        "goods_value": 10_000,
        "currency": "EUR",
        "units": 2,
        "freight": 1_000.0,
        "origin": "US",
        "duty_percent": 12.0,
        "held": frozenset(),
        "rates": RATES,
    }
    return Consignment(**goods | fields)


def cleared(one: Scheme, goods: Consignment) -> Clearing:
    (found,) = clearings([one], goods)
    return found


def test_duty_is_taken_of_goods_and_freight_and_tax_of_both_and_the_duty() -> None:
    found = cleared(scheme(), consignment())
    assert found.available
    assert found.duty == pytest.approx(1_320)
    assert found.tax == pytest.approx((11_000 + 1_320) * 0.2)
    assert found.landed_cost == pytest.approx(11_000 + 1_320 + 2_464)
    assert found.lead_days == (1.0, 2.0, 6.0)


@pytest.mark.parametrize(
    ("duty", "amount"),
    [
        (Duty("none"), 0),
        (Duty("ad_valorem_declared", on="goods"), 1_200),
        (Duty("flat_percent", percent=60.0), 6_600),
        (Duty("flat_percent", percent=60.0, amount=2_000, currency="USD"), 5_000),
        (Duty("flat_percent", percent=1.0, amount=2_000, currency="USD"), 0),
        (Duty("per_item", amount=300, currency="EUR"), 300),
        (Duty("per_item", amount=480, currency="JPY"), 300),
    ],
)
def test_each_kind_of_duty_is_worked_out(duty: Duty, amount: float) -> None:
    assert cleared(scheme(duty=duty), consignment()).duty == pytest.approx(amount)


@pytest.mark.parametrize(
    ("tax", "amount"),
    [(Tax("at_sale", 10.0), 1_232), (Tax("at_import", 10.0), 1_232), (Tax("none"), 0)],
)
def test_tax_is_the_same_wherever_it_is_collected(tax: Tax, amount: float) -> None:
    assert cleared(scheme(tax=tax), consignment()).tax == pytest.approx(amount)


@pytest.mark.parametrize(
    ("fee", "amount"),
    [
        (Fee("Stamp", "USD", amount=500), 400),
        (Fee("Service", "EUR", percent=0.15), 15),
        (Fee("Service", "EUR", percent=0.15, at_least=1_500), 1_500),
        (Fee("Service", "EUR", percent=90.0, at_most=2_000), 2_000),
    ],
)
def test_fees_are_kept_between_their_bounds(fee: Fee, amount: float) -> None:
    found = cleared(scheme(fees=(fee,), duty=Duty("none"), tax=Tax("none")), consignment())
    assert found.fees == pytest.approx(amount)
    assert found.landed_cost == pytest.approx(11_000 + amount)


@pytest.mark.parametrize(
    ("limit", "available"),
    [
        (ValueLimit("EUR", up_to=10_000), True),
        (ValueLimit("EUR", up_to=9_999), False),
        (ValueLimit("EUR", below=10_000), False),
        (ValueLimit("EUR", below=10_001), True),
        (ValueLimit("EUR", over=10_000), False),
        (ValueLimit("EUR", over=9_999), True),
        (ValueLimit("EUR", up_to=5_000, per="item"), True),
        (ValueLimit("EUR", up_to=4_999, per="item"), False),
        (ValueLimit("EUR", up_to=10_000, of="goods_and_freight"), False),
        (ValueLimit("EUR", up_to=11_000, of="goods_and_freight"), True),
        (ValueLimit("USD", up_to=12_500), True),
        (ValueLimit("USD", up_to=12_499), False),
        (ValueLimit("JPY", up_to=8_000, per="item"), True),
        (ValueLimit("JPY", up_to=7_999, per="item"), False),
    ],
)
def test_a_limit_is_held_to_the_minor_unit_in_its_own_currency(
    limit: ValueLimit, available: bool
) -> None:
    assert cleared(scheme(limit=limit), consignment()).available is available


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"limit": ValueLimit("USD", up_to=12_000)},
         "The consignment is worth USD 125.00; the limit is USD 120.00."),
        ({"limit": ValueLimit("JPY", below=8_000, per="item", of="goods_and_freight")},
         "An item with freight is worth JPY 8,800; it must be below JPY 8,000."),
        ({"limit": ValueLimit("EUR", over=15_000)},
         "The consignment is worth EUR 100.00; it must be over EUR 150.00."),
        ({"only": ("laser_pointers",)}, "It is only for laser pointers."),
        ({"excludes": ("consumer_goods",)}, "As it is on file, it does not cover consumer goods."),
        ({"origins": ("MX", "CA")}, "It is only for goods made in MX, CA."),
        ({"not_origins": ("US",)}, "It is not for goods made in US."),
        ({"start": date(2026, 12, 2)}, "It is not in force on 2026-12-01."),
        ({"end": DAY}, "It is not in force on 2026-12-01."),
        ({"status": "suspended"}, "It is suspended on 2026-12-01."),
        ({"tax": Tax("at_import")}, "The standard rate of import tax in FR is not on file."),
    ],
)  # fmt: skip
def test_a_scheme_that_is_closed_says_why(fields: dict[str, Any], sentence: str) -> None:
    found = cleared(scheme(**fields), consignment())
    assert not found.available
    assert found.why_not == (sentence,)
    assert found.missing_evidence == found.missing_facts == ()


def test_a_missing_registration_is_named_by_its_title() -> None:
    one = scheme(requires=(Registration("eu.ioss_number", "IOSS number"),))
    found = cleared(one, consignment())
    assert (found.available, found.why_not) == (False, ("Not held: IOSS number.",))
    assert found.missing_evidence == ("eu.ioss_number",)
    assert cleared(one, consignment(held=frozenset({"eu.ioss_number"}))).available


def test_a_duty_rate_that_nobody_declared_is_not_free() -> None:
    found = cleared(scheme(), consignment(duty_percent=None))
    assert not found.available
    assert found.missing_facts == ("duty_rates/FR",)
    assert math.isinf(found.landed_cost)
    assert cleared(scheme(), consignment(duty_percent=0.0)).duty == 0
    assert cleared(scheme(duty=Duty("none")), consignment(duty_percent=None)).available


def test_where_goods_set_out_decides_only_where_a_scheme_asks_it() -> None:
    by_courier = scheme(shipped_from=("US", "MX"))
    unknown = cleared(by_courier, consignment())
    assert unknown.missing_facts == ("ships_from",)
    assert not unknown.available
    assert not cleared(by_courier, consignment(ships_from="CN")).available
    assert cleared(by_courier, consignment(ships_from="MX")).available
    assert cleared(scheme(), consignment(ships_from=None)).available


@pytest.mark.parametrize(
    "fields",
    [
        {"limit": ValueLimit("NOK", below=300_000, per="item")},
        {"duty": Duty("per_item", amount=300, currency="NOK")},
        {"fees": (Fee("Stamp", "NOK", amount=100),)},
    ],
)
def test_a_missing_exchange_rate_closes_a_scheme_and_is_named(fields: dict[str, Any]) -> None:
    found = cleared(scheme(**fields), consignment())
    assert not found.available
    assert found.missing_facts == ("exchange_rates/NOK",)
    assert "have no NOK" in found.why_not[0]


def test_a_rate_that_the_goods_own_currency_lacks_is_named_too() -> None:
    one = scheme(limit=ValueLimit("EUR", up_to=15_000))
    assert cleared(one, consignment(currency="SEK")).missing_facts == ("exchange_rates/SEK",)


def test_every_reason_is_told_at_once() -> None:
    one = scheme(
        limit=ValueLimit("EUR", up_to=1),
        excludes=("apparel",),
        requires=(Registration("eu.ioss_number", "IOSS number"),),
    )
    assert len(cleared(one, consignment(duty_percent=None)).why_not) == 4


def test_open_schemes_come_first_by_landed_cost_then_by_p90() -> None:
    free = scheme(id="fr.z", duty=Duty("none"), tax=Tax("none"), limit=ValueLimit("EUR", up_to=1))
    cheap = scheme(id="fr.y", duty=Duty("none"))
    quick = replace(cheap, id="fr.x2", days=(0.0, 0.5, 2.0))
    found = clearings([free, scheme(), cheap, quick], consignment())
    assert [one.scheme.id for one in found] == ["fr.x2", "fr.y", "fr.formal-entry", "fr.z"]


def test_schemes_of_another_way_in_are_no_part_of_the_answer() -> None:
    assert clearings([scheme(import_mode="commercial")], consignment()) == []


def test_the_cheapest_within_the_lead_limit_is_chosen() -> None:
    slow = scheme(id="fr.slow", title="Slow", duty=Duty("none"), days=(1.0, 5.0, 9.0))
    found = clearings([scheme(), slow], consignment())
    for limit, identifier in ((None, "fr.slow"), (9.0, "fr.slow"), (8.9, "fr.formal-entry")):
        taken = chosen(found, limit)
        assert taken is not None
        assert taken.scheme.id == identifier
    assert chosen(found, 5.9) is None
    assert (
        why(found, 8.9)
        == "Formal entry is the only way through customs that is open within 8.9 days."
    )
    assert why(found, 5.9) == "No way through customs is done within 5.9 days."


def test_the_reason_names_what_is_saved_and_against_what() -> None:
    ioss = scheme(id="eu.ioss", title="IOSS", duty=Duty("per_item", amount=300, currency="EUR"))
    dear = scheme(id="fr.dear", title="Post", duty=Duty("flat_percent", percent=50.0))
    found = clearings([scheme(), ioss, dear], consignment())
    assert why(found) == "Cheapest of 3: EUR 12.24 less than Formal entry."
    yen = clearings([scheme(), ioss], consignment(currency="JPY", goods_value=16_000))
    assert why(yen) == "Cheapest of 2: JPY 1,872 less than Formal entry."
    level = clearings([ioss, replace(ioss, id="eu.h7", title="H7", days=(1, 2, 9))], consignment())
    assert why(level) == "Cheapest of 2, level with H7, and sooner done."
    level = clearings([ioss, replace(ioss, id="eu.h7", title="H7")], consignment())
    assert why(level) == "Cheapest of 2, level with IOSS."


def test_the_reason_says_where_the_law_is_unsure_and_where_nothing_is_open() -> None:
    unsure = scheme(source=replace(SOURCE, certainty="low"))
    found = clearings([unsure], consignment())
    assert found[0].available
    assert found[0].certainty == "low"
    assert why(found) == (
        "Formal entry is the only way through customs that is open (its law is of low certainty)."
    )
    assert why([]) == "No way through customs is on file for this import mode."
    closed = clearings([scheme(excludes=("goods",))], consignment())
    assert why(closed) == (
        "No way through customs is open; nearest is Formal entry: As it is on file, it does not "
        "cover goods."
    )


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"units": 0}, "/units"),
        ({"goods_value": -1}, "/goods_value"),
        ({"freight": math.nan}, "/freight"),
        ({"freight": math.inf}, "/freight"),
        ({"duty_percent": -0.1}, "/duty_percent"),
    ],
)
def test_a_consignment_that_makes_no_sense_is_refused(fields: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        clearings([scheme()], consignment(**fields))
    assert [error.field for error in refused.value.errors] == [pointer]


_currencies = st.sampled_from(["EUR", "USD", "JPY", "NOK"])
_amounts = st.integers(1, 1_000_000)
_percents = st.floats(0.1, 200)
_limits = st.builds(
    ValueLimit,
    currency=_currencies,
    per=st.sampled_from(["consignment", "item"]),
    of=st.sampled_from(["goods", "goods_and_freight"]),
    over=st.none() | _amounts,
    up_to=st.none() | _amounts,
    below=st.none() | _amounts,
)
_duties = st.one_of(
    st.just(Duty("none")),
    st.builds(
        Duty,
        kind=st.just("ad_valorem_declared"),
        on=st.sampled_from(["goods", "goods_and_freight"]),
    ),
    st.builds(
        Duty, kind=st.just("flat_percent"), percent=_percents, amount=_amounts, currency=_currencies
    ),
    st.builds(Duty, kind=st.just("per_item"), amount=_amounts, currency=_currencies),
)
_schemes = st.builds(
    scheme,
    limit=st.none() | _limits,
    duty=_duties,
    tax=st.sampled_from([Tax("none"), Tax("at_sale", 8.1), Tax("at_import", 25.0), Tax("at_sale")]),
    fees=st.just(())
    | st.tuples(st.builds(Fee, title=st.just("Stamp"), currency=_currencies, amount=_amounts)),
    id=st.sampled_from(["fr.a", "fr.b", "fr.c"]),
)
_consignments = st.builds(
    consignment,
    goods_value=st.integers(0, 10_000_000),
    units=st.integers(1, 500),
    freight=st.floats(0, 1_000_000),
    currency=_currencies,
    duty_percent=st.none() | st.floats(0, 500),
)


@given(st.lists(_schemes, max_size=4), _consignments)
def test_landed_cost_is_never_below_goods_and_freight(
    schemes: list[Scheme], goods: Consignment
) -> None:
    found = clearings(schemes, goods)
    assert len(found) == len(schemes)
    for one in found:
        assert one.landed_cost >= goods.goods_value + goods.freight
        assert min(one.duty, one.tax, one.fees) >= 0
        assert one.available == (not one.why_not)
        assert math.isfinite(one.landed_cost) or not one.available
    assert [one.available for one in found] == sorted(
        (one.available for one in found), reverse=True
    )


@given(_schemes, _consignments, st.floats(0, 100))
def test_a_dearer_duty_never_makes_it_cheaper(one: Scheme, goods: Consignment, more: float) -> None:
    declared = replace(goods, duty_percent=goods.duty_percent or 0.0)
    dearer = replace(declared, duty_percent=(declared.duty_percent or 0.0) + more)
    assert cleared(one, dearer).landed_cost >= cleared(one, declared).landed_cost


@given(_limits, _consignments)
def test_outside_its_limit_a_scheme_is_never_available(
    limit: ValueLimit, goods: Consignment
) -> None:
    """The limit is worked out anew with exact fractions of the exchange rates."""
    goods = replace(goods, freight=float(int(goods.freight)))
    per_euro = {"EUR": Decimal(1), **RATES.per_base}
    if not {limit.currency, goods.currency} <= per_euro.keys():
        if limit.currency != goods.currency:
            assert not cleared(scheme(limit=limit, duty=Duty("none")), goods).available
        return
    worth = Decimal(goods.goods_value)
    if limit.of == "goods_and_freight":
        worth += Decimal(goods.freight)
    exponent = {"JPY": 0}
    worth = worth.scaleb(-exponent.get(goods.currency, 2)) * per_euro[limit.currency]
    worth = (worth / per_euro[goods.currency]).scaleb(exponent.get(limit.currency, 2))
    parts = goods.units if limit.per == "item" else 1
    outside = (
        (limit.up_to is not None and worth > limit.up_to * parts)
        or (limit.below is not None and worth >= limit.below * parts)
        or (limit.over is not None and worth <= limit.over * parts)
    )
    assert cleared(scheme(limit=limit, duty=Duty("none")), goods).available == (not outside)
