"""An event and what it tells are one transaction, and it reaches those whom it is meant for."""

import json
import math

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError
from sqlmodel import select, text
from webhook_receivers import NOW, SECRET, delivery_rows, endpoint_row, happen, subscribe

from governance.access import keys
from governance.access.models import ApiKey, Role
from governance.db import transaction
from governance.drops.webhooks import registry
from governance.drops.webhooks.models import WebhookDelivery, WebhookEvent
from governance.drops.webhooks.outbox import emit

HOOK = "https://hooks.example.com/"


def events(engine: Engine) -> list[WebhookEvent]:
    with transaction(engine) as session:
        return list(session.exec(select(WebhookEvent)))


def told(engine: Engine, endpoint_id: str) -> list[int]:
    return [one.event_number for one in delivery_rows(engine, endpoint_id)]


def test_a_change_that_is_rolled_back_leaves_no_event_and_one_that_fails_no_change(
    engine: Engine,
) -> None:
    subscribe(engine, HOOK)
    with pytest.raises(ZeroDivisionError), transaction(engine, write=True) as session:
        keys.create(session, SECRET, name="changed", role=Role.PORTAL)
        emit(session, "drop.live", "drp_1", {}, NOW)
        raise ZeroDivisionError
    with pytest.raises(ValueError, match="not JSON"), transaction(engine, write=True) as session:
        keys.create(session, SECRET, name="changed", role=Role.PORTAL)
        emit(session, "drop.live", "drp_1", {"share": math.nan}, NOW)
    assert events(engine) == []
    with transaction(engine) as session:
        assert session.exec(select(ApiKey)).all() == []
        assert session.exec(select(WebhookDelivery)).all() == []


def test_the_body_is_of_the_form_of_standard_webhooks_and_plain_ascii(
    sqlite_engine: Engine,
) -> None:
    with transaction(sqlite_engine, write=True) as session:
        emit(session, "drop.live", "drp_1", {"why": "é\x00\ud800", "units": 3}, NOW)
    [event] = events(sqlite_engine)
    assert event.body.isascii()
    at = NOW.isoformat(timespec="microseconds").replace("+00:00", "Z")
    said = {"type": "drop.live", "timestamp": at, "data": {"why": "é\x00\ud800", "units": 3}}
    assert json.loads(event.body) == said
    assert "." not in event.id  # or one could pass for another in what is signed


@pytest.mark.parametrize("kind", ["", "live", "Drop.live", "drop.live ", "drop..live", "drop.é"])
def test_a_kind_of_another_form_is_refused(sqlite_engine: Engine, kind: str) -> None:
    with (
        pytest.raises(ValueError, match="dotted words"),
        transaction(sqlite_engine, write=True) as s,
    ):
        emit(s, kind, "drp_1", {}, NOW)


def test_an_endpoint_is_told_of_the_kinds_that_it_wants(sqlite_engine: Engine) -> None:
    everything, _ = subscribe(sqlite_engine, HOOK)
    some, _ = subscribe(sqlite_engine, HOOK, kinds=["drop.live", "drop.closed"])
    for kind in ("drop.draft", "drop.live", "drop.closed"):
        happen(sqlite_engine, kind=kind)
    first, second, third = (event.number for event in events(sqlite_engine))
    assert told(sqlite_engine, everything) == [first, second, third]
    assert told(sqlite_engine, some) == [second, third]


def test_a_portal_is_told_of_its_own_drops_only(engine: Engine) -> None:
    admin, _ = subscribe(engine, HOOK)
    mine, _ = subscribe(engine, HOOK, created_by="key_1", audience="key_1")
    other, _ = subscribe(engine, HOOK, created_by="key_2", audience="key_2")
    happen(engine, audience="key_1")
    happen(engine)
    of_key, of_nobody = (event.number for event in events(engine))
    assert told(engine, admin) == [of_key, of_nobody]
    assert told(engine, mine) == [of_key]
    assert told(engine, other) == []


def test_neither_a_disabled_endpoint_nor_one_of_a_revoked_key_is_told(
    sqlite_engine: Engine,
) -> None:
    with transaction(sqlite_engine, write=True) as session:
        key, _ = keys.create(session, SECRET, name="portal", role=Role.PORTAL)
    revoked, _ = subscribe(sqlite_engine, HOOK, created_by=key.id)
    disabled, _ = subscribe(sqlite_engine, HOOK)
    happen(sqlite_engine)
    with transaction(sqlite_engine, write=True) as session:
        keys.revoke(session, key.id)
        endpoint = registry.endpoint_of(session, None, disabled, lock=True)
        endpoint.disabled_at, endpoint.disabled_why = NOW, "a test"
    happen(sqlite_engine)
    assert len(told(sqlite_engine, revoked)) == len(told(sqlite_engine, disabled)) == 1
    assert endpoint_row(sqlite_engine, disabled).disabled_why == "a test"


@pytest.mark.parametrize(
    "change", ["UPDATE webhook_event SET body = ''", "DELETE FROM webhook_event"]
)
def test_an_event_is_never_changed(engine: Engine, change: str) -> None:
    happen(engine)
    with pytest.raises(DatabaseError, match="append-only"), engine.begin() as connection:
        connection.execute(text(change))
    assert len(events(engine)) == 1
