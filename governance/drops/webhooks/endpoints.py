"""`/v1/webhooks`: who is told of events, under which secret, and what came of it."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from governance.access.caller import Caller, may
from governance.access.models import Role
from governance.access.parameters import check_names
from governance.db import transaction
from governance.drops.webhooks import registry
from governance.drops.webhooks.addresses import check_url
from governance.drops.webhooks.models import DeliveryState, WebhookEndpoint
from governance.drops.webhooks.outbox import emit_test
from governance.drops.webhooks.schemas import (
    DeliveryOut,
    DeliveryPage,
    NewSecret,
    WebhookIn,
    WebhookMade,
    WebhookOut,
    WebhookPage,
    delivery_out,
)
from governance.drops.webhooks.signing import storage_key
from governance.gates.pipeline import Pipeline
from governance.problems import problems

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
Reader = Annotated[Caller, Depends(may("webhooks:read"))]
Writer = Annotated[Caller, Depends(may("webhooks:write"))]
_MOST = 2**63 - 1
_Number = Annotated[int, Path(ge=1, le=_MOST, description="Of the event.")]


@router.post(
    "",
    response_model=WebhookMade,
    status_code=201,
    responses=problems(400, 401, 403, 409, 413, 422, 503),
)
def add_webhook(asked: WebhookIn, request: Request, caller: Writer) -> dict[str, Any]:
    """Have events sent to an address. The secret is shown this once.

    A portal is told of the drops that it made. 409 where the caller has too many webhooks.
    """
    pipeline: Pipeline = request.app.state.pipeline
    check_url(asked.url, allow_private=pipeline.settings.webhooks_allow_private)
    with transaction(pipeline.engine, write=True) as session:
        endpoint, secret = registry.add(
            session,
            storage_key(request.app.state.secret),
            url=asked.url,
            description=asked.description,
            kinds=asked.kinds,
            created_by=caller.id,
            audience=_owner(caller),
            now=datetime.now(UTC),
        )
        return {"webhook": endpoint, "secret": secret}


@router.get("", response_model=WebhookPage, responses=problems(401, 403, 422, 503))
def list_webhooks(
    request: Request,
    caller: Reader,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[
        str | None,
        Query(pattern="^whk_[0-9A-Z]{26}$", description="`next_cursor` of the page before."),
    ] = None,
) -> dict[str, Any]:
    """Webhooks in the order in which they were added; a portal sees its own."""
    _check_names(request, "limit", "cursor")
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine) as session:
        found = registry.endpoints(session, _owner(caller), after=cursor, limit=limit + 1)
    shown = found[:limit]
    more = len(found) > limit
    return {"webhooks": shown, "next_cursor": shown[-1].id if more else None}


@router.get("/{webhook_id}", response_model=WebhookOut, responses=problems(401, 403, 404, 422, 503))
def read_webhook(webhook_id: str, request: Request, caller: Reader) -> WebhookEndpoint:
    """A webhook, and whether it is disabled."""
    _check_names(request)
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine) as session:
        return registry.endpoint_of(session, _owner(caller), webhook_id)


@router.delete("/{webhook_id}", status_code=204, responses=problems(401, 403, 404, 422, 503))
def remove_webhook(webhook_id: str, request: Request, caller: Writer) -> Response:
    """Remove a webhook with its secrets and deliveries; at most one attempt is under way still."""
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine, write=True) as session:
        endpoint = registry.endpoint_of(session, _owner(caller), webhook_id, lock=True)
        registry.remove(session, endpoint)
    return Response(status_code=204)


@router.post(
    "/{webhook_id}/rotate",
    response_model=NewSecret,
    responses=problems(401, 403, 404, 409, 422, 503),
)
def rotate_secret(webhook_id: str, request: Request, caller: Writer) -> dict[str, Any]:
    """A new secret, shown this once. The one before signs beside it for 24 hours."""
    pipeline: Pipeline = request.app.state.pipeline
    key = storage_key(request.app.state.secret)
    with transaction(pipeline.engine, write=True) as session:
        endpoint = registry.endpoint_of(session, _owner(caller), webhook_id, lock=True)
        secret, until = registry.rotate(session, key, endpoint, datetime.now(UTC))
    return {"secret": secret, "old_secret_until": until}


@router.post(
    "/{webhook_id}/enable",
    response_model=WebhookOut,
    responses=problems(401, 403, 404, 422, 503),
)
def enable_webhook(webhook_id: str, request: Request, caller: Writer) -> WebhookEndpoint:
    """Send to a webhook again, first what was waiting when it was disabled.

    What happened while it was disabled is not sent.
    """
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine, write=True) as session:
        endpoint = registry.endpoint_of(session, _owner(caller), webhook_id, lock=True)
        registry.enable(endpoint, datetime.now(UTC))
        return endpoint


@router.post(
    "/{webhook_id}/test",
    response_model=DeliveryOut,
    status_code=202,
    responses=problems(401, 403, 404, 409, 422, 503),
)
def try_webhook(webhook_id: str, request: Request, caller: Writer) -> DeliveryOut:
    """Send an event `webhook.test` to a webhook, whatever kinds it wants."""
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine, write=True) as session:
        endpoint = registry.endpoint_of(session, _owner(caller), webhook_id, lock=True)
        registry.check_enabled(endpoint)
        return delivery_out(*emit_test(session, endpoint, datetime.now(UTC)))


@router.get(
    "/{webhook_id}/deliveries",
    response_model=DeliveryPage,
    responses=problems(401, 403, 404, 422, 503),
)
def list_deliveries(
    webhook_id: str,
    request: Request,
    caller: Reader,
    state: Annotated[
        DeliveryState | None, Query(description="Only those that stand there.")
    ] = None,
    before: Annotated[
        int | None, Query(ge=1, le=_MOST, description="`next_before` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """What was sent to a webhook, and what came of it; the newest event first."""
    _check_names(request, "state", "before", "limit")
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine) as session:
        registry.endpoint_of(session, _owner(caller), webhook_id)
        found = registry.deliveries(
            session, webhook_id, state=state, before=before, limit=limit + 1
        )
    shown = [delivery_out(*one) for one in found[:limit]]
    more = len(found) > limit
    return {"deliveries": shown, "next_before": shown[-1].number if more else None}


@router.post(
    "/{webhook_id}/deliveries/{number}/resend",
    response_model=DeliveryOut,
    status_code=202,
    responses=problems(401, 403, 404, 409, 422, 503),
)
def resend_event(webhook_id: str, number: _Number, request: Request, caller: Writer) -> DeliveryOut:
    """Send an event to a webhook again, delivered or given up; `webhook-id` stays the same."""
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine, write=True) as session:
        endpoint = registry.endpoint_of(session, _owner(caller), webhook_id, lock=True)
        return delivery_out(*registry.resend(session, endpoint, number, datetime.now(UTC)))


def _owner(caller: Caller) -> str | None:
    """Whose webhooks, and the events of whose drops, the caller may see; None: everybody's."""
    return caller.id if caller.role == Role.PORTAL else None


def _check_names(request: Request, *known: str) -> None:
    check_names([name for name, _ in request.query_params.multi_items()], known)
