"""The registry of drops: what is made is what is read, and a revision is of what was read."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine
from tiny_drop import COVERED, NOW, document, keep_a_plan, lead, make, state_of
from tiny_library import tiny_gates

from governance.access.caller import Caller
from governance.db import transaction
from governance.drops import registry
from governance.drops.documents import DropDocument
from governance.drops.models import Drop, DropState
from governance.drops.registry import StaleVersion
from governance.drops.states import IllegalStep, changes_of
from governance.errors import NotFound

LATER = NOW + timedelta(hours=1)


def revise(engine: Engine, drop_id: str, version: int, **changed: Any) -> Drop:
    read = DropDocument.model_validate(document(**changed))
    with transaction(engine, write=True) as session:
        return registry.revise(
            session,
            registry.locked(session, drop_id),
            read,
            version=version,
            covered=COVERED,
            actor="key_portal",
            now=LATER,
        )


def test_what_is_made_is_what_is_read(engine: Engine) -> None:
    drop_id = make(engine)
    assert drop_id.startswith("drp_")
    with transaction(engine) as session:
        drop = registry.get(session, drop_id)
        assert registry.document_of(drop) == DropDocument.model_validate(document())
        assert drop.document_digest == registry.document_of(drop).digest
        assert (drop.title, drop.creator_id) == ("Winter gadgets", "creator-1")
        assert (drop.sale_from.isoformat(), drop.sale_to.isoformat()) == (
            "2026-12-01",
            "2026-12-07",
        )
        assert (drop.state, drop.version, drop.created_by) == (DropState.DRAFT, 1, "key_portal")
        assert drop.created_at == drop.updated_at == NOW
        assert registry.markets_of(session, drop_id) == ["DE", "FR"]


def test_a_revision_counts_and_makes_a_draft(engine: Engine) -> None:
    drop_id = make(engine)
    assert revise(engine, drop_id, 1, title="Another", markets=["FR"]).version == 2
    with transaction(engine) as session:
        assert changes_of(session, drop_id) == []  # it was a draft already
        assert registry.markets_of(session, drop_id) == ["FR"]
    lead(engine, drop_id, DropState.PLANNED, DropState.REJECTED)
    drop = revise(engine, drop_id, 2, title="A third")
    assert (drop.version, drop.title, drop.state) == (3, "A third", DropState.DRAFT)
    assert (drop.created_at, drop.updated_at) == (NOW, LATER)
    with transaction(engine) as session:
        last = changes_of(session, drop_id)[-1]
        assert (last.from_state, last.to_state) == ("rejected", "draft")
        assert (last.actor, last.reason) == ("key_portal", "revised: version 3")


def test_the_same_document_is_no_revision(engine: Engine) -> None:
    drop_id = make(engine)
    lead(engine, drop_id, DropState.PLANNED)
    assert revise(engine, drop_id, 1).version == 1
    assert state_of(engine, drop_id) is DropState.PLANNED


def test_a_revision_of_what_was_not_read_last_is_refused(engine: Engine) -> None:
    drop_id = make(engine)
    revise(engine, drop_id, 1, title="Another")
    for version in (1, 3):
        with pytest.raises(StaleVersion) as stale:
            revise(engine, drop_id, version, title="A third")
        assert (stale.value.status, stale.value.extra["version"]) == (409, 2)


def test_of_two_revisions_at_once_one_is_refused(engine: Engine) -> None:
    drop_id = make(engine)
    outcomes: list[int] = []

    def try_to(title: str) -> None:
        try:
            outcomes.append(revise(engine, drop_id, 1, title=title).version)
        except StaleVersion as stale:
            outcomes.append(stale.status)

    threads = [Thread(target=try_to, args=(title,)) for title in ("One", "Two", "Three")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(outcomes) == [2, 409, 409]


@pytest.mark.parametrize("state", ["approved", "needs_review", "live", "closed"])
def test_what_must_be_taken_back_first_is_not_revised(sqlite_engine: Engine, state: str) -> None:
    drop_id = make(sqlite_engine)
    way = {
        "closed": [DropState.CLOSED],
        "live": [DropState.PLANNED, DropState.APPROVED, DropState.LIVE],
    }
    lead(sqlite_engine, drop_id, *way.get(state, [DropState.PLANNED, DropState(state)]))
    with pytest.raises(IllegalStep):
        revise(sqlite_engine, drop_id, 1, title="Another")
    with transaction(sqlite_engine) as session:
        assert registry.get(session, drop_id).title == "Winter gadgets"


def test_a_plan_is_kept_once_and_the_newest_holds(engine: Engine) -> None:
    drop_id = make(engine)
    with transaction(engine, write=True) as session:
        drop = registry.locked(session, drop_id)
        with pytest.raises(NotFound, match="no plan yet"):
            registry.plan_of(session, drop)
        first = keep_a_plan(session, drop)
        second = keep_a_plan(session, drop)
        assert registry.plan_of(session, drop).digest == second
        kept = registry.plan_of(session, drop, first)
        assert (kept.document_version, kept.made_by, kept.made_at) == (1, "planner", NOW)
        again = registry.keep_plan(
            session, drop, {"other": 1}, digest=first, made_by="x", now=LATER
        )
        assert again.id == kept.id
        assert again.plan == kept.plan
        assert registry.plan_of(session, drop).digest == first
        for unknown in ("sha256:0", "a\x00b"):
            with pytest.raises(NotFound, match="no plan"):
                registry.plan_of(session, drop, unknown)


def test_a_portal_knows_its_own_drops_only(engine: Engine) -> None:
    mine, other = make(engine, "key_1"), make(engine, "key_2")
    gates = tiny_gates()
    with transaction(engine, write=True) as session:
        portal = Caller("key_1", "portal", gates)
        assert registry.visible(session, portal, mine).id == mine
        for hidden in (other, "drp_none", "a\x00b"):
            for lock in (False, True):
                with pytest.raises(NotFound, match="There is no drop"):
                    registry.visible(session, portal, hidden, lock=lock)
        for role in ("reviewer", "auditor", "admin"):
            assert registry.visible(session, Caller("key_3", role, gates), other).id == other
