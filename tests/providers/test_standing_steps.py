"""What the database itself refuses: a standing that moves without a step, or a step unjudged."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select, update
from vetted_providers import document, record_vetting, standing_of, walk

from governance.db import transaction
from governance.providers import registry
from governance.providers.models import Provider, Standing, StandingChange
from governance.providers.vetting.standing import (
    IllegalStep,
    changes_after,
    changes_of,
    next_standings,
    take_step,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def acme(engine: Engine) -> Engine:
    """A database with one applicant."""
    with transaction(engine, write=True) as session:
        registry.put(session, document("acme"), NOW)
    return engine


def step(engine: Engine, to: Standing, gate: str = "provider") -> None:
    with transaction(engine, write=True) as session:
        take_step(
            session,
            registry.provider(session, "acme"),
            to,
            decision_id=record_vetting(session, gate),
            reasons=["one", "two"],
            touches={},
            now=NOW,
        )


def test_a_standing_moves_by_a_step_and_by_nothing_else(acme: Engine) -> None:
    with (
        pytest.raises(IntegrityError, match="on the record"),
        transaction(acme, write=True) as session,
    ):
        moved = update(Provider).where(col(Provider.id) == "acme")
        session.connection().execute(moved.values(standing=Standing.ACTIVE))
    assert standing_of(acme, "acme") is Standing.APPLICANT
    step(acme, Standing.PROVISIONAL)
    assert standing_of(acme, "acme") is Standing.PROVISIONAL
    with transaction(acme) as session:
        (change,) = changes_of(session, "acme")
        assert (change.from_standing, change.to_standing) == ("applicant", "provisional")
        assert change.reason == "one, two"


def test_a_provider_begins_as_an_applicant(engine: Engine) -> None:
    with (
        pytest.raises(IntegrityError, match="begins as an applicant"),
        transaction(engine, write=True) as session,
    ):
        session.add(
            Provider(
                id="acme",
                name="Acme",
                standing=Standing.ACTIVE,
                standing_since=NOW,
                registered_at=NOW,
            )
        )


def test_a_step_rests_on_a_vetting_and_not_on_another_decision(acme: Engine) -> None:
    with pytest.raises(IntegrityError, match="vetting by the provider gate"):
        step(acme, Standing.PROVISIONAL, gate="sale")
    assert standing_of(acme, "acme") is Standing.APPLICANT


def test_a_step_begins_where_the_provider_stands(acme: Engine) -> None:
    with (
        pytest.raises(IntegrityError, match="begins where the provider stands"),
        transaction(acme, write=True) as session,
    ):
        session.add(
            StandingChange(
                provider_id="acme",
                from_standing="suspended",
                to_standing="reinstated",
                decision_id=record_vetting(session),
                reason="",
                touches={},
                changed_at=NOW,
            )
        )


def test_every_step_that_does_not_exist_is_refused_and_says_which_do(acme: Engine) -> None:
    ways = {
        Standing.APPLICANT: (),
        Standing.PROVISIONAL: (Standing.PROVISIONAL,),
        Standing.ACTIVE: (Standing.ACTIVE,),
        Standing.PROBATION: (Standing.PROBATION,),
        Standing.SUSPENDED: (Standing.SUSPENDED,),
        Standing.REINSTATED: (Standing.REINSTATED,),
        Standing.DELISTED: (Standing.DELISTED,),
    }
    for standing, way in ways.items():
        walk(acme, "acme", *way)
        assert standing_of(acme, "acme") is standing
        with transaction(acme) as session:
            legal = next_standings(session, standing)
        for to in set(Standing) - set(legal):
            with pytest.raises(IllegalStep) as refused:
                step(acme, to)
            assert refused.value.status == 409
            assert refused.value.extra["steps"] == [one.value for one in legal]
            assert standing_of(acme, "acme") is standing


def test_the_feed_has_every_step_in_order(acme: Engine) -> None:
    with transaction(acme, write=True) as session:
        registry.put(session, document("bolt"), NOW)
    for one in ("acme", "bolt", "acme"):
        now = standing_of(acme, one)
        walk(acme, one, Standing.ACTIVE if now is Standing.PROVISIONAL else Standing.PROVISIONAL)
    with transaction(acme) as session:
        first = changes_after(session, 0, 2)
        rest = changes_after(session, first[-1].number, 10)
        every = [*first, *rest]
        assert [one.provider_id for one in every] == ["acme", "bolt", "acme"]
        assert all(a.number < b.number for a, b in pairwise(every))
        assert len(session.exec(select(StandingChange)).all()) == len(every)
