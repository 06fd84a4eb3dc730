"""Regions lie around real cities, share all people of a country, and are as far apart as those."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.planning.cities import cities_of, distance_km, regions_of

positions = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def test_cities_are_real_and_the_largest_come_first() -> None:
    berlin, hamburg = cities_of("DE")[:2]
    assert (berlin.name, hamburg.name) == ("Berlin", "Hamburg")
    assert berlin.population > 3_000_000
    assert distance_km(
        (berlin.latitude, berlin.longitude), (hamburg.latitude, hamburg.longitude)
    ) == pytest.approx(255, abs=5)


def test_a_country_that_nobody_knows_has_no_cities_and_no_regions() -> None:
    assert cities_of("XX") == ()
    assert regions_of("XX") == ()


@pytest.mark.parametrize("country", ["US", "DE", "IN", "SG", "NZ"])
def test_regions_share_all_people_and_their_cities_lie_apart(country: str) -> None:
    regions = regions_of(country)
    assert 1 <= len(regions) <= 5
    assert sum(one.share for one in regions) == pytest.approx(1)
    assert all(one.share > 0 and one.city.country == country for one in regions)
    places = [(one.city.latitude, one.city.longitude) for one in regions]
    apart = [distance_km(a, b) for at, a in enumerate(places) for b in places[:at]]
    assert all(km >= 100 for km in apart)


def test_every_city_belongs_to_the_nearest_large_one() -> None:
    regions = regions_of("FR")
    people = dict.fromkeys((one.city.name for one in regions), 0)
    for city in cities_of("FR"):
        here = city.latitude, city.longitude
        nearest = min(
            (one.city for one in regions),
            key=lambda one: distance_km(here, (one.latitude, one.longitude)),
        )
        people[nearest.name] += city.population
    assert [one.share for one in regions] == [
        people[one.city.name] / sum(people.values()) for one in regions
    ]


@given(positions, positions)
def test_distance_is_the_same_both_ways_and_never_beyond_half_the_earth(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    km = distance_km(one, other)
    assert km == pytest.approx(distance_km(other, one), abs=1e-6)
    assert 0 <= km <= 20_016
    assert distance_km(one, one) == pytest.approx(0, abs=1e-6)


def test_a_known_distance_is_found() -> None:
    # Paris to New York, some 5,837 km
    assert distance_km((48.8566, 2.3522), (40.7128, -74.0060)) == pytest.approx(5837, abs=5)
