"""Plays the demo's history: providers register, events come in, vettings follow, day after day."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta

from governance.access.caller import Caller
from governance.db import transaction
from governance.demo.history import Event, made_up_events
from governance.errors import GovernanceError
from governance.gates.pipeline import Pipeline
from governance.providers import registry
from governance.providers.documents import ProviderDocument
from governance.providers.events.ingest import ingest
from governance.providers.events.lines import Line
from governance.providers.events.report import Report
from governance.providers.vetting.service import vet_each

DAYS_BEFORE = (120, 60, 28, 16, 9, 0)
"""So many days before the end everybody is vetted."""

LATER = {"cainiao": 16}
"""So many days before the end it registers; all others do on the first day."""


def end_of(day: str) -> datetime:
    """The instant of the demo: noon (UTC) of its day."""
    return datetime.combine(datetime.fromisoformat(day), time(12), UTC)


def play(
    pipeline: Pipeline,
    documents: Sequence[ProviderDocument],
    until: datetime,
    *,
    tell: Callable[[str, float], None] = lambda what, done: None,
) -> None:
    """Let the providers' history happen, up to an instant.

    Nothing is written but by the doors that real data takes: the registry, the intake of events,
    the vetting under the release in force. `tell` hears what is being done, and which share of all
    events has come in. Raises what the vetting raises, and ValueError where an event is refused.
    """
    tell("Making up events", 0)
    events = made_up_events(documents, until)
    with transaction(pipeline.engine) as session:
        caller = Caller("demo", "reviewer", pipeline.gates(session))
    done = 0
    for days in DAYS_BEFORE:
        now = until - timedelta(days=days)
        new = [one for one in documents if LATER.get(one.id, DAYS_BEFORE[0]) == days]
        with transaction(pipeline.engine, write=True) as session:
            registry.put_all(session, new, now)
        upto = next((i for i in range(done, len(events)) if events[i].at > now), len(events))
        _take_in(
            pipeline,
            events[done:upto],
            now,
            lambda report, before=done: tell(  # type: ignore[misc]
                "Taking in their events", (before + report.read) / len(events)
            ),
        )
        done = upto
        tell(f"Vetting as of {now:%d %B}", done / max(len(events), 1))
        known = [one.id for one in documents if LATER.get(one.id, DAYS_BEFORE[0]) >= days]
        _vet(pipeline, caller, known, now, last=days == 0)


def _take_in(
    pipeline: Pipeline,
    events: Iterable[Event],
    now: datetime,
    tell: Callable[[Report], None],
) -> None:
    lines = (Line(number, event.body) for number, event in enumerate(events, 1))
    report = ingest(pipeline.engine, lines, now, tell=tell)
    if report.set_aside:
        raise ValueError(f"A made-up event was refused: {report.set_aside[0].message}")


def _vet(
    pipeline: Pipeline, caller: Caller, provider_ids: Sequence[str], now: datetime, *, last: bool
) -> None:
    """Vet them; on the last day also what did not change is put on the record, as it is then."""
    for _, vetted in vet_each(pipeline, caller, provider_ids, now=now, unless_same=not last):
        if isinstance(vetted, GovernanceError):
            raise vetted
