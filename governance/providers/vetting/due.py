"""Who is to be vetted: something changed, a day has passed, or the rules are others."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from governance.db import insert
from governance.decisions.models import Decision
from governance.providers.models import Provider, Standing
from governance.providers.vetting.models import Vetting

AT_LEAST_EVERY = timedelta(days=1)
"""Licences end and windows move on also where nothing happens."""


def mark_due(session: Session, provider_ids: Iterable[str], now: datetime) -> None:
    """Note that something about these providers changed, in the transaction that changes it."""
    rows = [{"provider_id": one, "due_since": now} for one in sorted(set(provider_ids))]
    if not rows:
        return
    statement = insert(session, Vetting)
    since = func.coalesce(col(Vetting.due_since), statement.excluded.due_since)
    statement = statement.on_conflict_do_update(
        index_elements=["provider_id"], set_={"due_since": since}
    )
    session.connection().execute(statement, rows)


def due(session: Session, release: str, now: datetime) -> list[str]:
    """The ids of the providers that are due under this release, those that wait longest first.

    A delisted provider is never due: no step leads on.
    """
    vetted = col(Vetting.vetted_at)
    asked = (
        select(Provider.id)
        .outerjoin(Vetting, col(Vetting.provider_id) == col(Provider.id))
        .outerjoin(Decision, col(Decision.decision_id) == col(Vetting.decision_id))
        .where(
            col(Provider.standing) != Standing.DELISTED,
            or_(
                col(Vetting.due_since).is_not(None),
                vetted.is_(None),
                vetted <= now - AT_LEAST_EVERY,
                col(Decision.release) != release,
            ),
        )
        .order_by(col(Vetting.due_since).is_(None), col(Vetting.due_since), col(Provider.id))
    )
    return list(session.exec(asked))


def not_delisted(session: Session) -> list[str]:
    """The ids of all providers that a vetting can move."""
    others = select(Provider.id).where(col(Provider.standing) != Standing.DELISTED)
    return list(session.exec(others.order_by(col(Provider.id))))
