"""Events are written here, in the transaction of what they tell: neither is without the other."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select
from ulid import ULID

from governance.access.models import ApiKey
from governance.drops.webhooks.models import WebhookDelivery, WebhookEndpoint, WebhookEvent

TEST_KIND = "webhook.test"
_KIND = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")

_by_a_revoked_key = (
    select(ApiKey.id)
    .where(col(ApiKey.id) == col(WebhookEndpoint.created_by), col(ApiKey.revoked_at).is_not(None))
    .exists()
)
OPEN = col(WebhookEndpoint.disabled_at).is_(None) & ~_by_a_revoked_key
"""An endpoint that is sent to: it is not disabled, and the key that made it is still good."""


def emit(
    session: Session,
    kind: str,
    subject: str,
    data: Mapping[str, Any],
    now: datetime,
    *,
    audience: str | None = None,
) -> None:
    """Write an event, and a delivery to each endpoint that wants it, in the caller's transaction.

    `kind` is dotted words (`drop.live`), `subject` the id of what it is about, `data` what JSON can
    say: ids and states, nothing personal, for an event is never changed. `audience` is the caller
    whose portal may be told; with None only endpoints that see everything are told.

    Raises `ValueError` for a kind of another form, `TypeError` for data that JSON cannot say.
    """
    if not _KIND.fullmatch(kind):
        raise ValueError(f"{kind!r} is not dotted words in small letters")
    sees_all = col(WebhookEndpoint.audience).is_(None)
    meant = sees_all if audience is None else sees_all | (WebhookEndpoint.audience == audience)
    # None of them may be removed before the deliveries to it are written.
    asked = select(WebhookEndpoint.id, WebhookEndpoint.kinds).where(OPEN, meant)
    found = session.exec(asked.with_for_update(read=True, key_share=True)).all()
    event = _event(kind, subject, data, now, audience)
    _write(session, event, (who for who, kinds in found if kinds is None or kind in kinds), now)


def emit_test(
    session: Session, endpoint: WebhookEndpoint, now: datetime
) -> tuple[WebhookDelivery, WebhookEvent]:
    """An event that only this endpoint receives, whatever kinds it wants, and its delivery."""
    event = _event(TEST_KIND, endpoint.id, {"webhook": endpoint.id}, now, endpoint.audience)
    [delivery] = _write(session, event, [endpoint.id], now)
    return delivery, event


def _event(
    kind: str, subject: str, data: Mapping[str, Any], now: datetime, audience: str | None
) -> WebhookEvent:
    at = now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    body = {"type": kind, "timestamp": at, "data": dict(data)}
    return WebhookEvent(
        id=f"evt_{ULID()}",
        kind=kind,
        subject=subject,
        audience=audience,
        # ASCII: no database and no receiver can change it on the way, and the signature is of it.
        body=json.dumps(body, separators=(",", ":"), allow_nan=False),
        occurred_at=now,
    )


def _write(
    session: Session, event: WebhookEvent, to: Iterable[str], now: datetime
) -> list[WebhookDelivery]:
    session.add(event)
    session.flush()
    deliveries = [
        WebhookDelivery(event_number=event.number, endpoint_id=one, next_attempt_at=now)
        for one in to
    ]
    session.add_all(deliveries)
    session.flush()
    return deliveries
