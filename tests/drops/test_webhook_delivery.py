"""Deliveries end to end: signed, in order, tried again for days, and never lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import Engine
from standardwebhooks import WebhookVerificationError
from webhook_receivers import (
    KEY,
    Clock,
    Receiver,
    deliver,
    delivery_rows,
    dispatch_at,
    endpoint_row,
    happen,
    receiving,
    states,
    subscribe,
)

from governance.access import keys
from governance.access.models import Role
from governance.db import transaction
from governance.drops.webhooks import registry
from governance.drops.webhooks.claims import LEASE, claim
from governance.drops.webhooks.models import DeliveryState
from governance.drops.webhooks.schedule import WAITS
from governance.drops.webhooks.worker import Dispatch, drain

WAITING, DELIVERED, FAILED = DeliveryState.WAITING, DeliveryState.DELIVERED, DeliveryState.FAILED


def test_what_is_delivered_is_signed_and_told_in_order(engine: Engine) -> None:
    clock = Clock()
    with receiving() as receiver:
        who, secret = subscribe(engine, receiver.url)
        happen(engine, 25)
        assert deliver(dispatch_at(engine, clock)) == 25
        assert deliver(dispatch_at(engine, clock)) == 0
    said = [one.verified_by(secret) for one in receiver.received]
    assert [one["data"]["drop"] for one in said] == [f"drp_{number}" for number in range(25)]
    assert {one["type"] for one in said} == {"drop.live"}
    rows = delivery_rows(engine, who)
    assert {(one.state, one.attempts, one.last_status) for one in rows} == {(DELIVERED, 1, 204)}
    assert all(one.delivered_at == clock.at for one in rows)


def test_both_secrets_sign_while_one_is_rotated_and_the_old_one_no_longer(
    sqlite_engine: Engine,
) -> None:
    clock = Clock()
    with receiving() as receiver:
        who, old = subscribe(sqlite_engine, receiver.url)
        with transaction(sqlite_engine, write=True) as session:
            endpoint = registry.endpoint_of(session, None, who, lock=True)
            # As if it had been asked for a day ago, but for two minutes.
            asked = clock.at - registry.OLD_SECRET_LASTS + timedelta(minutes=2)
            new, until = registry.rotate(session, KEY, endpoint, asked)
        assert until == clock.at + timedelta(minutes=2)
        happen(sqlite_engine)
        deliver(dispatch_at(sqlite_engine, clock))
        clock.pass_by(minutes=2)
        happen(sqlite_engine)
        deliver(dispatch_at(sqlite_engine, clock))
    during, after = receiver.received
    assert during.verified_by(old) == during.verified_by(new)
    assert len(during.headers["webhook-signature"].split(" ")) == 2
    after.verified_by(new)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        after.verified_by(old)


def test_a_receiver_that_is_down_for_an_hour_loses_nothing(engine: Engine) -> None:
    clock = Clock()
    with receiving(status=500) as receiver:
        who, _ = subscribe(engine, receiver.url)
        happen(engine, 12)
        for _ in range(60):
            deliver(dispatch_at(engine, clock))
            clock.pass_by(minutes=1)
        assert set(states(engine, who)) == {WAITING}
        assert {one.attempts for one in delivery_rows(engine, who)} == {4}
        failed = len(receiver.received)
        receiver.status = 200
        clock.pass_by(hours=2, minutes=30)
        assert deliver(dispatch_at(engine, clock)) == 12
    assert set(states(engine, who)) == {DELIVERED}
    # The same ids each time, and in the order in which it happened.
    assert receiver.ids[failed:] == receiver.ids[:12]


def test_a_receiver_that_went_away_is_left_alone_a_little_and_loses_nothing(
    sqlite_engine: Engine,
) -> None:
    clock = Clock()
    with receiving() as receiver:
        url = receiver.url
    who, _ = subscribe(sqlite_engine, url)
    happen(sqlite_engine, 3)
    assert deliver(dispatch_at(sqlite_engine, clock)) == 1  # silent: not all three in a row
    clock.pass_by(seconds=7)
    assert deliver(dispatch_at(sqlite_engine, clock)) == 1
    clock.pass_by(minutes=1)
    assert deliver(dispatch_at(sqlite_engine, clock)) == 1
    assert states(sqlite_engine, who) == [WAITING] * 3
    assert [one.attempts for one in delivery_rows(sqlite_engine, who)] == [2, 1, 0]
    assert delivery_rows(sqlite_engine, who)[0].last_status is None
    assert delivery_rows(sqlite_engine, who)[0].last_error


def test_an_event_that_a_receiver_cannot_take_does_not_hold_up_the_next(
    sqlite_engine: Engine,
) -> None:
    with receiving() as receiver:
        receiver.status = lambda one: 500 if b"drp_1" in one.body else 204
        who, _ = subscribe(sqlite_engine, receiver.url)
        happen(sqlite_engine, 3)
        deliver(dispatch_at(sqlite_engine, Clock()))
    assert states(sqlite_engine, who) == [DELIVERED, WAITING, DELIVERED]


def test_after_every_attempt_in_three_days_an_event_is_given_up_and_a_dead_endpoint_disabled(
    sqlite_engine: Engine,
) -> None:
    clock = Clock()
    with receiving(status=500) as receiver:
        who, _ = subscribe(sqlite_engine, receiver.url)
        happen(sqlite_engine)
        for wait in WAITS:
            assert deliver(dispatch_at(sqlite_engine, clock)) == 1
            clock.at += wait * 1.2
        assert states(sqlite_engine, who) == [WAITING]
        assert deliver(dispatch_at(sqlite_engine, clock)) == 1
    assert states(sqlite_engine, who) == [FAILED]
    endpoint = endpoint_row(sqlite_engine, who)
    assert endpoint.disabled_at == clock.at
    assert "given up" in str(endpoint.disabled_why)


def test_an_endpoint_that_took_something_meanwhile_is_not_disabled(sqlite_engine: Engine) -> None:
    clock = Clock()
    with receiving() as receiver:
        receiver.status = lambda one: 500 if b"drp_0" in one.body else 204
        who, _ = subscribe(sqlite_engine, receiver.url)
        happen(sqlite_engine, 2)
        for wait in (*WAITS, timedelta()):
            deliver(dispatch_at(sqlite_engine, clock))
            clock.at += max(wait * 1.2, timedelta(seconds=1))
    assert states(sqlite_engine, who) == [FAILED, DELIVERED]
    assert endpoint_row(sqlite_engine, who).disabled_at is None


def test_410_disables_the_endpoint_and_enabling_it_sends_what_was_waiting(engine: Engine) -> None:
    clock = Clock()
    with receiving(status=410) as receiver:
        who, _ = subscribe(engine, receiver.url)
        happen(engine, 3)
        assert deliver(dispatch_at(engine, clock)) == 1
        assert states(engine, who) == [FAILED, WAITING, WAITING]
        assert endpoint_row(engine, who).disabled_why == "the receiver answered 410 Gone"
        clock.pass_by(days=1)
        assert deliver(dispatch_at(engine, clock)) == 0
        receiver.status = 204
        with transaction(engine, write=True) as session:
            registry.enable(registry.endpoint_of(session, None, who, lock=True), clock.at)
        assert deliver(dispatch_at(engine, clock)) == 2
        with transaction(engine, write=True) as session:
            endpoint = registry.endpoint_of(session, None, who, lock=True)
            registry.resend(session, endpoint, delivery_rows(engine, who)[0].event_number, clock.at)
        assert deliver(dispatch_at(engine, clock)) == 1
    assert states(engine, who) == [DELIVERED] * 3
    assert receiver.ids[0] == receiver.ids[-1]


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_that_asks_for_time_is_given_it(sqlite_engine: Engine, status: int) -> None:
    clock = Clock()
    with receiving(status=status, headers={"retry-after": "3600"}) as receiver:
        who, _ = subscribe(sqlite_engine, receiver.url)
        happen(sqlite_engine, 2)
        assert deliver(dispatch_at(sqlite_engine, clock)) == 1
        clock.pass_by(minutes=59)
        assert deliver(dispatch_at(sqlite_engine, clock)) == 0
        receiver.status = 204
        clock.pass_by(minutes=1)
        assert deliver(dispatch_at(sqlite_engine, clock)) == 2
    assert states(sqlite_engine, who) == [DELIVERED] * 2


def test_several_hosts_send_each_event_once_and_to_an_endpoint_one_at_a_time(
    engine: Engine,
) -> None:
    with receiving() as one, receiving() as other:
        for receiver in (one, other):
            subscribe(engine, receiver.url)
        happen(engine, 45)
        hosts = [dispatch_at(engine, Clock()) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            attempts = sum(pool.map(lambda host: drain(host, Event()), hosts))
    assert attempts == 90
    for receiver in (one, other):
        assert len(set(receiver.ids)) == len(receiver.ids) == 45
        assert receiver.most_at_once == 1
        assert [f"drp_{n}" for n in range(45)] == [drop_of(receiver, n) for n in range(45)]


def drop_of(receiver: Receiver, number: int) -> str:
    return receiver.received[number].body.split(b'"')[-2].decode()


def test_a_claim_of_a_process_that_died_comes_back(sqlite_engine: Engine) -> None:
    clock = Clock()
    with receiving() as receiver:
        who, _ = subscribe(sqlite_engine, receiver.url)
        happen(sqlite_engine)
        with transaction(sqlite_engine, write=True) as session:
            assert claim(session, clock.at) is not None
        assert deliver(dispatch_at(sqlite_engine, clock)) == 0
        clock.at += LEASE
        assert deliver(dispatch_at(sqlite_engine, clock)) == 1
    assert states(sqlite_engine, who) == [DELIVERED]


def test_who_lost_the_claim_records_a_success_and_nothing_else(engine: Engine) -> None:
    clock = Clock()

    def late(_: object) -> int:
        """Another host claims the endpoint before the answer is given."""
        clock.at += LEASE
        with transaction(engine, write=True) as session:
            assert claim(session, clock.at) is not None
        return statuses.pop(0)

    statuses = [500, 204]
    with receiving(status=late) as receiver:
        who, _ = subscribe(engine, receiver.url)
        happen(engine, 2)
        assert deliver(dispatch_at(engine, clock)) == 1
        assert [one.attempts for one in delivery_rows(engine, who)] == [0, 0]
        clock.at += LEASE
        assert deliver(dispatch_at(engine, clock)) == 1
    assert states(engine, who) == [DELIVERED, WAITING]


def test_nothing_more_is_sent_to_an_endpoint_that_was_removed_or_whose_key_was_revoked(
    engine: Engine,
) -> None:
    with transaction(engine, write=True) as session:
        key, _ = keys.create(session, KEY, name="portal", role=Role.PORTAL)

    def remove(_: object) -> int:
        with transaction(engine, write=True) as session:
            registry.remove(session, registry.endpoint_of(session, None, removed, lock=True))
        return 204

    with receiving(status=remove) as first, receiving() as second:
        removed, _ = subscribe(engine, first.url)
        revoked, _ = subscribe(engine, second.url, created_by=key.id)
        happen(engine, 3)
        with transaction(engine, write=True) as session:
            keys.revoke(session, key.id)
        assert deliver(dispatch_at(engine, Clock())) == 1
    assert delivery_rows(engine, removed) == []
    assert states(engine, revoked) == [WAITING] * 3


def test_a_host_with_another_secret_key_uses_up_no_attempt(
    sqlite_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    with receiving() as receiver:
        who, _ = subscribe(sqlite_engine, receiver.url)
        happen(sqlite_engine)
        right = dispatch_at(sqlite_engine, clock)
        assert deliver(Dispatch(sqlite_engine, bytes(32), right.post, clock)) == 0
        assert "GOVERNANCE_SECRET_KEY" in caplog.text
        assert delivery_rows(sqlite_engine, who)[0].attempts == 0
        clock.pass_by(minutes=1)
        assert deliver(right) == 1
    assert states(sqlite_engine, who) == [DELIVERED]


def test_the_timestamp_is_that_of_the_attempt_not_of_the_event(sqlite_engine: Engine) -> None:
    clock = Clock()
    clock.at = datetime.now(UTC) + timedelta(hours=3)
    with receiving() as receiver:
        subscribe(sqlite_engine, receiver.url)
        happen(sqlite_engine)
        deliver(dispatch_at(sqlite_engine, clock))
    assert receiver.received[0].headers["webhook-timestamp"] == str(int(clock.at.timestamp()))
