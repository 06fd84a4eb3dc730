"""Metrics say what a patient reader of the shipments would count, on either database."""

import random
import statistics
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from event_cases import NOW, ago, counted, event, lines, register
from sqlalchemy import Engine
from sqlmodel import select

from governance.db import migrate, open_engine, transaction
from governance.errors import StorageUnavailable
from governance.providers.events.ingest import ingest
from governance.providers.events.observation import microseconds
from governance.providers.performance.counts import Cell
from governance.providers.performance.metrics import Metric, metrics
from governance.providers.performance.models import InventoryCount, Shipment
from governance.providers.performance.priors import DailyPriors, Priors, learn
from governance.settings import Settings

HOUR = 3_600_000_000
DAY = 24 * HOUR
MILESTONES = (
    "accepted", "shipped", "tracked", "customs_submitted", "customs_released", "delivered",
    "cancelled", "lost", "damaged", "returned", "return_completed", "claim_opened",
    "claim_answered",
)  # fmt: skip


def found(engine: Engine, name: str, **of: Any) -> Metric | None:
    with transaction(engine) as session:
        every = metrics(session, of.pop("as_of", NOW))
    wanted = {"provider_id": "acme", "service": None, "market": None, "lane": None} | of
    one = [
        metric
        for metric in every
        if metric.name == name and all(getattr(metric, k) == v for k, v in wanted.items())
    ]
    assert len(one) <= 1
    return one[0] if one else None


def history(chance: random.Random, shipments: int) -> list[dict[str, Any]]:
    """Shipments to which anything happened in any order within some 200 days, with counts."""
    made = []
    for number in range(shipments):
        of = {
            "provider": chance.choice(["acme", "other"]),
            "service": chance.choice(["last_mile", "fulfilment"]),
            "market": chance.choice(["DE", "FR"]),
            "lane": chance.choice(["a", "b", None]),
        }
        start = chance.uniform(0, 200)
        for milestone in chance.sample(MILESTONES, chance.randint(1, 9)):
            day = max(0.0, start - chance.uniform(0, 20))
            more = {"by": chance.choice(["provider", "buyer"])} if milestone == "cancelled" else {}
            if milestone == "accepted":
                more["promised_at"] = ago(days=day - chance.uniform(-3, 12))
            made.append(event(milestone, shipment=f"s-{number}", time=ago(days=day), **of, **more))
        of.pop("lane")
        made.append(counted(time=ago(days=start), counted=chance.choice([9, 10]), **of))
    return made


def reference(rows: list[Any], now: int) -> dict[str, list[tuple[int, bool]]]:
    """For each rate its trials: the instant, and whether it was a hit."""
    told: dict[str, list[tuple[int, bool]]] = {}

    def tell(name: str, at: int, hit: bool) -> None:
        told.setdefault(name, []).append((at, hit))

    for row in rows:
        if isinstance(row, InventoryCount):
            tell("inventory_accuracy", row.counted_at, row.counted == row.expected)
            continue
        if row.promised_at is not None:
            if row.delivered_at is not None:
                on_time = row.delivered_at <= row.promised_at
                tell("on_time_delivery", min(row.delivered_at, row.promised_at), on_time)
            elif row.promised_at < now and row.cancelled_at is None:
                tell("on_time_delivery", row.promised_at, False)
        if row.shipped_at is not None:
            tracked = row.tracked_at is not None and row.tracked_at > row.shipped_at
            if tracked or now - row.shipped_at > 48 * HOUR:
                tell("valid_tracking", row.shipped_at, tracked)
        by_provider = row.cancelled_by == "provider"
        if row.accepted_at is not None or by_provider:
            tell("cancellation", row.accepted_at or row.cancelled_at, by_provider)
        spoiled = min((at for at in (row.lost_at, row.damaged_at) if at is not None), default=None)
        if row.shipped_at is not None or spoiled is not None:
            tell("loss_damage", row.shipped_at or spoiled, spoiled is not None)
        for name, start, end, most in (
            ("customs_within_48h", row.customs_submitted_at, row.customs_released_at, 48 * HOUR),
            ("claim_answered_48h", row.claim_opened_at, row.claim_answered_at, 48 * HOUR),
            ("return_within_14d", row.returned_at, row.return_completed_at, 14 * DAY),
        ):
            if start is not None and (end is not None or now - start > most):
                tell(name, start, end is not None and end - start <= most)
    return told


@pytest.mark.parametrize("seed", [1, 2])
def test_metrics_are_those_of_a_count_by_hand(engine: Engine, seed: int) -> None:
    register(engine, "acme", "other")
    report = ingest(engine, lines(history(random.Random(seed), 150)), NOW)
    assert report.set_aside == []
    now = microseconds(NOW)
    with transaction(engine) as session:
        rows = [*session.exec(select(Shipment)).all(), *session.exec(select(InventoryCount)).all()]
        given = {
            (one.name, one.provider_id, one.service, one.market, one.lane): one
            for one in metrics(session, NOW)
            if one.estimate is not None
        }
    expected = {}
    for row in rows:
        cells = [(row.provider_id, None, None, None)]
        cells.append((row.provider_id, row.service, row.market, None))
        if getattr(row, "lane", None) is not None:
            cells.append((row.provider_id, row.service, row.market, row.lane))
        for name, trials in reference([row], now).items():
            for cell in cells:
                expected.setdefault((name, *cell), []).extend(trials)
    expected = {
        key: [(at, hit) for at, hit in trials if at <= now] for key, trials in expected.items()
    }
    assert given.keys() == {key for key, trials in expected.items() if trials}
    for key, one in given.items():
        trials = expected[key]
        for days, window in one.windows.items():
            inside = [hit for at, hit in trials if now - at < days * DAY]
            assert window == (sum(inside), len(inside)), key
        assert one.estimate.shipments == len(trials)
        weights = [2 ** -((now - at) // DAY / 180) for at, _ in trials]
        assert one.estimate.weight == pytest.approx(sum(weights))
        raw = sum(w for w, (_, hit) in zip(weights, trials, strict=True) if hit) / sum(weights)
        assert one.estimate.p10 < one.estimate.mean < one.estimate.p90 or len(trials) < 3
        assert abs(one.estimate.mean - raw) < 0.15 or len(trials) < 40


def test_days_and_hours_have_a_median_and_a_90th_percentile(engine: Engine) -> None:
    register(engine, "acme")
    took = [1, 5, 20, 48, 100]
    sent = []
    for number, hours in enumerate(took):
        sent += [
            event("customs_submitted", shipment=f"s-{number}", time=ago(days=10, hours=hours)),
            event("customs_released", shipment=f"s-{number}", time=ago(days=10)),
        ]
    ingest(engine, lines(sent), NOW)
    one = found(engine, "customs_dwell_hours")
    assert one is not None
    assert one.durations.keys() == {30, 90}
    assert (one.durations[30].shipments, one.durations[30].median) == (5, 20)
    assert one.durations[30].p90 == pytest.approx(
        statistics.quantiles(took, n=10, method="inclusive")[-1]
    )
    rate = found(engine, "customs_within_48h", service="last_mile", market="DE")
    assert rate is not None
    assert rate.windows[30] == (4, 5)


def test_what_may_still_come_is_not_counted_as_missed(engine: Engine) -> None:
    register(engine, "acme")
    sent = [
        event("accepted", time=ago(days=2), promised_at=ago(days=-1)),
        event("shipped", time=ago(hours=47)),
        event("customs_submitted", time=ago(hours=47)),
        event("claim_opened", time=ago(hours=47)),
        event("returned", time=ago(days=13)),
    ]
    ingest(engine, lines(sent), NOW)
    names = ("on_time_delivery", "valid_tracking", "customs_within_48h", "claim_answered_48h")
    for name in (*names, "return_within_14d"):
        assert found(engine, name) is None, name
        later = found(engine, name, as_of=NOW + timedelta(days=2))
        assert later is not None, name
        assert later.windows[30] == (0, 1), name


def test_what_happened_after_the_day_that_is_asked_for_is_not_known(engine: Engine) -> None:
    register(engine, "acme")
    sent = [
        event("accepted", time=ago(days=9), promised_at=ago(days=5)),
        event("delivered", time=ago(days=2)),
        event("cancelled", time=ago(days=1)),
    ]
    ingest(engine, lines(sent), NOW)
    assert found(engine, "on_time_delivery", as_of=NOW - timedelta(days=6)) is None
    late = found(engine, "on_time_delivery", as_of=NOW - timedelta(days=3))
    assert late is not None
    assert late.windows[7] == (0, 1)
    kept = found(engine, "cancellation", as_of=NOW - timedelta(days=2))
    assert kept is not None
    assert kept.windows[30] == (0, 1)


def test_a_newcomer_is_thought_of_as_the_others_until_it_has_shipped(engine: Engine) -> None:
    others = [f"p-{number}" for number in range(8)]
    register(engine, "acme", *others)
    sent = [
        one
        for provider in others
        for number in range(30)
        for one in delivered(provider, number, on_time=number % 10 != 0)
    ]
    ingest(engine, lines([*sent, *delivered("acme", 0, on_time=False)]), NOW)
    one = found(engine, "on_time_delivery")
    assert one is not None
    assert one.estimate is not None
    assert one.windows[30] == (0, 1)
    assert 0.6 < one.estimate.mean < 0.92
    assert one.estimate.shipments == 1
    with transaction(engine) as session:
        alone = metrics(session, NOW, "acme")
    assert {each.provider_id for each in alone} == {"acme"}
    assert one in alone  # learnt from all, whichever is asked for


def test_priors_are_learnt_up_to_midnight_and_own_counts_to_the_instant(engine: Engine) -> None:
    register(engine, "acme", "other")
    early = [one for number in range(40) for one in delivered("other", number, on_time=True)]
    ingest(engine, lines(early), NOW)
    days = DailyPriors(engine)
    before = days.at(NOW)
    today = [
        event("accepted", shipment="today", time=ago(hours=9), promised_at=ago(hours=5)),
        event("delivered", shipment="today", time=ago(hours=4)),
    ]
    ingest(engine, lines(today), NOW)
    assert days.at(NOW - timedelta(hours=11)) is before
    with transaction(engine) as session:
        assert learn(session, NOW) == before  # what happens today teaches tomorrow
        assert learn(session, NOW + timedelta(days=1)) != before
        (one,) = (
            each
            for each in metrics(session, NOW, "acme", priors=before)
            if each.name == "on_time_delivery" and each.service is None
        )
        assert one in metrics(session, NOW)
    assert one.windows[7] == (0, 1)
    assert one.estimate is not None
    assert one.estimate.mean < before.of("on_time_delivery", Cell("acme")).mean


def test_two_threads_never_learn_the_same_day_twice(sqlite_engine: Engine) -> None:
    filled(sqlite_engine)
    days = DailyPriors(sqlite_engine)
    start = Barrier(8)

    def ask(number: int) -> tuple[int, Priors]:
        start.wait()
        return number % 2, days.at(NOW - timedelta(days=number % 2))

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(ask, range(8)))
    objects = {(day, id(priors)) for day, priors in found}
    assert len(objects) == 2, "one for each day"


def test_only_the_last_few_days_are_kept(sqlite_engine: Engine) -> None:
    filled(sqlite_engine)
    days = DailyPriors(sqlite_engine)
    first = days.at(NOW)
    for later in range(1, 12):
        last = days.at(NOW + timedelta(days=later))
        assert days.at(NOW) is first, "asked for all the time"
    for later in range(5, 13):
        days.at(NOW + timedelta(days=later))
    assert days.at(NOW + timedelta(days=11)) is last
    again = days.at(NOW)
    assert again is not first
    assert again == first


def test_databases_share_no_priors_and_an_empty_one_keeps_none(tmp_path: Path) -> None:
    engines = [open_engine(Settings(data_dir=tmp_path / name, database_url=None)) for name in "ab"]
    try:
        one, other = (DailyPriors(engine) for engine in engines)
        with pytest.raises(StorageUnavailable):
            one.at(NOW)
        for engine in engines:
            migrate(engine)
        assert one.at(NOW).by_rate == {}
        filled(engines[0])
        assert one.at(NOW).by_rate.keys() == {"on_time_delivery", "cancellation"}
        assert other.at(NOW).by_rate == {}
    finally:
        for engine in engines:
            engine.dispose()


def filled(engine: Engine) -> None:
    register(engine, "acme")
    ingest(engine, lines(delivered("acme", 0, on_time=True)), NOW)


def delivered(provider: str, number: int, *, on_time: bool) -> list[dict[str, Any]]:
    of = {"provider": provider, "shipment": f"s-{number}"}
    return [
        event("accepted", time=ago(days=9), promised_at=ago(days=5), **of),
        event("delivered", time=ago(days=6 if on_time else 4), **of),
    ]
