"""The world as dots: where cities are, each dot of one country, on the Equal Earth projection.

No outline is drawn: cities with their positions and populations are those of GeoNames (CC BY 4.0),
so land where nobody lives stays empty, Antarctica with it.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from governance.markets.countries import country_codes
from governance.planning.cities import City, cities_of

WIDTH = 1000.0
"""The width of a map in its own units; heights follow from what it shows."""

_MERIDIAN = 11.0  # in the middle, so that the map is cut in the Bering Strait
_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796

Cell = tuple[int, int]
Point = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """What a map shows: degrees west, east, south and north, and between how far apart dots are."""

    west: float
    east: float
    south: float
    north: float
    pitch: float


WORLD = Frame(-168.9, 190.9, -56.0, 72.5, 6.6)
EUROPE = Frame(-11.5, 35.5, 34.2, 66.5, 17.0)


@dataclass(frozen=True)
class DotMap:
    """A map's frame in its own units and the dots of every country that has some."""

    frame: Frame
    height: float
    dots: dict[str, tuple[Point, ...]]

    def place(self, latitude: float, longitude: float) -> Point | None:
        """Where a position is on this map; None outside of it."""
        x, y = _scaled(self.frame, latitude, longitude)
        return (x, y) if 0 <= x <= WIDTH and 0 <= y <= self.height else None


@lru_cache
def dot_map(frame: Frame) -> DotMap:
    """The dots of all countries in the frame, on a grid whose rows are set off by half a step.

    A dot is of the country whose largest city lies in its cell. A country that would get none takes
    the cell of its largest city from a country that keeps another one.
    """
    height = _height(frame)
    claims: dict[Cell, dict[str, int]] = defaultdict(dict)
    for city in _cities():
        x, y = _scaled(frame, city.latitude, city.longitude)
        if 0 <= x <= WIDTH and 0 <= y <= height:
            claim = claims[_cell(frame, x, y)]
            claim[city.country] = max(claim.get(city.country, 0), city.population)
    owners = _owners(claims)
    dots: dict[str, list[Point]] = defaultdict(list)
    for cell, country in sorted(owners.items()):
        dots[country].append(_centre(frame, cell))
    return DotMap(frame, height, {country: tuple(dots[country]) for country in sorted(dots)})


def equal_earth(latitude: float, longitude: float) -> Point:
    """A position in degrees on the plane, y to the north; an area-preserving projection.

    B. Šavrič, T. Patterson and B. Jenny, "The Equal Earth map projection" (2018),
    https://doi.org/10.1080/13658816.2018.1504949
    """
    turned = (longitude - _MERIDIAN + 180) % 360 - 180
    theta = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
    square = theta * theta
    sixth = square**3
    slope = 9 * _A4 * sixth * square + 7 * _A3 * sixth + 3 * _A2 * square + _A1
    x = 2 * math.sqrt(3) * math.radians(turned) * math.cos(theta) / (3 * slope)
    y = theta * (_A4 * sixth * square + _A3 * sixth + _A2 * square + _A1)
    return x, y


def _cities() -> Iterable[City]:
    return (city for country in sorted(country_codes()) for city in cities_of(country))


def _owners(claims: dict[Cell, dict[str, int]]) -> dict[Cell, str]:
    owners = {
        cell: max(claim, key=lambda country: (claim[country], country))
        for cell, claim in claims.items()
    }
    kept = Counter(owners.values())
    homes: dict[str, list[tuple[int, Cell]]] = defaultdict(list)
    for cell, claim in claims.items():
        for country, people in claim.items():
            homes[country].append((people, cell))
    for country in sorted(homes.keys() - kept.keys()):
        for _, cell in sorted(homes[country], reverse=True):
            if kept[owners[cell]] > 1:
                kept[owners[cell]] -= 1
                owners[cell], kept[country] = country, 1
                break
    return owners


@lru_cache
def _extent(frame: Frame) -> tuple[float, float, float]:
    """West and north ends on the plane, and how many units of the map one of the plane is."""
    middle = min(max(0.0, frame.south), frame.north)
    west, _ = equal_earth(middle, frame.west)
    east, _ = equal_earth(middle, frame.east)
    _, north = equal_earth(frame.north, _MERIDIAN)
    return west, north, WIDTH / (east - west)


def _height(frame: Frame) -> float:
    _, north, scale = _extent(frame)
    return round((north - equal_earth(frame.south, _MERIDIAN)[1]) * scale, 1)


def _scaled(frame: Frame, latitude: float, longitude: float) -> Point:
    west, north, scale = _extent(frame)
    x, y = equal_earth(latitude, longitude)
    return (x - west) * scale, (north - y) * scale


def _cell(frame: Frame, x: float, y: float) -> Cell:
    row = int(y / (frame.pitch * _ROW))
    return row, int(x / frame.pitch - row % 2 / 2 + 0.5)


def _centre(frame: Frame, cell: Cell) -> Point:
    row, column = cell
    x = (column + row % 2 / 2) * frame.pitch
    return round(x, 1), round((row + 0.5) * frame.pitch * _ROW, 1)


_ROW = math.sqrt(3) / 2
