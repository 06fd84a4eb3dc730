"""What a vetting goes by: the gate's request, from the registry, the counts and the incidents."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, case, func
from sqlmodel import Session, SQLModel, col, select

from governance.gates.provider_facts import metrics
from governance.providers.events.observation import microseconds
from governance.providers.models import DeclaredSla, Licence, Provider, ProviderService, Standing
from governance.providers.performance.rates import NOW, RATES, Rate
from governance.providers.vetting.models import Incident
from governance.rules.vocabulary import Vocabulary

WINDOW = timedelta(days=90)
"""How far back shipments prove anything, for or against: the longest window that is published."""

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
        for service, market, trials, hits in _counts(session, rate, provider_id, now):
            if (service, market) in cells:
                cells[service, market][rate.name] = {"successes": hits, "trials": trials}
    return cells


def _counts(
    session: Session, rate: Rate, provider_id: str, now: datetime
) -> Iterator[tuple[str, str, int, int]]:
    """Trials and hits by service and market, of what happened in the window up to `now`."""
    between = {"since": microseconds(now - WINDOW), "now": microseconds(now)}
    asked = {"provider_id": provider_id} | between
    for service, market, trials, hits in session.connection().execute(_question(rate), asked):
        yield service, market, trials, int(hits)


@lru_cache
def _question(rate: Rate) -> Select[Any]:
    table = rate.model.__table__.c  # type: ignore[attr-defined]
    cell = table.service, table.market
    return (
        select(*cell, func.count(), func.sum(case((rate.hit, 1), else_=0)))
        .where(
            table.provider_id == bindparam("provider_id"),
            rate.counts,
            rate.at > bindparam("since", type_=BigInteger),
            rate.at <= NOW,
        )
        .group_by(*cell)
    )


def _of(session: Session, model: type[SQLModel], provider_id: str, *order: Any) -> Any:
    mine = select(model).where(model.provider_id == provider_id)  # type: ignore[attr-defined]
    return session.exec(mine.order_by(*(col(one) for one in order))).all()
