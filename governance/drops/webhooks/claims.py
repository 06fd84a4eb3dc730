"""Who sends what next: an endpoint at a time is claimed, and what came of it is recorded.

A claim is a lease: until it ends no other host sends to the endpoint, so its deliveries go out in
the order of their numbers, but for those that wait for another attempt, and never two at once. A
process that is killed leaves its claim to run out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from governance.drops.webhooks.models import (
    DeliveryState,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
    WebhookSecret,
)
from governance.drops.webhooks.outbox import OPEN
from governance.drops.webhooks.post import Outcome
from governance.drops.webhooks.schedule import wait_after

LEASE = timedelta(minutes=2)
"""Much longer than an attempt may take; each record begins it anew."""
REST = timedelta(minutes=1)
"""How long an endpoint that is silent or overloaded is left alone at most, unless it asks."""
_BATCH = 20  # deliveries of a claim: then the next endpoint has its turn

_GONE = "the receiver answered 410 Gone"
_SILENT = "an event was given up after every attempt in three days, and no later one got through"


@dataclass(frozen=True)
class Due:
    """A delivery to be attempted: its event, and how many attempts there were."""

    number: int
    event_id: str
    body: str
    attempts: int


@dataclass(frozen=True)
class Claim:
    """An endpoint that is ours until then; its secrets as stored, newest first; what is due."""

    endpoint_id: str
    url: str
    sealed: tuple[bytes, ...]
    due: tuple[Due, ...]
    until: datetime


def _endpoints_due(now: datetime) -> Any:
    delivery = WebhookDelivery
    waits = select(delivery.event_number).where(
        col(delivery.endpoint_id) == col(WebhookEndpoint.id),
        col(delivery.state) == DeliveryState.WAITING,
        col(delivery.next_attempt_at) <= now,
    )
    ready = select(WebhookEndpoint).where(
        OPEN, col(WebhookEndpoint.not_before) <= now, waits.exists()
    )
    # Who was served longest ago comes first.
    return ready.order_by(col(WebhookEndpoint.not_before), col(WebhookEndpoint.id)).limit(1)


def anything_due(session: Session, now: datetime) -> bool:
    """Whether `claim` would find something; this takes no lock."""
    return session.exec(_endpoints_due(now)).first() is not None


def claim(session: Session, now: datetime) -> Claim | None:
    """Claim the endpoint that waited longest, with the first deliveries that are due; or None."""
    unclaimed = _endpoints_due(now).with_for_update(skip_locked=True, key_share=True)
    endpoint: WebhookEndpoint | None = session.exec(unclaimed).first()
    if endpoint is None:
        return None
    endpoint.not_before = until = now + LEASE
    due = (
        select(WebhookDelivery, WebhookEvent)
        .where(
            col(WebhookDelivery.event_number) == col(WebhookEvent.number),
            col(WebhookDelivery.endpoint_id) == endpoint.id,
            col(WebhookDelivery.state) == DeliveryState.WAITING,
            col(WebhookDelivery.next_attempt_at) <= now,
        )
        .order_by(col(WebhookDelivery.event_number))
        .limit(_BATCH)
    )
    return Claim(
        endpoint.id,
        endpoint.url,
        tuple(secret.sealed for secret in good_secrets(session, endpoint.id, now)),
        tuple(
            Due(event.number, event.id, event.body, delivery.attempts)
            for delivery, event in session.exec(due)
        ),
        until,
    )


def good_secrets(session: Session, endpoint_id: str, now: datetime) -> Sequence[WebhookSecret]:
    """The secrets that sign for an endpoint now, the newest first."""
    unended = col(WebhookSecret.expires_at).is_(None) | (col(WebhookSecret.expires_at) > now)
    mine = select(WebhookSecret).where(WebhookSecret.endpoint_id == endpoint_id, unended)
    return session.exec(mine.order_by(col(WebhookSecret.number).desc())).all()


def record(
    session: Session, held: Claim, sent: Due, outcome: Outcome, now: datetime
) -> Claim | None:
    """Write down what came of an attempt; the claim as it goes on, or None where it ends.

    It ends where the endpoint is silent, overloaded or gone, was removed, or where the lease ran
    out and is another's: then only a success is written, for the receiver has the event.
    """
    attempts = sent.attempts + 1
    wait = None if outcome.is_gone else wait_after(attempts, outcome.retry_after)
    rests = outcome.is_busy or outcome.is_gone
    rest = max(min(wait or REST, REST), outcome.retry_after or timedelta()) if rests else LEASE
    # First the endpoint, then its delivery: as who removes it does, or both wait for each other.
    ours = extend(session, held, now + rest)
    if not (ours or outcome.is_good):
        return None
    values: dict[str, Any] = {
        "attempts": attempts,
        "last_status": outcome.status,
        "last_error": outcome.error,
    }
    if outcome.is_good:
        values |= {"state": DeliveryState.DELIVERED, "delivered_at": now}
    elif wait is not None:
        values |= {"next_attempt_at": now + wait}
    else:
        values |= {"state": DeliveryState.FAILED}
        _disable_if_dead(session, held.endpoint_id, sent.number, outcome, now)
    this = (col(WebhookDelivery.event_number) == sent.number) & (
        col(WebhookDelivery.endpoint_id) == held.endpoint_id
    )
    session.connection().execute(update(WebhookDelivery).where(this).values(values))
    return replace(held, until=now + rest) if ours and not rests else None


def extend(session: Session, held: Claim, until: datetime) -> bool:
    """Move the end of a claim; False, and nothing is written, where it is not ours any more."""
    ours = (col(WebhookEndpoint.id) == held.endpoint_id) & (
        col(WebhookEndpoint.not_before) == held.until
    )
    moved = update(WebhookEndpoint).where(ours).values(not_before=until)
    return session.connection().execute(moved).rowcount == 1


def _disable_if_dead(
    session: Session, endpoint_id: str, number: int, outcome: Outcome, now: datetime
) -> None:
    """Disable an endpoint that is gone, or got nothing since an event that is now given up."""
    event = session.get_one(WebhookEvent, number)
    later = select(WebhookDelivery.event_number).where(
        WebhookDelivery.endpoint_id == endpoint_id,
        col(WebhookDelivery.delivered_at) >= event.occurred_at,
    )
    if not outcome.is_gone and session.exec(later.limit(1)).first() is not None:
        return
    why = _GONE if outcome.is_gone else _SILENT
    this = col(WebhookEndpoint.id) == endpoint_id
    values = {"disabled_at": now, "disabled_why": why}
    session.connection().execute(update(WebhookEndpoint).where(this).values(values))
