"""Vetting over HTTP: vet, explain a standing, incidents, and the feed of standing changes."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from sqlmodel import Session

from governance.access.caller import Caller, may
from governance.access.parameters import check_names
from governance.db import transaction
from governance.gates.pipeline import Pipeline
from governance.problems import problems
from governance.providers import registry
from governance.providers.models import Standing
from governance.providers.vetting import incidents
from governance.providers.vetting.explanation import explain
from governance.providers.vetting.feed import cloud_event
from governance.providers.vetting.models import Incident, Severity
from governance.providers.vetting.schemas import (
    IncidentAnswer,
    IncidentClosing,
    IncidentIn,
    IncidentList,
    StandingChanges,
    StandingOut,
    VettingIn,
    VettingOut,
)
from governance.providers.vetting.service import Vetted, vet
from governance.providers.vetting.standing import changes_after

router = APIRouter(prefix="/v1", tags=["vetting"])
Reader = Annotated[Caller, Depends(may("providers:read"))]
Vetter = Annotated[Caller, Depends(may("providers:vet"))]
_MOST = 2**63 - 1
_Number = Annotated[int, Path(ge=1, le=_MOST)]


@router.post(
    "/providers/{provider_id}/vettings",
    response_model=VettingOut,
    responses=problems(400, 401, 403, 404, 409, 413, 422, 503),
)
def vet_provider(
    provider_id: str, asked: VettingIn, request: Request, caller: Vetter
) -> dict[str, Any]:
    """Vet a provider now. The decision, and a step that follows from it, are one transaction.

    A standing that is `wanted` is judged, too: the answer says where the provider stands after it.
    409 where no step leads there.
    """
    pipeline: Pipeline = request.app.state.pipeline
    wanted = None if asked.wanted is None else Standing(asked.wanted)
    with transaction(pipeline.engine, write=True) as session:
        return _out(vet(session, caller, provider_id, wanted=wanted))


@router.get(
    "/providers/{provider_id}/standing",
    response_model=StandingOut,
    responses=problems(401, 403, 404, 422, 503),
)
def explain_standing(provider_id: str, request: Request, _caller: Reader) -> dict[str, Any]:
    """Where a provider stands and why: its latest vetting cell by cell, and every step it took."""
    check_names([name for name, _ in request.query_params.multi_items()], ())
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine) as session:
        return explain(session, pipeline, provider_id)


@router.get(
    "/providers/{provider_id}/incidents",
    response_model=IncidentList,
    responses=problems(401, 403, 404, 422, 503),
)
def list_incidents(provider_id: str, request: Request, _caller: Reader) -> dict[str, Any]:
    """A provider's incidents, the newest first."""
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine) as session:
        registry.provider(session, provider_id)
        return {"incidents": incidents.incidents(session, provider_id)}


@router.post(
    "/providers/{provider_id}/incidents",
    response_model=IncidentAnswer,
    status_code=201,
    responses=problems(400, 401, 403, 404, 413, 422, 503),
)
def open_incident(
    provider_id: str, asked: IncidentIn, request: Request, caller: Vetter
) -> dict[str, Any]:
    """Write an incident down and vet the provider: a grave one suspends it at once."""
    pipeline: Pipeline = request.app.state.pipeline
    today = datetime.now(UTC).date()
    with transaction(pipeline.engine, write=True) as session:
        registry.locked(session, provider_id)
        incident = incidents.open_incident(
            session,
            provider_id,
            Severity(asked.severity),
            asked.title,
            asked.description,
            _day(asked.opened_on, today),
            caller.id,
            today,
        )
        return _answer(session, caller, incident)


@router.post(
    "/providers/{provider_id}/incidents/{number}/close",
    response_model=IncidentAnswer,
    responses=problems(400, 401, 403, 404, 409, 413, 422, 503),
)
def close_incident(
    provider_id: str, number: _Number, asked: IncidentClosing, request: Request, caller: Vetter
) -> dict[str, Any]:
    """Close an incident with how it was resolved, and vet the provider."""
    pipeline: Pipeline = request.app.state.pipeline
    today = datetime.now(UTC).date()
    with transaction(pipeline.engine, write=True) as session:
        registry.locked(session, provider_id)
        incident = incidents.close_incident(
            session,
            provider_id,
            number,
            _day(asked.closed_on, today),
            caller.id,
            asked.resolution,
            today,
        )
        return _answer(session, caller, incident)


@router.get(
    "/standing-changes",
    response_model=StandingChanges,
    responses=problems(401, 403, 422, 503),
)
def follow_standing_changes(
    request: Request,
    _caller: Reader,
    after: Annotated[
        int, Query(ge=0, le=_MOST, description="`next_after` of the answer before; 0: all.")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """Every provider's steps as CloudEvents, in their order, none left out: ask again with
    `next_after` to follow them.
    """
    check_names([name for name, _ in request.query_params.multi_items()], ("after", "limit"))
    pipeline: Pipeline = request.app.state.pipeline
    with transaction(pipeline.engine) as session:
        changes = changes_after(session, after, limit)
    return {
        "events": [cloud_event(one) for one in changes],
        "next_after": changes[-1].number if changes else after,
    }


def _answer(session: Session, caller: Caller, incident: Incident) -> dict[str, Any]:
    vetted = vet(session, caller, incident.provider_id)
    return {"incident": incident, "vetting": _out(vetted)}


def _day(given: str | None, today: date) -> date:
    return today if given is None else date.fromisoformat(given)


def _out(vetted: Vetted) -> dict[str, Any]:
    return {
        "provider": vetted.provider_id,
        "decision_id": vetted.decision_id,
        "standing_before": vetted.before,
        "standing": vetted.after,
        "reasons": vetted.reasons,
        "cells": vetted.cells,
    }
