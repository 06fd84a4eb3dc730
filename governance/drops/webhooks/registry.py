"""Endpoints as their owners handle them: added, looked at, rotated, enabled, removed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, func, select
from ulid import ULID

from governance.db import can_name
from governance.drops.webhooks import signing
from governance.drops.webhooks.claims import good_secrets
from governance.drops.webhooks.kinds import KINDS
from governance.drops.webhooks.models import (
    DeliveryState,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
    WebhookSecret,
)
from governance.errors import FieldError, GovernanceError, InvalidRequest, NotFound
from governance.rules.problems import did_you_mean

MOST_ENDPOINTS = 20
"""Of one caller: each multiplies what is sent."""
OLD_SECRET_LASTS = timedelta(hours=24)
_MOST_SECRETS = 5  # each is a signature in a header


class WebhookConflict(GovernanceError):
    """The webhook does not stand so that this can be done."""

    status = 409
    code = "webhook-conflict"
    title = "This cannot be done to the webhook as it stands"


def add(
    session: Session,
    key: bytes,
    url: str,
    description: str,
    kinds: Sequence[str] | None,
    created_by: str,
    audience: str | None,
    now: datetime,
) -> tuple[WebhookEndpoint, str]:
    """A new endpoint of a checked address, and its secret, which cannot be had again.

    `kinds` None: every kind. Raises InvalidRequest for a kind that does not exist, WebhookConflict
    where the caller has MOST_ENDPOINTS already.
    """
    _check_kinds(kinds)
    mine = select(func.count()).where(col(WebhookEndpoint.created_by) == created_by)
    if session.exec(mine).one() >= MOST_ENDPOINTS:
        raise WebhookConflict(f"There are {MOST_ENDPOINTS} webhooks already: remove one first")
    endpoint = WebhookEndpoint(
        id=f"whk_{ULID()}",
        url=url,
        description=description,
        kinds=None if kinds is None else sorted(set(kinds)),
        audience=audience,
        created_by=created_by,
        created_at=now,
        not_before=now,
    )
    session.add(endpoint)
    session.flush()
    return endpoint, _new_secret(session, key, endpoint.id, now)


def endpoint_of(
    session: Session, owner: str | None, endpoint_id: str, *, lock: bool = False
) -> WebhookEndpoint:
    """An endpoint that the owner made; with None anybody's. Raises NotFound.

    With `lock` nobody else changes it, or writes deliveries to it, until the transaction ends.
    """
    asked = select(WebhookEndpoint).where(col(WebhookEndpoint.id) == endpoint_id)
    if owner is not None:
        asked = asked.where(col(WebhookEndpoint.created_by) == owner)
    if lock:
        asked = asked.with_for_update().execution_options(populate_existing=True)
    found = session.exec(asked).one_or_none() if can_name(endpoint_id) else None
    if found is None:
        raise NotFound(f"There is no webhook {endpoint_id!r}")
    return found


def endpoints(
    session: Session, owner: str | None, *, after: str | None, limit: int
) -> Sequence[WebhookEndpoint]:
    """Endpoints that the owner made (None: all) in the order of their ids, after one of them."""
    asked = select(WebhookEndpoint).order_by(col(WebhookEndpoint.id)).limit(limit)
    if owner is not None:
        asked = asked.where(col(WebhookEndpoint.created_by) == owner)
    if after is not None:
        asked = asked.where(col(WebhookEndpoint.id) > after)
    return session.exec(asked).all()


def remove(session: Session, endpoint: WebhookEndpoint) -> None:
    """Remove a locked endpoint with its secrets and deliveries; the events stay on the record."""
    session.exec(delete(WebhookDelivery).where(col(WebhookDelivery.endpoint_id) == endpoint.id))
    session.exec(delete(WebhookSecret).where(col(WebhookSecret.endpoint_id) == endpoint.id))
    session.delete(endpoint)
    session.flush()


def rotate(
    session: Session, key: bytes, endpoint: WebhookEndpoint, now: datetime
) -> tuple[str, datetime]:
    """A new secret for a locked endpoint, and until when the one before signs beside it.

    Raises WebhookConflict where too many are still good.
    """
    ended = (col(WebhookSecret.endpoint_id) == endpoint.id) & (col(WebhookSecret.expires_at) <= now)
    session.exec(delete(WebhookSecret).where(ended))
    good = good_secrets(session, endpoint.id, now)
    if len(good) >= _MOST_SECRETS:
        ends = min(one.expires_at for one in good if one.expires_at is not None)
        raise WebhookConflict(
            f"{len(good)} secrets sign for this webhook: wait until {ends.isoformat()}, or remove "
            "it and add it anew"
        )
    until = now + OLD_SECRET_LASTS
    for one in good:
        if one.expires_at is None:
            one.expires_at = until
    return _new_secret(session, key, endpoint.id, now), until


def enable(endpoint: WebhookEndpoint, now: datetime) -> None:
    """Send to a locked endpoint again, first what was waiting when it was disabled."""
    endpoint.disabled_at = endpoint.disabled_why = None
    endpoint.not_before = now


def check_enabled(endpoint: WebhookEndpoint) -> None:
    """Raises WebhookConflict for an endpoint to which nothing is sent."""
    if endpoint.disabled_at is not None:
        raise WebhookConflict(f"The webhook is disabled ({endpoint.disabled_why}): enable it first")


def deliveries(
    session: Session,
    endpoint_id: str,
    *,
    state: DeliveryState | None,
    before: int | None,
    limit: int,
) -> Sequence[tuple[WebhookDelivery, WebhookEvent]]:
    """Deliveries to an endpoint with their events, the newest event first."""
    asked = (
        select(WebhookDelivery, WebhookEvent)
        .where(
            col(WebhookDelivery.event_number) == col(WebhookEvent.number),
            col(WebhookDelivery.endpoint_id) == endpoint_id,
        )
        .order_by(col(WebhookDelivery.event_number).desc())
        .limit(limit)
    )
    if state is not None:
        asked = asked.where(col(WebhookDelivery.state) == state)
    if before is not None:
        asked = asked.where(col(WebhookDelivery.event_number) < before)
    return session.exec(asked).all()


def resend(
    session: Session, endpoint: WebhookEndpoint, number: int, now: datetime
) -> tuple[WebhookDelivery, WebhookEvent]:
    """Send an event to a locked endpoint (again) as soon as can be, all attempts before it anew.

    Raises NotFound where the event was never meant for it, WebhookConflict where it is disabled.
    """
    check_enabled(endpoint)
    found = session.get(WebhookDelivery, (number, endpoint.id), with_for_update=True)
    if found is None:
        raise NotFound(f"There is no delivery of event {number} to {endpoint.id}")
    found.state = DeliveryState.WAITING
    found.attempts = 0
    found.next_attempt_at = now
    session.flush()
    return found, session.get_one(WebhookEvent, number)


def _new_secret(session: Session, key: bytes, endpoint_id: str, now: datetime) -> str:
    secret = signing.new_secret()
    sealed = signing.seal(key, endpoint_id, secret)
    session.add(WebhookSecret(endpoint_id=endpoint_id, sealed=sealed, created_at=now))
    session.flush()
    return signing.as_text(secret)


def _check_kinds(kinds: Sequence[str] | None) -> None:
    if kinds is not None and not kinds:
        message, hint = "no kind of event is chosen", "name some, or leave `kinds` out for all"
        raise InvalidRequest(message, errors=[FieldError("/kinds", message, hint)])
    unknown = [
        FieldError(
            f"/kinds/{place}",
            f"there is no kind of event `{kind}`",
            did_you_mean(kind, KINDS) or f"there are {', '.join(KINDS)}",
        )
        for place, kind in enumerate(kinds or ())
        if kind not in KINDS
    ]
    if unknown:
        raise InvalidRequest(unknown[0].message, errors=unknown)
