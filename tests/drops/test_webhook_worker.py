"""The service delivers by itself, and no endpoint holds up another."""

import logging
from base64 import b64decode
from pathlib import Path

import pytest
from serving import wait_until
from sqlalchemy import Engine
from sqlmodel import text
from webhook_receivers import (
    KEY,
    SECRET,
    TRYING_OUT,
    endpoint_row,
    happen,
    receiving,
    states,
    subscribe,
)

from governance.db import transaction
from governance.drops.webhooks import registry
from governance.drops.webhooks.models import DeliveryState
from governance.drops.webhooks.worker import AT_ONCE, delivering
from governance.settings import Settings

DELIVERED = DeliveryState.DELIVERED


def test_an_event_is_delivered_soon_after_it_happened(engine: Engine) -> None:
    with receiving() as receiver, delivering(engine, TRYING_OUT, SECRET):
        who, secret = subscribe(engine, receiver.url)
        happen(engine, 30)
        wait_until(lambda: states(engine, who) == [DELIVERED] * 30, "it is not delivered")
        for one in receiver.received:
            one.verified_by(secret)


def test_endpoints_that_hang_hold_up_no_other(sqlite_engine: Engine) -> None:
    with receiving() as silent, receiving() as receiver:
        silent.answers.clear()
        for _ in range(AT_ONCE - 1):
            subscribe(sqlite_engine, silent.url)
        happen(sqlite_engine, 3)
        with delivering(sqlite_engine, TRYING_OUT, SECRET):
            wait_until(lambda: len(silent.received) == AT_ONCE - 1, "they were not sent to")
            who, _ = subscribe(sqlite_engine, receiver.url)
            for count in range(1, 4):
                happen(sqlite_engine)
                wait_until(lambda n=count: states(sqlite_engine, who) == [DELIVERED] * n, "held up")
            assert silent.most_at_once == AT_ONCE - 1
            assert len(silent.received) == AT_ONCE - 1  # all of them wait still for an answer
            silent.answers.set()


def test_the_end_waits_for_what_is_under_way_and_begins_nothing_new(
    sqlite_engine: Engine,
) -> None:
    with receiving() as receiver:
        receiver.answers.clear()
        who, _ = subscribe(sqlite_engine, receiver.url)
        happen(sqlite_engine, 3)
        with delivering(sqlite_engine, TRYING_OUT, SECRET):
            wait_until(lambda: len(receiver.received) == 1, "nothing was sent")
            receiver.answers.set()
        sent = len(receiver.received)
        assert states(sqlite_engine, who)[:sent] == [DELIVERED] * sent
        # It is free for another host at once.
        with delivering(sqlite_engine, TRYING_OUT, SECRET):
            wait_until(lambda: states(sqlite_engine, who) == [DELIVERED] * 3, "it is still held")
    assert len(receiver.received) == 3


def test_a_database_that_fails_does_not_end_the_delivering(
    sqlite_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    def rename(before: str, after: str) -> None:
        with transaction(sqlite_engine, write=True) as session:
            session.connection().execute(text(f"ALTER TABLE {before} RENAME TO {after}"))

    with receiving() as receiver, caplog.at_level(logging.ERROR):
        who, _ = subscribe(sqlite_engine, receiver.url)
        with delivering(sqlite_engine, TRYING_OUT, SECRET):
            rename("webhook_delivery", "away")
            wait_until(lambda: bool(caplog.records), "nothing was said")
            rename("away", "webhook_delivery")
            happen(sqlite_engine)
            wait_until(lambda: states(sqlite_engine, who) == [DELIVERED], "it is not delivered")
    assert len(caplog.records) <= 2


def test_no_secret_is_readable_in_the_file_of_the_database(
    sqlite_engine: Engine, sqlite_settings: Settings
) -> None:
    who, first = subscribe(sqlite_engine, "https://hooks.example.com/")
    with transaction(sqlite_engine, write=True) as session:
        endpoint = registry.endpoint_of(session, None, who, lock=True)
        second, _ = registry.rotate(session, KEY, endpoint, endpoint.created_at)
    assert endpoint_row(sqlite_engine, who).id == who
    files = list(Path(sqlite_settings.data_dir).glob("governance.db*"))
    kept = b"".join(file.read_bytes() for file in files)
    assert who.encode() in kept
    for secret in (first, second):
        encoded = secret.removeprefix("whsec_")
        assert encoded.encode() not in kept
        assert b64decode(encoded) not in kept
