"""Who asks for a product where: orders shared out to products, markets split into regions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from governance.planning.cities import distance_km, regions_of
from governance.planning.demand import STEPS, Demand
from governance.planning.drop_plan_input import Stockroom
from governance.planning.ways import Way, Ways

DEARER_A_1000_KM = 0.1
"""By so much of its price a delivery inside a country is dearer with every 1,000 km."""
_FEWEST_ROOMS = 2
# random streams; weeks have the first
_OF_PRODUCTS, _OF_REGIONS, _OF_THOSE_SOLD_TO = (len(STEPS) + more for more in (1, 2, 3))


@dataclass(frozen=True, slots=True)
class Buyers:
    """A market, or the region of it around a city; `share` is its part of the market's orders."""

    id: str
    market: str
    share: float = 1.0
    city: str | None = None
    position: tuple[float, float] | None = None


def orders_of_products(demand: Demand, shares: Sequence[float]) -> list[Any]:
    """The orders of each product, futures × countries: every order is for one unit of one product.

    A product falls to an order with its share as probability, so that the orders add up.
    """
    if len(shares) == 1:
        return [demand.orders]
    chance = np.random.default_rng([demand.seed, _OF_PRODUCTS])
    weights = np.array(shares) / sum(shares)
    left, unshared, found = demand.orders, 1.0, []
    for share in weights[:-1]:
        taken = chance.binomial(left, min(1.0, share / unshared))
        found.append(taken)
        left, unshared = left - taken, unshared - share
    return [*found, left]


def of_those_sold_to(
    orders: Any, sold_to: Mapping[str, float], demand: Demand, product: int
) -> Any:
    """The orders that may be filled: where regions of a country are shut, those of the others."""
    chance = np.random.default_rng([demand.seed, _OF_THOSE_SOLD_TO, product])
    kept = orders.copy()
    for at, country in enumerate(demand.countries):
        if sold_to.get(country, 1.0) < 1:
            kept[:, at] = chance.binomial(orders[:, at], sold_to[country])
    return kept


def buyers_of(ways: Ways, markets: Sequence[str]) -> list[Buyers]:
    """Whom the product can reach: open markets, those with several stockrooms by region."""
    inside: dict[str, set[str]] = {}
    for (node, market), way in ways.by_pair.items():
        rooms = inside.setdefault(market, set())
        if way.room.country == market:
            rooms.add(node)
    found = []
    for market in markets:
        if market not in inside:
            continue
        regions = regions_of(market) if len(inside[market]) >= _FEWEST_ROOMS else ()
        if len(regions) < 2:
            found.append(Buyers(market, market))
            continue
        for region in regions:
            city = region.city
            place = city.latitude, city.longitude
            name = f"{market} {city.name} {city.id}"  # a country may have two towns of one name
            found.append(Buyers(name, market, region.share, city.name, place))
    return found


def futures_of(buyers: Sequence[Buyers], orders: Any, demand: Demand, product: int) -> Any:
    """Units asked for, futures × buyers; `orders` are the product's, futures × countries."""
    chance = np.random.default_rng([demand.seed, _OF_REGIONS, product])
    columns = {country: at for at, country in enumerate(demand.countries)}
    shares: dict[str, list[float]] = {}
    for one in buyers:
        shares.setdefault(one.market, []).append(one.share)
    parts = []
    for market, split in shares.items():
        asked = orders[:, columns[market]]
        parts.append(asked[:, None] if len(split) == 1 else chance.multinomial(asked, split))
    return np.concatenate(parts, axis=1).astype(np.int64)


def unit_cost(way: Way, buyers: Buyers) -> float:
    """What a unit costs over this way to these buyers, by distance where they are a region."""
    room: Stockroom = way.room
    if buyers.position is None or room.country != buyers.market:
        return way.unit_cost
    km = distance_km((room.latitude, room.longitude), buyers.position)
    freight = way.best.delivery.charges.freight
    return way.unit_cost + freight * DEARER_A_1000_KM * km / 1000
