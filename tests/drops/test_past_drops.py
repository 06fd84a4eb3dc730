"""Past drops are kept once, with the figures sent last, however often and by how many sent."""

import json
import os
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any

from past_drop_cases import figures, ndjson, past_drop
from sqlalchemy import Engine

from governance.db import open_engine, transaction
from governance.drops.past.store import Filters, Totals, digest, history, search, totals
from governance.drops.past.taking_in import Report, ingest
from governance.planning.history import PastDrop, PastMarket
from governance.planning.sample_history import sample_history
from governance.providers.events.lines import lines_of
from governance.settings import Settings

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def send(engine: Engine, lines: Iterable[Any], batch: int = 5_000) -> Report:
    return ingest(engine, lines_of([ndjson(lines)]), NOW, batch=batch)


def counts(report: Report) -> tuple[int, int, int, int]:
    return report.accepted, report.unchanged, report.replaced, report.refused_total


def known(engine: Engine) -> tuple[tuple[PastDrop, ...], str]:
    with transaction(engine) as session:
        return history(session), digest(session)


def test_what_is_sent_is_what_forecasts_learn_from(engine: Engine) -> None:
    sent = [
        past_drop("b", launched_on="2026-03-01", sample=True),
        past_drop("a", launched_on="2026-03-02", markets=[figures("FR")]),
        past_drop("C", launched_on="2026-03-02", markets=[figures("FR")]),
    ]
    assert counts(send(engine, sent)) == (3, 0, 0, 0)
    first, second, third = known(engine)[0]
    markets = PastMarket("DE", 900, 500, 60, 5, 1), PastMarket("US", 900, 500, 60, 5, 1)
    assert first == PastDrop("b", "c-1", "toys", date(2026, 3, 1), markets, sample=True)
    assert (second.drop, third.drop) == ("C", "a")


def test_the_same_sent_again_in_another_spelling_changes_nothing(engine: Engine) -> None:
    sent = [past_drop("a"), past_drop("b")]
    send(engine, sent)
    before = known(engine)
    turned = [one | {"markets": one["markets"][::-1], "sample": False} for one in sent[::-1]]
    assert counts(send(engine, turned)) == (0, 2, 0, 0)
    assert known(engine) == before


def test_other_figures_replace_those_that_were_kept(engine: Engine) -> None:
    send(engine, [past_drop("a"), past_drop("b")])
    before = known(engine)
    newer = past_drop("a", markets=[figures("DE", orders=9)])
    assert counts(send(engine, [newer, past_drop("b")])) == (0, 1, 1, 0)
    (changed, kept), changed_digest = known(engine)
    assert [one.orders for one in changed.markets] == [9]
    assert kept == before[0][1]
    assert changed_digest != before[1]
    send(engine, [past_drop("a")])
    assert known(engine) == before


def test_the_last_line_of_a_drop_wins_wherever_batches_end(engine: Engine) -> None:
    lines = [past_drop(markets=[figures(orders=orders)]) for orders in (1, 2, 2, 3)]
    assert counts(send(engine, lines, batch=4)) == (1, 1, 2, 0)
    assert counts(send(engine, lines, batch=3)) == (0, 1, 3, 0)
    (kept,) = known(engine)[0]
    assert [one.orders for one in kept.markets] == [3]


def test_a_drop_of_another_creator_is_not_written_over(engine: Engine) -> None:
    send(engine, [past_drop("a", creator="c-1")])
    before = known(engine)
    report = send(engine, [past_drop("a", creator="c-2"), past_drop("b", creator="c-2")])
    assert counts(report) == (1, 0, 0, 1)
    (refusal,) = report.refused
    assert (refusal.line, refusal.errors[0].field) == (1, "/creator")
    assert "c-1" not in str(refusal.errors)
    assert known(engine)[0][0] == before[0][0]


def test_bad_lines_do_not_stop_the_good_ones(engine: Engine) -> None:
    text = b"\n".join(
        (b"{", json.dumps(past_drop("a")).encode(), b"", b"x" * 1_000_001, b"[]")
    ) + b"\n" + ndjson([past_drop("b")])  # fmt: skip
    report = ingest(engine, lines_of([text]), NOW, batch=2)
    assert counts(report) == (2, 0, 0, 3)
    assert [one.line for one in report.refused] == [1, 4, 5]
    assert report.read == 5
    assert "1,000,001 bytes" in report.refused[1].errors[0].message


def test_a_hundred_refusals_are_listed_and_all_are_counted(engine: Engine) -> None:
    report = send(engine, [{}] * 150, batch=70)
    assert report.refused_total == 150
    assert [one.line for one in report.refused] == list(range(1, 101))


def test_progress_tells_what_is_committed(engine: Engine) -> None:
    told: list[tuple[int, int]] = []

    def tell(report: Report) -> None:
        told.append((report.read, len(known(engine)[0])))

    lines = ndjson(past_drop(f"d-{number}") for number in range(5))
    ingest(engine, lines_of([lines]), NOW, batch=2, tell=tell)
    assert told == [(2, 2), (4, 4), (5, 5)]


def test_the_digest_is_that_of_what_is_kept_not_of_how_it_came(
    sqlite_engine: Engine, postgres_engine: Engine
) -> None:
    sent = [past_drop(name) for name in ("ab", "a-c", "B", "ä", "a")]
    send(sqlite_engine, sent)
    assert known(sqlite_engine)[1] != known(postgres_engine)[1]
    send(postgres_engine, sent[::-1], batch=1)
    assert known(sqlite_engine) == known(postgres_engine)


def test_the_sample_history_comes_back_as_it_was(engine: Engine) -> None:
    made = sample_history(7, date(2026, 11, 1))
    lines = [line_of(one) for one in made]
    assert counts(send(engine, lines)) == (len(made), 0, 0, 0)
    by_country = {
        one.drop: tuple(sorted(one.markets, key=lambda market: market.country)) for one in made
    }
    kept = known(engine)[0]
    assert [one.drop for one in kept] == [one.drop for one in made]
    assert all(one.markets == by_country[one.drop] and one.sample for one in kept)


def test_pages_follow_the_ids_and_totals_count_all_that_fits(engine: Engine) -> None:
    send(
        engine,
        [past_drop(f"d-{number}", creator=f"c-{number % 2}") for number in range(5)]
        + [past_drop("e", creator="c-9", category="apparel", markets=[figures("FR")], sample=True)],
    )
    with transaction(engine) as session:
        every = [one.id for one in search(session, Filters(), limit=9)]
        assert every == ["d-0", "d-1", "d-2", "d-3", "d-4", "e"]
        following = search(session, Filters(creator="c-0"), after="d-0", limit=1)
        assert [one.id for one in following] == ["d-2"]
        assert totals(session, Filters()) == Totals(6, 1, 3)
        assert totals(session, Filters(country="FR")) == Totals(1, 1, 1)
        assert totals(session, Filters(country="DE", creator="c-1")) == Totals(2, 0, 1)
        assert totals(session, Filters(category="toys")) == Totals(5, 0, 2)
        assert totals(session, Filters(country="SE")) == Totals(0, 0, 0)


def test_senders_at_once_are_each_told_what_the_one_before_left(
    engine: Engine, database_settings: Settings, race
) -> None:
    reports = race(3, send_own_figures, database_settings)
    assert sum(accepted for accepted, *_ in reports) == 60
    assert sum(replaced for _, _, replaced, _ in reports) == 120
    kept, _ = known(engine)
    assert len(kept) == 60
    alone = open_engine(database_settings)
    assert sum(counts(send(alone, [line_of(one)]))[1] for one in kept) == 60
    alone.dispose()


def send_own_figures(settings: Settings) -> tuple[int, int, int, int]:
    """Send sixty drops with figures that no other process sends, in an order of its own."""
    own = os.getpid()
    many = {"reached": 10**8, "visits": 10**8, "orders": own}
    lines = [past_drop(f"d-{number}", markets=[figures(**many)]) for number in range(60)]
    engine = open_engine(settings)
    try:
        return counts(send(engine, lines[::-1] if own % 2 else lines, batch=7))
    finally:
        engine.dispose()


def line_of(drop: PastDrop) -> dict[str, Any]:
    """A past drop as it is sent."""
    fields = ("country", "audience", "reached", "visits", "orders", "returns")
    return {
        "drop": drop.drop,
        "creator": drop.creator,
        "category": drop.category,
        "launched_on": drop.launched_on.isoformat(),
        "markets": [{name: getattr(market, name) for name in fields} for market in drop.markets],
        "sample": drop.sample,
    }
