"""What the endpoints of webhooks take in and give out."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from governance.drops.webhooks.kinds import KINDS
from governance.drops.webhooks.models import DeliveryState, WebhookDelivery, WebhookEvent
from governance.providers.fields import Paragraphs, Strict


class WebhookIn(Strict):
    """An address that wants to be told of events."""

    url: Annotated[
        str,
        Field(
            min_length=1,
            max_length=2000,
            description="An https address that is reachable from the public internet, without "
            "credentials.",
            examples=["https://hooks.example.com/governance"],
        ),
    ]
    description: Paragraphs = ""
    kinds: Annotated[list[str], Field(max_length=50)] | None = Field(
        default=None,
        description=f"Kinds of events that it wants; left out: all. There are {', '.join(KINDS)}.",
        examples=[["drop.live", "drop.on_hold"]],
    )


class WebhookOut(BaseModel):
    """An address that is told of events; nothing is sent to one that is disabled."""

    id: str
    url: str
    description: str
    kinds: list[str] | None = Field(description="Null: all.")
    audience: str | None = Field(
        description="The API key whose drops it is told of; null: everybody's."
    )
    created_by: str
    created_at: datetime
    disabled_at: datetime | None
    disabled_why: str | None


class WebhookMade(BaseModel):
    """A new webhook, and its secret: this once."""

    webhook: WebhookOut
    secret: str = Field(
        description="`whsec_…`, as libraries of Standard Webhooks take it to verify a signature."
    )


class WebhookPage(BaseModel):
    """Some webhooks, and where the next ones begin."""

    webhooks: list[WebhookOut]
    next_cursor: str | None = Field(description="Send it as `cursor`; null on the last page.")


class NewSecret(BaseModel):
    """A new secret, which signs from now on."""

    secret: str
    old_secret_until: datetime = Field(
        description="Until then the secret before signs, too: every delivery has both signatures."
    )


class DeliveryOut(BaseModel):
    """An event on its way to a webhook."""

    number: int = Field(description="Of the event; deliveries begin in this order.")
    event_id: str = Field(description="The header `webhook-id`, the same in every attempt.")
    kind: str
    subject: str
    occurred_at: datetime
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime | None = Field(description="Not before then; null: none is made.")
    last_status: int | None = Field(description="HTTP status; null where there was no answer.")
    last_error: str | None
    delivered_at: datetime | None


class DeliveryPage(BaseModel):
    """Some deliveries, the newest event first, and where the next ones begin."""

    deliveries: list[DeliveryOut]
    next_before: int | None = Field(description="Send it as `before`; null on the last page.")


def delivery_out(delivery: WebhookDelivery, event: WebhookEvent) -> DeliveryOut:
    """A delivery and its event as one thing."""
    waiting = delivery.state == DeliveryState.WAITING
    return DeliveryOut(
        number=event.number,
        event_id=event.id,
        kind=event.kind,
        subject=event.subject,
        occurred_at=event.occurred_at,
        state=delivery.state,
        attempts=delivery.attempts,
        next_attempt_at=delivery.next_attempt_at if waiting else None,
        last_status=delivery.last_status,
        last_error=delivery.last_error,
        delivered_at=delivery.delivered_at,
    )
