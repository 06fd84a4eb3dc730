"""Providers to vet: registered, with shipments that prove something or not, and vetted."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from event_cases import event
from sqlalchemy import Engine
from sqlmodel import Session, col, update

from governance.access.caller import Caller
from governance.db import transaction
from governance.decisions import service as decisions
from governance.gates.pipeline import Pipeline, open_pipeline
from governance.providers import registry
from governance.providers.documents import ProviderDocument
from governance.providers.events.ingest import ingest
from governance.providers.events.lines import Line
from governance.providers.models import Provider, Standing, StandingChange
from governance.providers.vetting.service import Vetted, vet
from governance.settings import Settings

_numbers = count(1)


def opened(folder: Path, database_url: str | None = None) -> Pipeline:
    """The service's pipeline over the release that we ship and an empty database."""
    return open_pipeline(Settings(data_dir=folder, database_url=database_url))


def caller(pipeline: Pipeline) -> Caller:
    with transaction(pipeline.engine) as session:
        return Caller("test", "reviewer", pipeline.gates(session))


def document(provider_id: str, *services: tuple[str, list[str]], **more: Any) -> ProviderDocument:
    """A provider that does last mile in the US, or these services in these markets."""
    offered = services or (("last_mile", ["US"]),)
    return ProviderDocument.model_validate(
        {
            "id": provider_id,
            "name": provider_id.title(),
            "services": [{"service": name, "markets": markets} for name, markets in offered],
        }
        | more
    )


def register(pipeline: Pipeline, written: ProviderDocument) -> str:
    with transaction(pipeline.engine, write=True) as session:
        registry.put(session, written, datetime.now(UTC))
    return written.id


def shipped(
    provider_id: str, total: int, late: int = 0, *, days_ago: float = 5, **more: Any
) -> Iterator[dict[str, Any]]:
    """Every event of so many shipments, some of them late; tracked, none lost or cancelled."""
    now = datetime.now(UTC) - timedelta(days=days_ago)
    for place in range(total):
        number = next(_numbers)
        data = {"provider": provider_id, "shipment": f"s-{number}", "market": "US"} | more
        promised = (now + timedelta(days=2)).isoformat()
        arrives = now + timedelta(days=3 if place < late else 1)
        for name, at in (
            ("accepted", now),
            ("shipped", now + timedelta(hours=1)),
            ("tracked", now + timedelta(hours=8)),
            ("delivered", arrives),
        ):
            promise = {"promised_at": promised} if name == "accepted" else {}
            yield event(name, id=f"v-{number}-{name}", time=at.isoformat(), **data, **promise)


def send(pipeline: Pipeline, events: Iterable[dict[str, Any]]) -> None:
    """Take these events in, every one of them."""
    given = [Line(place, json.dumps(one).encode()) for place, one in enumerate(events, 1)]
    report = ingest(pipeline.engine, given, datetime.now(UTC))
    assert report.accepted == len(given), report


def vetted(pipeline: Pipeline, provider_id: str, **more: Any) -> Vetted:
    """Vet it now, in a transaction of its own."""
    with transaction(pipeline.engine, write=True) as session:
        return vet(session, caller(pipeline), provider_id, **more)


def standing_of(engine: Engine, provider_id: str) -> Standing:
    with transaction(engine) as session:
        return registry.provider(session, provider_id).standing


def record_vetting(session: Session, gate: str = "provider") -> str:
    """A decision of this gate on the record, for a step to rest on."""
    return decisions.append(
        session,
        gate=gate,
        path="governance.test",
        release="sha256:test",
        input_json="{}",
        result_json="{}",
        requested_by="test",
        labels={},
        metrics={},
        verdicts={},
    )


def walk(engine: Engine, provider_id: str, *standings: Standing) -> None:
    """Lead a provider through these standings as the database lets it: a decision a step."""
    with transaction(engine, write=True) as session:
        for to in standings:
            provider = registry.provider(session, provider_id)
            step = StandingChange(
                provider_id=provider_id,
                from_standing=provider.standing.value,
                to_standing=to.value,
                decision_id=record_vetting(session),
                reason="test",
                touches={},
                changed_at=datetime.now(UTC),
            )
            session.add(step)
            session.flush()
            mine = col(Provider.id) == provider_id
            session.connection().execute(update(Provider).where(mine).values(standing=to))
            session.refresh(provider)
