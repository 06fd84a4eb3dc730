"""Small drops for tests of plans: a few countries, stockrooms, lanes and made-up schemes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from governance.markets.law import Source
from governance.markets.money import Rates
from governance.markets.schemes import Duty, Fee, Registration, Scheme, Tax
from governance.planning.beta import Beta
from governance.planning.conversion import RateForecast
from governance.planning.drop_plan_input import Broker, DropPlanInput, Leg, ProductInput, Stockroom
from governance.planning.foretelling import RestsOn
from governance.planning.launch import Kinship, Launch, Market
from governance.planning.quantiles import Quantiles

DAY = date(2026, 11, 23)
UNION = frozenset({"DE", "FR"})
_SOURCE = Source("Made up for a test", "https://example.org", "vendor", DAY, "low")
_RATES = {"visited": Beta(50, 950), "ordered": Beta(30, 970), "returned": Beta(20, 180)}
_BOTH = frozenset({"commercial", "personal_parcel"})


def market(country: str, audience: int = 100_000) -> Market:
    return Market(country, audience, **_RATES)


def scheme(place: str, mode: str, **fields: Any) -> Scheme:
    usual: dict[str, Any] = {
        "id": f"{place.lower()}.{mode}", "title": f"{mode} into {place}", "place": place,
        "import_mode": mode, "status": "in_force", "start": date(2020, 1, 1), "end": None,
        "tax": Tax("at_import", 20.0), "duty": Duty("ad_valorem_declared"),
        "importer_of_record": "seller", "days": (1.0, 2.0, 3.0), "source": _SOURCE,
        "fees": (Fee("Entry", "USD", amount=100),),
    }  # fmt: skip
    return Scheme(**(usual | fields))


def registered(place: str, evidence: str) -> Scheme:
    needs = (Registration(evidence, "a tax number"),)
    return scheme(place, "personal_parcel", requires=needs)


def product(name: str = "hoodie", **fields: Any) -> ProductInput:
    usual: dict[str, Any] = {
        "id": name, "title": name.title(), "share": 1.0, "price": 6000, "unit_cost": 1500,
        "salvage": 500, "resale": 3500, "return_cost": 900, "weight_grams": 450,
        "ships_from": "CN", "origin": "CN", "categories": ("apparel",),
        "duty_percent": dict.fromkeys(("DE", "FR", "US", "JP", "CN"), 10.0),
        "held": frozenset(), "modes": dict.fromkeys(("DE", "FR", "US", "JP", "CN"), _BOTH),
    }  # fmt: skip
    return ProductInput(**(usual | fields))


def room(name: str, country: str, capacity: int = 5000, **fields: Any) -> Stockroom:
    provider = name.partition("/")[0]
    place = {"DE": (51.3, 12.4), "FR": (45.8, 4.8), "CN": (30.3, 120.2), "US": (39.5, -119.8)}
    return Stockroom(
        name, provider, name.partition("/")[2].title(), country, None, *place[country],
        capacity=capacity, **fields,
    )  # fmt: skip


def parcel(lane: str, start: str, to: str, price: float = 500.0, **fields: Any) -> Leg:
    """A lane "provider/lane" from a stockroom "provider/node" or from anywhere in a country."""
    provider, _, name = lane.partition("/")
    at_node = "/" in start
    country = fields.pop("country", start)
    usual: dict[str, Any] = {
        "service": "fulfilment" if at_node else "last_mile", "lead_days": (1.0, 2.0, 4.0),
        "costs": ((500, price), (2000, 2 * price)),
    }  # fmt: skip
    return Leg(
        provider=provider, lane=name, from_stockroom=start if at_node else None,
        from_country=country, market=to, **(usual | fields),
    )  # fmt: skip


def bulk(lane: str, to: str, price: float = 20_000.0, start: str = "CN") -> Leg:
    provider, _, name = lane.partition("/")
    costs = ((100_000, price), (1_000_000, 4 * price))
    return Leg(provider, name, "line_haul", None, start, to, costs, (20.0, 30.0, 40.0))


ROOMS = (
    room("acme/leipzig", "DE"), room("bolt/halle", "DE", 300), room("acme/hangzhou", "CN"),
    room("bolt/reno", "US"),
)  # fmt: skip
LEGS = (
    parcel("acme/leipzig-de", "acme/leipzig", "DE", country="DE"),
    parcel("acme/leipzig-fr", "acme/leipzig", "FR", 800.0, country="DE"),
    parcel("bolt/halle-de", "bolt/halle", "DE", 450.0, country="DE"),
    parcel("dash/de-fr", "DE", "FR", 700.0),
    parcel("acme/hangzhou-us", "acme/hangzhou", "US", 1800.0, country="CN"),
    parcel("acme/hangzhou-jp", "acme/hangzhou", "JP", 1200.0, country="CN"),
    parcel("acme/hangzhou-de", "acme/hangzhou", "DE", 1900.0, country="CN"),
    parcel("bolt/reno-us", "bolt/reno", "US", 600.0, country="US"),
    bulk("sail/cn-de", "DE"), bulk("fly/cn-de", "DE", 60_000.0), bulk("sail/cn-us", "US"),
)  # fmt: skip
SCHEMES = {
    "DE": (scheme("DE", "commercial"), scheme("DE", "personal_parcel")),
    "US": (scheme("US", "commercial"), scheme("US", "personal_parcel")),
    "JP": (scheme("JP", "personal_parcel"),),
}
BROKERS = (Broker("sail", "DE"), Broker("clear", "US"))


def drop(countries: Sequence[str] = ("DE", "FR", "US", "JP"), **fields: Any) -> DropPlanInput:
    """A drop with some 1,500 orders among these countries, of one product unless told."""
    launch = Launch(
        tuple(market(one) for one in countries),
        Quantiles((0.1, 0.5, 0.9), (500_000, 1_000_000, 2_000_000)), 40.0, Kinship(0.3, 0.3, 0.3),
    )  # fmt: skip
    known = {
        step: RateForecast(beta, "country", 100.0, 500.0)
        for step, beta in zip(("visits", "orders", "returns"), _RATES.values(), strict=True)
    }
    usual: dict[str, Any] = {
        "currency": "USD", "launch": launch, "seed": 7, "futures": 400, "half_life_weeks": 1.0,
        "rests_on": RestsOn("judged", 12, 12, dict.fromkeys(countries, known)),
        "weeks": 4, "budget": 10**8, "in_stock": None, "lead_days_limit": None,
        "rates": Rates("USD", DAY, "a test", True, {}), "day": DAY, "products": (product(),),
        "stockrooms": ROOMS, "legs": LEGS, "brokers": BROKERS, "schemes": SCHEMES,
        "customs_unions": (UNION,),
    }  # fmt: skip
    return DropPlanInput(**(usual | fields))


def without(plan: DropPlanInput, *lanes: str) -> DropPlanInput:
    """The drop without these lanes, "provider/lane"."""
    kept = tuple(one for one in plan.legs if f"{one.provider}/{one.lane}" not in lanes)
    return replace(plan, legs=kept)
