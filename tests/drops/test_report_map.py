"""The dot map: where countries are, that each has a dot, and that dots keep to the grid."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.drops.report.map import EUROPE, WIDTH, WORLD, DotMap, Frame, dot_map, equal_earth
from governance.drops.report.marks import path
from governance.drops.report.words import VERDICTS
from governance.planning.cities import cities_of


@pytest.fixture(scope="module", params=[WORLD, EUROPE], ids=["world", "europe"])
def world(request: pytest.FixtureRequest) -> DotMap:
    return dot_map(request.param)


def test_no_two_dots_lie_in_one_place_and_none_outside(world: DotMap) -> None:
    dots = [dot for every in world.dots.values() for dot in every]
    assert len(dots) == len(set(dots))
    pitch = world.frame.pitch
    assert all(-pitch <= x <= WIDTH + pitch and 0 <= y <= world.height + pitch for x, y in dots)


def test_dots_are_near_a_city_of_their_country(world: DotMap) -> None:
    for country in ("DE", "GB", "PT"):
        places = [
            at
            for city in cities_of(country)
            if (at := world.place(city.latitude, city.longitude)) is not None
        ]
        for dot in world.dots[country]:
            assert min(math.dist(dot, at) for at in places) <= world.frame.pitch


def test_small_countries_have_a_dot_too() -> None:
    assert {"SG", "MT", "LU", "CY", "HK"} <= dot_map(WORLD).dots.keys()


def test_places_lie_as_on_a_map() -> None:
    world = dot_map(WORLD)
    dallas, sydney, leipzig = (
        world.place(32.78, -96.8),
        world.place(-33.84, 150.87),
        world.place(51.34, 12.37),
    )
    assert dallas is not None
    assert sydney is not None
    assert leipzig is not None
    assert dallas[0] < leipzig[0] < sydney[0]
    assert leipzig[1] < dallas[1] < sydney[1]
    assert dot_map(EUROPE).place(32.78, -96.8) is None


def test_the_projection_has_its_published_extent() -> None:
    """Width to height of the whole globe is 2.05458 (Šavrič, Patterson and Jenny, 2018)."""
    _, north = equal_earth(90, 11)
    east, _ = equal_earth(0, 11 + 179.999999)
    assert east / north == pytest.approx(2.05458, abs=1e-4)


@given(st.floats(-80, 80), st.floats(-160, 180))
def test_equal_areas_on_earth_are_equal_on_the_map(latitude: float, longitude: float) -> None:
    step = 0.01
    (x0, y0), (x1, y1) = equal_earth(latitude, longitude), equal_earth(latitude, longitude + step)
    x2, y2 = equal_earth(latitude + step, longitude)
    area = abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0))
    on_earth = math.radians(step) ** 2 * math.cos(math.radians(latitude + step / 2))
    assert area == pytest.approx(on_earth, rel=2e-3)


def test_every_verdict_has_a_shape_of_its_own() -> None:
    shapes = {verdict: path(verdict, [(10.0, 20.0)], 2.5) for verdict in VERDICTS}
    assert len(set(shapes.values())) == len(VERDICTS)
    assert all(shape.startswith("M10 20") for shape in shapes.values())


def test_a_frame_is_drawn_once() -> None:
    frame = Frame(-11.5, 35.5, 34.2, 66.5, 17.0)
    assert dot_map(frame) is dot_map(EUROPE)
