"""Steps between standings, in SQL: only those that exist, and each with the decision behind it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from governance.db import sole_writer
from governance.errors import GovernanceError
from governance.providers.models import Provider, Standing, StandingChange, StandingStep


class IllegalStep(GovernanceError):
    """No step leads from where the provider stands to where it should."""

    status = 409
    code = "illegal-step"
    title = "No step leads there from where the provider stands"


def next_standings(session: Session, standing: Standing) -> list[Standing]:
    """Where a step leads to from a standing; none from `delisted`."""
    steps = select(StandingStep.to_standing).where(
        col(StandingStep.from_standing) == standing.value
    )
    found = set(session.exec(steps))
    return [one for one in Standing if one.value in found]


def check_step(session: Session, provider: Provider, to: Standing) -> None:
    """Raises IllegalStep, with the steps that there are, unless one leads to `to`."""
    legal = next_standings(session, provider.standing)
    if to not in legal:
        there = ", ".join(legal) or "nowhere: a delisted provider registers anew, under another id"
        raise IllegalStep(
            f"{provider.id} is {provider.standing.value}, and no step leads from there to "
            f"{to.value}; steps lead to {there}",
            standing=provider.standing.value,
            steps=[one.value for one in legal],
        )


def take_step(
    session: Session,
    provider: Provider,
    to: Standing,
    *,
    decision_id: str,
    reasons: Sequence[str],
    touches: Mapping[str, Any],
    now: datetime,
) -> None:
    """Move a provider, whose row the caller has locked, to another standing.

    The change is written first: the database lets no standing move without it. Changes get their
    numbers one writer after the other, so that who follows them by number misses none.
    Raises IllegalStep.
    """
    check_step(session, provider, to)
    sole_writer(session, StandingChange)
    before = provider.standing
    session.add(
        StandingChange(
            provider_id=provider.id,
            from_standing=before.value,
            to_standing=to.value,
            decision_id=decision_id,
            reason=", ".join(reasons),
            touches=dict(touches),
            changed_at=now,
        )
    )
    session.flush()
    moved = session.connection().execute(
        update(Provider)
        .where(col(Provider.id) == provider.id, col(Provider.standing) == before)
        .values(standing=to, standing_since=now)
    )
    if moved.rowcount != 1:
        raise IllegalStep(f"{provider.id} is not {before.value} any more: vet it again")
    session.refresh(provider)


def changes_of(session: Session, provider_id: str) -> Sequence[StandingChange]:
    """The steps that a provider took, the first one first."""
    mine = select(StandingChange).where(col(StandingChange.provider_id) == provider_id)
    return session.exec(mine.order_by(col(StandingChange.number))).all()


def changes_after(session: Session, number: int, limit: int) -> Sequence[StandingChange]:
    """At most `limit` steps of all providers whose number is greater, in their order."""
    later = select(StandingChange).where(col(StandingChange.number) > number)
    return session.exec(later.order_by(col(StandingChange.number)).limit(limit)).all()
