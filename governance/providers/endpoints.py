"""`/v1/providers`: the registry, read by everyone, written by reviewers."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from sqlmodel import Session

from governance.access.caller import Caller, may
from governance.access.parameters import check_names
from governance.db import transaction
from governance.errors import FieldError, InvalidRequest
from governance.gates.pipeline import Pipeline
from governance.problems import problems
from governance.providers import registry
from governance.providers.checks import check
from governance.providers.documents import ProviderDocument
from governance.providers.filter_query import NAMES, SEVERAL, check_cursor, read_filters
from governance.providers.reading import Source, read_documents
from governance.providers.schemas import ImportOut, ProviderOut, ProviderPage, lane_offer
from governance.providers.search import Filters, Found, search

router = APIRouter(prefix="/v1", tags=["providers"])

Reader = Annotated[Caller, Depends(may("providers:read"))]
Writer = Annotated[Caller, Depends(may("providers:write"))]

_YAML = ("application/yaml", "application/x-yaml", "text/yaml")  # the first: RFC 9512
_JSON = "application/json"
_PAGE = ("limit", "cursor")
_REPLACED = "A known provider was written anew; its standing stays"
_IMPORTED = {
    "schema": {
        "type": "object",
        "properties": {
            "providers": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/ProviderDocument"},
            }
        },
        "required": ["providers"],
        "additionalProperties": False,
    }
}


def _filters(
    request: Request,
    caller: Reader,
    market: Annotated[str | None, Query(description="Serves this country.")] = None,
    service: Annotated[str | None, Query(description="Offers this service (there).")] = None,
    category: Annotated[
        str | None,
        Query(
            description="Some lane (there) takes these goods: a category, or a word as `perfume`."
        ),
    ] = None,
    dangerous_goods: Annotated[
        str | None,
        Query(
            description="Some node may hold this UN class or division. With market, service, "
            "category, weight, cost or lead time: a lane that fits them begins at such a node, or "
            "in its country, and does not refuse the whole class."
        ),
    ] = None,
    weight_grams: Annotated[
        int | None,
        Query(
            description="A lane that fits the other filters carries a parcel of this weight, 1 to "
            "100,000,000 grams; each provider is shown with the cheapest such lane per currency."
        ),
    ] = None,
    cost_at_most: Annotated[
        int | None,
        Query(
            description="… for at most so many minor units of `currency`. Only lanes priced in "
            "that currency are compared: nothing is converted, there is no source of rates. Needs "
            "`weight_grams` and `currency`."
        ),
    ] = None,
    currency: Annotated[
        str | None, Query(description="A lane that fits is priced in it (ISO 4217).")
    ] = None,
    lead_days_at_most: Annotated[
        float | None,
        Query(description="A lane that fits takes at most so many days in 9 of 10 cases (P90)."),
    ] = None,
    standing: Annotated[
        list[str] | None, Query(description="Stands there; several: at one of them.")
    ] = None,
    text: Annotated[str | None, Query(description="Part of id, name or description.")] = None,
) -> Filters:
    given = [name for name, _ in request.query_params.multi_items()]
    check_names(given, (*NAMES, *_PAGE), SEVERAL)
    return read_filters(
        caller.gates.library.vocabulary,
        market=market,
        service=service,
        category=category,
        dangerous_goods=dangerous_goods,
        weight_grams=weight_grams,
        cost_at_most=cost_at_most,
        currency=currency,
        lead_days_at_most=lead_days_at_most,
        standing=standing or (),
        text=text,
    )


async def _source(request: Request) -> Source:
    """The body as text, and whether it is JSON. Raises InvalidRequest."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (_JSON, *_YAML):
        message = f"a body of type `{kind or 'none'}` cannot be imported"
        hint = f"Content-Type: {_YAML[0]} or {_JSON}"
        raise InvalidRequest(message, errors=[FieldError("Content-Type", message, hint)])
    try:
        text = (await request.body()).decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"not UTF-8 at byte {error.start}"
        raise InvalidRequest(message, errors=[FieldError("", message, "send UTF-8")]) from None
    return Source("body", text, is_json=kind == _JSON)


@router.get("/providers", response_model=ProviderPage, responses=problems(401, 403, 422, 503))
def search_providers(
    request: Request,
    filters: Annotated[Filters, Depends(_filters)],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before.")] = None,
) -> dict[str, Any]:
    """Providers by what they offer, what it costs and takes, standing and text, in order of id.

    All that is asked of a lane must hold of one and the same lane.
    """
    check_cursor(cursor)
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine) as session:
        found = search(session, filters, after=cursor, limit=limit + 1)
    shown = found[:limit]
    return {
        "providers": [_summary(one) for one in shown],
        "next_cursor": shown[-1].id if len(found) > limit else None,
    }


@router.post(
    "/providers/import",
    response_model=ImportOut,
    responses=problems(401, 403, 413, 422, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {_JSON: _IMPORTED, _YAML[0]: _IMPORTED},
        }
    },
)
def import_providers(
    request: Request, caller: Writer, source: Annotated[Source, Depends(_source)]
) -> dict[str, list[str]]:
    """Write several providers, or none of them: errors have a pointer, in YAML line and column."""
    documents = read_documents([source], caller.gates.library.vocabulary)
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine, write=True) as session:
        return registry.put_all(session, documents, datetime.now(UTC))


@router.get(
    "/providers/{provider_id}",
    response_model=ProviderOut,
    responses=problems(401, 403, 404, 422, 503),
)
def read_provider(provider_id: str, request: Request, _caller: Reader) -> ProviderOut:
    """A provider's document, its lists in the order of their ids, and where the provider stands."""
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine) as session:
        return _out(session, provider_id)


@router.put(
    "/providers/{provider_id}",
    response_model=ProviderOut,
    responses={
        200: {"model": ProviderOut, "description": _REPLACED},
        201: {"model": ProviderOut, "description": "A new provider, an applicant"},
        **problems(400, 401, 403, 413, 422, 503),
    },
)
def put_provider(
    provider_id: str,
    document: ProviderDocument,
    request: Request,
    response: Response,
    caller: Writer,
) -> ProviderOut:
    """Write a provider in whole: what the document does not say is no longer so."""
    if document.id != provider_id:
        message = f"the document is of `{document.id}`, the address of `{provider_id}`"
        raise InvalidRequest(message, errors=[FieldError("/id", message, "the same in both")])
    check(document, caller.gates.library.vocabulary)
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine, write=True) as session:
        created = registry.put(session, document, datetime.now(UTC))
        response.status_code = 201 if created else 200
        return _out(session, provider_id)


def _out(session: Session, provider_id: str) -> ProviderOut:
    found = registry.provider(session, provider_id)
    return ProviderOut(
        document=registry.get(session, provider_id),
        standing=found.standing,
        standing_since=found.standing_since,
        registered_at=found.registered_at,
    )


def _summary(found: Found) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": found.name,
        "sample": found.sample,
        "standing": found.standing,
        "standing_since": found.standing_since,
        "services": [
            {"service": service, "markets": markets} for service, markets in found.services.items()
        ],
        "cheapest": None if found.cheapest is None else [lane_offer(one) for one in found.cheapest],
    }
