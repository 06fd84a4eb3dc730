"""Facets count what a search finds, and say where they do not list everything."""

import random
from datetime import timedelta

from searched import FIRST, Row, counted, every_filter, generated, means, put_on_record
from sqlalchemy import Engine

from governance.db import transaction
from governance.decisions.facets import MOST_DAYS, MOST_VALUES, Facets, facets
from governance.decisions.filters import Filters

NAMES = ("gate", "category", "release", "day", "market", "verdict")


def facets_of(engine: Engine, filters: Filters) -> Facets:
    with transaction(engine) as session:
        return facets(session, filters)


def test_facets_count_what_every_filter_means(engine: Engine) -> None:
    chance = random.Random(9)
    rows = generated(200, chance)
    put_on_record(engine, rows)
    for filters in every_filter(rows, chance, 30):
        found = facets_of(engine, filters)
        assert found.total == sum(means(filters, row) for row in rows), filters
        assert {name: getattr(found, name) for name in NAMES} == counted(filters, rows), filters
        assert found.cut == ()


def test_facets_of_an_empty_record_are_empty(engine: Engine) -> None:
    assert facets_of(engine, Filters()) == Facets(0, {}, {}, {}, {}, {}, {}, ())


def test_the_most_frequent_comes_first_and_the_newest_day(engine: Engine) -> None:
    put_on_record(engine, generated(200, random.Random(10)))
    found = facets_of(engine, Filters())
    for name in set(NAMES) - {"day"}:
        counts = list(getattr(found, name).values())
        assert counts == sorted(counts, reverse=True), name
    assert list(found.day) == sorted(found.day, reverse=True)
    assert len(found.day) > 1


def test_more_values_than_are_listed_are_told_and_the_rest_still_counts(engine: Engine) -> None:
    count = MOST_DAYS + 10
    rows = [
        Row(
            sequence=number + 1,
            timestamp=FIRST + timedelta(days=number),
            gate="sale",
            category=f"c{min(number, MOST_VALUES + 4):03d}",
            release="r",
            requested_by="key_1",
            verdicts={"FR": "allowed"},
            opened=None,
        )
        for number in range(count)
    ]
    put_on_record(engine, rows)
    found = facets_of(engine, Filters())
    assert set(found.cut) == {"day", "category"}
    assert found.total == found.market["FR"] == count
    assert len(found.day) == MOST_DAYS
    assert next(iter(found.day)) == rows[-1].timestamp.date().isoformat()
    assert list(found.day)[-1] == rows[10].timestamp.date().isoformat()
    assert len(found.category) == MOST_VALUES
    assert next(iter(found.category)) == f"c{MOST_VALUES + 4}"
