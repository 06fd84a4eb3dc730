"""Events are taken in once, and what was said of a shipment is the same in whatever order."""

import json
import os
from typing import Any

from event_cases import NOW, ago, counted, event, foreign, lines, register
from hypothesis import given
from hypothesis import strategies as st
from serving import dump
from sqlalchemy import Engine
from sqlmodel import select

from governance.db import open_engine, transaction
from governance.providers.events.fold import begin, fold
from governance.providers.events.ingest import ingest
from governance.providers.events.observation import Milestone, Observation
from governance.providers.events.report import Report
from governance.providers.models import Service
from governance.providers.performance.models import InventoryCount, ProviderEvent, Shipment
from governance.settings import Settings


def take_in(engine: Engine, *events: Any, batch: int = 5_000) -> Report:
    return ingest(engine, lines(events), NOW, batch=batch)


def shipment(engine: Engine) -> Shipment:
    with transaction(engine) as session:
        return session.exec(select(Shipment)).one()


def test_milestones_of_a_shipment_become_one_row(engine: Engine) -> None:
    register(engine, "acme")
    report = take_in(
        engine,
        event("accepted", time=ago(days=4), promised_at=ago(days=1), lane="rotterdam"),
        event("shipped", time=ago(days=3)),
        event("tracked", time=ago(days=2)),
        event("delivered", time=ago(days=1)),
        batch=2,
    )
    assert (report.read, report.accepted, report.repeated, report.set_aside) == (4, 4, 0, [])
    row = shipment(engine)
    assert (row.service, row.market, row.lane) == ("last_mile", "DE", "rotterdam")
    assert row.promised_at == row.delivered_at
    day = 86_400_000_000
    assert row.tracked_at - row.shipped_at == row.shipped_at - row.accepted_at == day


def test_sending_everything_again_in_other_batches_and_order_changes_nothing(
    engine: Engine,
) -> None:
    register(engine, "acme")
    sent = [event(milestone, shipment=f"s-{n}") for milestone in Milestone for n in range(5)]
    sent += [counted(counted=9), b"{", event(market="XX"), event(provider="nobody")]
    first = take_in(engine, *sent)
    before = dump(engine)
    assert (first.accepted, first.set_aside_total) == (66, 3)
    again = take_in(engine, *reversed(sent), *sent, batch=7)
    assert (again.accepted, again.repeated, again.set_aside_total) == (0, 132, 6)
    assert dump(engine) == before


def test_an_event_that_is_spelt_otherwise_is_the_same(engine: Engine) -> None:
    register(engine, "acme")
    made = event()
    spelt = json.dumps(dict(reversed(made.items())), indent=None, separators=(" ,", " :")).encode()
    assert take_in(engine, made, spelt).repeated == 1
    assert take_in(engine, spelt).repeated == 1


def test_another_event_under_the_same_id_is_set_aside(engine: Engine) -> None:
    register(engine, "acme", "other")
    take_in(engine, event("delivered", id="one", time=ago(days=2)))
    row = shipment(engine)
    changed = event("delivered", id="one", time=ago(days=3))
    of_other = event("delivered", id="one", provider="other")
    twice = event("lost", id="two"), event("lost", id="two", shipment="s-2")
    report = take_in(engine, changed, of_other, *twice)
    found = [(one.line, one.reason, one.pointer) for one in report.set_aside]
    assert found == [(line, "other-content", "/id") for line in (1, 2, 4)]
    assert shipment(engine).delivered_at == row.delivered_at
    assert report.accepted == 1


def test_the_same_id_of_another_source_is_another_event(engine: Engine) -> None:
    register(engine, "acme")
    assert take_in(engine, event(id="one"), event(id="one", source="urn:other")).accepted == 2


def test_counts_of_stock_are_kept(engine: Engine) -> None:
    register(engine, "acme")
    assert take_in(engine, counted(expected=10, counted=9)).accepted == 1
    with transaction(engine) as session:
        kept = session.exec(select(InventoryCount)).one()
    assert (kept.node, kept.product, kept.expected, kept.counted) == ("BER1", "hoodie-m", 10, 9)


OBSERVATIONS = st.builds(
    Observation,
    source=st.just("s"),
    id=st.just("i"),
    type=st.just("t"),
    provider=st.just("acme"),
    service=st.sampled_from(Service),
    market=st.sampled_from(["DE", "FR"]),
    at=st.integers(0, 5),
    shipment=st.just("s-1"),
    milestone=st.sampled_from(Milestone),
    lane=st.sampled_from([None, "a", "b"]),
    promised=st.sampled_from([None, 3, 4]),
    by=st.sampled_from(["provider", "buyer", "seller"]),
)


@given(st.data(), st.lists(OBSERVATIONS, min_size=1, max_size=12))
def test_a_shipment_is_the_same_in_any_order_however_often_it_is_told(
    data: st.DataObject, told: list[Observation]
) -> None:
    again = data.draw(st.lists(st.sampled_from(told), max_size=6))
    other = data.draw(st.permutations(told + again))
    assert folded(told) == folded(other)


def folded(told: list[Observation]) -> dict[str, Any]:
    row = begin(told[0])
    for one in told[1:]:
        before = dict(row)
        assert fold(row, one) == (row != before)
    return row


def test_processes_that_send_the_same_events_at_once_count_each_once(
    database_settings: Settings, engine: Engine, race
) -> None:
    register(engine, "acme", "other", "third")
    told = race(4, send_at_once, database_settings)
    assert sum(accepted for accepted, _ in told) == 600
    assert {set_aside for _, set_aside in told} == {0}
    with transaction(engine) as session:
        assert len(session.exec(select(ProviderEvent.id)).all()) == 600
        rows = session.exec(select(Shipment)).all()
    assert len(rows) == 150
    assert all(row.shipped_at and row.delivered_at and row.lost_at for row in rows)


def send_at_once(settings: Settings) -> tuple[int, int]:
    engine = open_engine(settings)
    made = [
        event(milestone, id=f"{provider}-{n}-{milestone}", shipment=f"s-{n}", provider=provider)
        for milestone in ("shipped", "tracked", "delivered", "lost")
        for provider in ("acme", "other", "third")
        for n in range(50)
    ]
    report = ingest(engine, lines(made), NOW, batch=20)
    engine.dispose()
    return report.accepted, report.set_aside_total


def test_processes_that_claim_one_id_for_different_providers_keep_one(
    database_settings: Settings, engine: Engine, race
) -> None:
    register(engine, *(f"p-{n}" for n in range(10)))
    told = race(4, claim_ids, database_settings)
    assert sum(accepted for accepted, _ in told) == 200
    assert sum(set_aside for _, set_aside in told) == 600
    with transaction(engine) as session:
        kept = session.exec(select(ProviderEvent)).all()
        rows = session.exec(select(Shipment)).all()
    assert len(kept) == 200
    assert {(one.provider_id, one.shipment_id) for one in kept} == {
        (row.provider_id, row.id) for row in rows
    }


def claim_ids(settings: Settings) -> tuple[int, int]:
    """Each process begins with another provider, so that no two agree on the provider of an id."""
    engine = open_engine(settings)
    made = [
        event(id=f"e-{n}", shipment=f"s-{os.getpid()}-{n}", provider=f"p-{(n + os.getpid()) % 10}")
        for n in range(200)
    ]
    report = ingest(engine, lines(made), NOW, batch=20)
    engine.dispose()
    return report.accepted, report.set_aside_total


def test_foreign_events_fold_into_the_same_shipment(engine: Engine) -> None:
    register(engine, "acme")
    way = {"type": "ObjectEvent", "eventTimeZoneOffset": "+00:00", "action": "OBSERVE"}
    sent = [
        foreign("org.gs1.epcis.event.v2", way | {"eventTime": ago(days=3), "bizStep": "shipping"}),
        event("delivered", time=ago(days=1)),
    ]
    assert take_in(engine, *sent).accepted == 2
    row = shipment(engine)
    assert row.shipped_at is not None
    assert row.delivered_at is not None
