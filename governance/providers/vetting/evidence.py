"""What a vetting goes by: the gate's request, from the registry, the counts and the incidents."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from governance.gates.provider_facts import metrics
from governance.providers.models import DeclaredSla, Licence, Provider, ProviderService, Standing
from governance.providers.performance.rates import RATES
from governance.providers.vetting.models import Incident
from governance.providers.vetting.window_counts import window_counts
from governance.rules.vocabulary import Vocabulary

Cells = dict[tuple[str, str], dict[str, dict[str, int]]]


def vetting_request(
    session: Session,
    provider: Provider,
    vocabulary: Vocabulary,
    now: datetime,
    wanted: Standing | None,
) -> dict[str, Any]:
    """The request of the provider gate (`provider_facts.ProviderRequest`) at an instant.

    Counts are plain and whole, of the last 90 days, in every service and market that the provider
    says it serves; where nothing happened they are zero.
    """
    cells = _cells(session, provider.id, vocabulary, now)
    return {
        "as_of": now.astimezone(UTC).date().isoformat(),
        "provider": {
            "id": provider.id,
            "standing": provider.standing.value,
            "sample": provider.sample,
        },
        "cells": [
            {"service": service, "market": market, "metrics": counts}
            for (service, market), counts in sorted(cells.items())
        ],
        "licences": [
            {
                "type": one.type,
                "jurisdiction": one.jurisdiction,
                "valid_from": one.valid_from.isoformat(),
                "valid_to": one.valid_to and one.valid_to.isoformat(),
            }
            for one in _of(session, Licence, provider.id, Licence.id)
        ],
        "incidents": [
            {
                "severity": one.severity.value,
                "opened_on": one.opened_on.isoformat(),
                "closed_on": one.closed_on and one.closed_on.isoformat(),
            }
            for one in _of(session, Incident, provider.id, Incident.number)
        ],
        "declared": [
            {
                "service": one.service.value,
                "market": one.market,
                "metric": one.metric,
                "value": one.value,
            }
            for one in _of(
                session,
                DeclaredSla,
                provider.id,
                DeclaredSla.service,
                DeclaredSla.market,
                DeclaredSla.metric,
            )
        ],
        "reinstatement_requested": wanted is Standing.REINSTATED,
        "delisting_requested": wanted is Standing.DELISTED,
    }


def _cells(session: Session, provider_id: str, vocabulary: Vocabulary, now: datetime) -> Cells:
    looked_at = metrics(vocabulary)
    cells: Cells = {
        (one.service.value, one.market): {
            metric: {"successes": 0, "trials": 0} for metric in looked_at
        }
        for one in _of(session, ProviderService, provider_id)
    }
    for rate in RATES:
        if rate.name not in looked_at:
            continue
        for service, market, trials, hits in window_counts(session, rate, provider_id, now):
            if (service, market) in cells:
                cells[service, market][rate.name] = {"successes": hits, "trials": trials}
    return cells


def _of(session: Session, model: type[SQLModel], provider_id: str, *order: Any) -> Any:
    mine = select(model).where(model.provider_id == provider_id)  # type: ignore[attr-defined]
    return session.exec(mine.order_by(*(col(one) for one in order))).all()
