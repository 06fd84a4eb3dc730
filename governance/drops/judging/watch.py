"""Keeps drops true: judges again whatever a change may stop, and closes sales that are over."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event

from sqlmodel import Session, col, select

from governance.access.caller import Caller
from governance.background import repeated
from governance.db import transaction
from governance.drops import registry
from governance.drops.judging.gate import Judged, judge
from governance.drops.models import Drop, DropState, PlanProvider
from governance.drops.rates import store as exchange_rates
from governance.drops.states import take_step
from governance.errors import GovernanceError
from governance.gates.pipeline import Pipeline
from governance.providers.models import Provider
from governance.providers.vetting.models import Vetting

CALLER = "continuous-judging"
"""Who asked for these decisions, on the record."""

WATCHED = (DropState.LIVE, DropState.APPROVED, DropState.NEEDS_REVIEW)
_WATCHED = col(Drop.state).in_(WATCHED)

_log = logging.getLogger(__name__)

World = tuple[object, ...]
"""All that a verdict can change with: release, day, rates, and what its providers are."""


@contextmanager
def judging(pipeline: Pipeline) -> Iterator[None]:
    """Judge drops again every `judging_interval_seconds` until the end of the block, on a thread.

    Several hosts may do so: a drop is locked while it is judged, and one that was judged meanwhile
    is only confirmed. What fails is said in the service's log, once, and tried again.
    """
    seen: dict[str, World] = {}

    def one_round(stopped: Event) -> Iterator[tuple[str, str]]:
        for drop_id, judged in judge_again(pipeline, seen, datetime.now(UTC), stopped):
            if isinstance(judged, GovernanceError):
                yield drop_id, judged.detail

    every = pipeline.settings.judging_interval_seconds
    with repeated("judging", every, one_round, _log, "Not judged again"):
        yield


def judge_again(
    pipeline: Pipeline, seen: dict[str, World], now: datetime, stopped: Event | None = None
) -> Iterator[tuple[str, Judged | GovernanceError]]:
    """One round: every watched drop whose world is not the one that was `seen` is judged again.

    Drops whose sale is over are closed. `seen` keeps the world in which each was judged; one that
    failed is left out of it, and so is tried again. Drops that stay as they are, are not given.
    """
    with transaction(pipeline.engine) as session:
        caller = Caller(CALLER, "service", pipeline.gates(session))
        due = [
            (drop.id, world)
            for drop, world in _worlds(session, caller, now)
            if seen.get(drop.id) != world
        ]
    for drop_id, world in due:
        if stopped is not None and stopped.is_set():
            return
        try:
            judged = _one(pipeline, caller, drop_id, now)
        except GovernanceError as error:
            seen.pop(drop_id, None)
            yield drop_id, error
        else:
            seen[drop_id] = world
            if judged is not None and judged.recorded:
                yield drop_id, judged


def _one(pipeline: Pipeline, caller: Caller, drop_id: str, now: datetime) -> Judged | None:
    with transaction(pipeline.engine, write=True) as session:
        drop = registry.locked(session, drop_id)
        if drop.state not in WATCHED:
            return None
        if drop.sale_to < now.astimezone(UTC).date():
            take_step(
                session,
                drop,
                DropState.CLOSED,
                actor=caller.id,
                reason=f"the sale ended on {drop.sale_to}",
                decision_id=None,
                now=now,
            )
            return None
        return judge(session, caller, drop, now=now, unless_same=True, because="judged again")


def _worlds(session: Session, caller: Caller, now: datetime) -> Iterator[tuple[Drop, World]]:
    """Every watched drop with what its verdict can change with."""
    today = now.astimezone(UTC).date()
    rates = exchange_rates.newest(session, today)
    standings = _standings(session)
    for drop in session.exec(select(Drop).where(_WATCHED).order_by(col(Drop.id))):
        known = rates and rates.day
        behind = frozenset(standings.get(drop.plan_id, ()))
        yield drop, (caller.gates.digest, today, known, drop.state, drop.plan_id, behind)


def _standings(session: Session) -> dict[int | None, list[object]]:
    """By plan: each provider behind it, where it stands, and the vetting that said so."""
    behind = (
        select(PlanProvider.plan_id, Provider.id, Provider.standing, Vetting.decision_id)
        .join(Drop, col(Drop.plan_id) == col(PlanProvider.plan_id))
        .join(Provider, col(Provider.id) == col(PlanProvider.provider_id))
        .outerjoin(Vetting, col(Vetting.provider_id) == col(Provider.id))
        .where(_WATCHED)
    )
    found: dict[int | None, list[object]] = {}
    for plan_id, *rest in session.exec(behind):
        found.setdefault(plan_id, []).append(tuple(rest))
    return found
