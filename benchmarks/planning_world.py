"""A made-up drop over real cities and the clearance schemes on file: all that a plan is made from.

Stockrooms are in real cities (GeoNames, CC BY 4.0); providers, prices, audience, declared duty and
exchange rates are made up. Schemes are those of rulesets/clearance. Evidence that they ask for is
taken to be held, and duty of 5 % to be declared: then a plan has the most ways to look at.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
from planning_cities import TERMS

from governance.markets.money import Rates
from governance.markets.schemes import Scheme
from governance.planning.cities import City, cities_of, distance_km
from governance.planning.drop_plan_input import Broker, DropPlanInput, Leg, ProductInput, Stockroom
from governance.planning.foretelling import PlannedDrop, foretell
from governance.planning.newsvendor import UnitTerms
from governance.planning.sample_history import sample_history
from governance.rules.library import load_library, read_tree
from governance.rules.model import Library

DAY = date(2026, 11, 23)
_CODES = (
    "US CA MX BR GB IE DE FR IT ES NL BE PL SE DK AT CH NO TR SA AE IL ZA NG IN ID MY PH SG TH VN "
    "CN HK TW JP KR AU NZ"
)
MARKETS = tuple(_CODES.split())
_RULESETS = Path(__file__).resolve().parents[1] / "rulesets"
_HOME = "CN"  # where goods are made and secured
_PROVIDERS = ("north", "south", "east", "west")
_CARRIERS = ("north", "east")  # of bulk
_ROOMS_A_COUNTRY = 3
_ALLOWED = 0.9  # the share of pairs of stockroom and foreign market that a lane joins
_FOLLOWERS = 60_000_000
_DUTY_PERCENT = 5.0
_PER_DOLLAR = {
    "EUR": "0.9", "GBP": "0.8", "CAD": "1.4", "MXN": "18", "BRL": "5.5", "CHF": "0.9", "NOK": "10",
    "SEK": "10", "DKK": "6.7", "PLN": "3.9", "TRY": "40", "SAR": "3.75", "AED": "3.67",
    "ILS": "3.6", "ZAR": "18", "NGN": "1500", "INR": "87", "IDR": "16000", "MYR": "4.3",
    "PHP": "57", "SGD": "1.3", "THB": "33", "VND": "26000", "CNY": "7.1", "HKD": "7.8",
    "TWD": "31", "JPY": "150", "KRW": "1400", "AUD": "1.5", "NZD": "1.7",
}  # fmt: skip
_RATES = Rates(
    "USD", DAY, "round figures", True, {code: Decimal(text) for code, text in _PER_DOLLAR.items()}
)


def library() -> Library:
    """The rules of this folder, with the clearance schemes."""
    return load_library(read_tree(_RULESETS))


def world(
    known: Library, seed: int, rooms: int = 60, futures: int = 10_000, terms: UnitTerms = TERMS
) -> DropPlanInput:
    """A drop of one product, foretold from made-up past drops, over so many stockrooms."""
    chance = np.random.default_rng(seed)
    weights = [math.sqrt(sum(one.population for one in cities_of(code))) for code in MARKETS]
    weights = [one * float(chance.lognormal(0, 0.5)) for one in weights]
    audience = {
        code: round(_FOLLOWERS * one / sum(weights))
        for code, one in zip(MARKETS, weights, strict=True)
    }
    planned = PlannedDrop("sample-creator-01", "apparel", audience)
    launch, rests_on = foretell(sample_history(seed, DAY), planned, DAY)
    schemes = {market: tuple(known.schemes(market, DAY)) for market in MARKETS}
    stockrooms = _stockrooms(rooms, chance)
    members = known.vocabulary.blocs["EU"].members
    return DropPlanInput(
        currency="USD", launch=launch, rests_on=rests_on, seed=seed, futures=futures,
        half_life_weeks=1.0, weeks=8, budget=10**9, in_stock=None, lead_days_limit=None,
        rates=_RATES, day=DAY, products=(_product(terms, schemes),), stockrooms=stockrooms,
        legs=(*_parcels(stockrooms, chance), *_bulk()),
        brokers=tuple(Broker(one, code) for code in MARKETS for one in _CARRIERS),
        schemes=schemes,
        customs_unions=(frozenset(code for code, one in members.items() if one.holds_on(DAY)),),
    )  # fmt: skip


def _product(terms: UnitTerms, schemes: Mapping[str, Sequence[Scheme]]) -> ProductInput:
    rows = [one for found in schemes.values() for one in found]
    modes = {market: frozenset({"commercial", "personal_parcel"}) for market in MARKETS}
    return ProductInput(
        id="hoodie", title="Hoodie", share=1.0, price=terms.price, unit_cost=terms.cost,
        salvage=terms.salvage, resale=terms.resale, return_cost=terms.return_cost,
        weight_grams=450, ships_from=_HOME, origin=_HOME, categories=("apparel", "goods"),
        duty_percent=dict.fromkeys(MARKETS, _DUTY_PERCENT),
        held=frozenset(asked.evidence for one in rows for asked in one.requires), modes=modes,
    )  # fmt: skip


def _stockrooms(count: int, chance: np.random.Generator) -> tuple[Stockroom, ...]:
    """In the largest cities of all markets, at most three a country, providers in turn."""
    cities = [city for code in MARKETS for city in cities_of(code)[:_ROOMS_A_COUNTRY]]
    cities = sorted(cities, key=lambda one: (-one.population, one.id))[:count]
    found = []
    for at, city in enumerate(cities):
        provider = _PROVIDERS[at % len(_PROVIDERS)]
        found.append(
            Stockroom(
                f"{provider}/{city.id}", provider, city.name, city.country, None,
                city.latitude, city.longitude, int(chance.integers(800, 4000)),
            )
        )  # fmt: skip
    return tuple(found)


def _parcels(rooms: Sequence[Stockroom], chance: np.random.Generator) -> list[Leg]:
    """A lane costs 3.50 up to 500 g, 0.60 for every 1,000 km and 6.00 for a border."""
    legs = []
    for room in rooms:
        for market in MARKETS:
            home = room.country == market
            if not home and chance.random() >= _ALLOWED:
                continue
            largest: City = cities_of(market)[0]
            km = distance_km((room.latitude, room.longitude), (largest.latitude, largest.longitude))
            price = 350 + (0 if home else 600) + 0.06 * km
            days = 1 + km / 2000
            legs.append(
                Leg(
                    room.provider, f"{room.id}-{market}", "fulfilment", room.id, room.country,
                    market, ((500, price), (2000, 1.6 * price)), (days, 1.4 * days, 2.2 * days),
                )
            )  # fmt: skip
    return legs


def _bulk() -> list[Leg]:
    """Two carriers from home to every other market: 100 kg cost 180.00, 10 t 4,300.00."""
    return [
        Leg(
            carrier, f"{_HOME}-{market}", "line_haul", None, _HOME, market,
            ((100_000, 18_000.0 * dearer), (1_000_000, 55_000.0 * dearer),
             (10_000_000, 430_000.0 * dearer)), (20 / dearer, 28 / dearer, 38 / dearer),
        )
        for carrier, dearer in zip(_CARRIERS, (1.0, 1.5), strict=True)
        for market in MARKETS
        if market != _HOME
    ]  # fmt: skip
