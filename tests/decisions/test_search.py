"""A search finds what its filters mean, a page at a time, while others append."""

import random
import threading
from collections.abc import Iterator

import pytest
from searched import every_filter, generated, means, put_on_record
from sqlalchemy import Engine
from sqlmodel import Session, select

from governance.db import transaction
from governance.decisions.filters import Filters, conditions
from governance.decisions.models import Decision
from governance.decisions.search import Found, Order, has_category, page
from governance.decisions.service import append

EVERYTHING = Filters()


def walk(engine: Engine, filters: Filters, order: Order, limit: int) -> Iterator[Found]:
    """Every decision that a walk from page to page gives, each page in a transaction of its own."""
    after = None
    while True:
        with transaction(engine) as session:
            found = page(session, filters, order=order, after=after, limit=limit)
        assert len(found) <= limit
        yield from found
        if len(found) < limit:
            return
        after = found[-1].sequence


def record_one(session: Session, category: str = "gadgets") -> int:
    decision_id = append(
        session,
        gate="sale",
        path="p",
        release="r",
        input_json="{}",
        result_json="{}",
        requested_by="key_1",
        labels={},
        metrics={},
        verdicts={"FR": "allowed"},
        category=category,
    )
    by_id = select(Decision.sequence).where(Decision.decision_id == decision_id)
    return session.exec(by_id).one()


def test_every_filter_alone_and_with_others_finds_what_it_means(engine: Engine) -> None:
    chance = random.Random(6)
    rows = generated(200, chance)
    put_on_record(engine, rows)
    sizes = set()
    for filters in every_filter(rows, chance, 30):
        expected = [row.sequence for row in rows if means(filters, row)]
        sizes.add(len(expected))
        limit = chance.choice([7, 50, 201])
        newest = [one.sequence for one in walk(engine, filters, "desc", limit)]
        oldest = [one.sequence for one in walk(engine, filters, "asc", limit)]
        with transaction(engine) as session:
            stretch = session.exec(select(Decision.sequence).where(*conditions(filters))).all()
        assert newest == expected[::-1], filters
        assert sorted(stretch) == expected, filters
        assert oldest == expected, filters
    assert {0, 1, 200} <= sizes


def test_what_is_found_is_what_is_on_the_record(engine: Engine) -> None:
    rows = generated(40, random.Random(7))
    put_on_record(engine, rows)
    found = {one.sequence: one for one in walk(engine, EVERYTHING, "asc", 50)}
    assert {sequence: _row(one) for sequence, one in found.items()} == {
        row.sequence: (
            row.timestamp.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            row.gate,
            row.category,
            row.release,
            row.requested_by,
            row.verdicts,
            bool(row.opened and row.opened.strip() != "{}"),
        )
        for row in rows
    }


def _row(found: Found) -> tuple[object, ...]:
    about = (found.timestamp, found.gate, found.category, found.release, found.requested_by)
    return (*about, found.verdicts, found.opened)


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_a_walk_neither_misses_nor_repeats_while_others_append(
    engine: Engine, order: Order
) -> None:
    with transaction(engine, write=True) as session:
        before = {record_one(session) for _ in range(60)}
    stop, appended = threading.Event(), []

    def write() -> None:
        while not stop.is_set() and len(appended) < 2_000:
            with transaction(engine, write=True) as session:
                sequence = record_one(session)
            appended.append(sequence)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        seen = []
        for one in walk(engine, EVERYTHING, order, 3):
            seen.append(one.sequence)
            if len(seen) > len(before) + 200:
                break
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert appended
    assert before <= set(seen)
    assert seen == sorted(set(seen), reverse=order == "desc")


def test_one_that_was_being_written_is_in_the_next_walk(postgres_engine: Engine) -> None:
    with transaction(postgres_engine, write=True) as slow:
        late = record_one(slow)
        with transaction(postgres_engine, write=True) as quick:
            early = record_one(quick)
        with transaction(postgres_engine) as session:
            first = page(session, EVERYTHING, order="asc", after=None, limit=1)
    assert late < early
    assert [one.sequence for one in first] == [early]
    with transaction(postgres_engine) as session:
        rest = page(session, EVERYTHING, order="asc", after=early, limit=10)
    assert rest == []
    assert [one.sequence for one in walk(postgres_engine, EVERYTHING, "asc", 1)] == [late, early]


def test_a_category_is_known_once_a_decision_is_about_it(engine: Engine) -> None:
    with transaction(engine, write=True) as session:
        record_one(session, "stamps")
    with transaction(engine) as session:
        assert has_category(session, "stamps")
        assert not has_category(session, "gadgets")
