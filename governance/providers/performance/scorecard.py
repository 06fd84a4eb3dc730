"""A provider's scorecard: every metric that applies, its course, and the promise beside it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from governance.gates.provider_facts import bounds_of, contradicts
from governance.planning.trend import BEFORE_DAYS, DAYS, RECENT_DAYS, WEEK_DAYS, Tally, Trend, trend
from governance.providers import registry
from governance.providers.events.observation import microseconds
from governance.providers.models import DeclaredSla, Provider, ProviderService, Service
from governance.providers.performance.counts import WINDOWS, Cell, daily_counts
from governance.providers.performance.metrics import Metric, metrics
from governance.providers.performance.priors import Priors
from governance.providers.performance.rates import RATES
from governance.providers.performance.schemas import DurationOut, EstimateOut, WindowOut
from governance.providers.performance.scorecard_query import Asked
from governance.providers.performance.scorecard_schemas import (
    CertainOut,
    DeclaredPromise,
    PeriodOut,
    ScorecardOut,
    ScoredCell,
    ScoredMetric,
    ScoredProvider,
    TrendOut,
)
from governance.providers.words import METRICS

_ORDERS = ("on_time_delivery", "valid_tracking", "cancellation", "loss_damage")
APPLIES: Mapping[Service, Sequence[str]] = {
    Service.FULFILMENT: (*_ORDERS, "inventory_accuracy", "claim_answered_48h"),
    Service.LINE_HAUL: (*_ORDERS, "claim_answered_48h"),
    Service.CUSTOMS_BROKERAGE: (
        "customs_within_48h",
        "customs_dwell_hours",
        "claim_answered_48h",
    ),
    Service.LAST_MILE: (*_ORDERS, "claim_answered_48h"),
    Service.RETURNS: (
        "return_turnaround_days",
        "return_within_14d",
        "loss_damage",
        "claim_answered_48h",
    ),
}
"""The metrics that a service is looked at by, whether or not anything was counted yet."""

_RATES = {rate.name: rate for rate in RATES}
_LONGEST = max(WINDOWS)


def scorecard(session: Session, provider_id: str, asked: Asked, priors: Priors) -> ScorecardOut:
    """How a provider did up to an instant, in every service and market that it offers or was at.

    `priors` are those of the instant's day (`DailyPriors.at`). The standing and the promises are
    those of now. Raises NotFound.
    """
    provider = registry.provider(session, provider_id)
    return ScorecardOut(
        provider=ScoredProvider(
            id=provider.id,
            name=provider.name,
            sample=provider.sample,
            standing=provider.standing,
            standing_since=provider.standing_since,
        ),
        as_of=asked.as_of,
        cells=list(_cells(session, provider, asked, priors)),
    )


def _cells(
    session: Session, provider: Provider, asked: Asked, priors: Priors
) -> Iterator[ScoredCell]:
    counted: dict[tuple[str, str], dict[str, Metric]] = defaultdict(dict)
    for one in metrics(session, asked.as_of, provider.id, priors=priors):
        if one.service is not None and one.market is not None and one.lane is None:
            counted[one.service, one.market][one.name] = one
    trends = _trends(session, provider.id, asked.as_of)
    mine = select(ProviderService).where(col(ProviderService.provider_id) == provider.id)
    offered = {(one.service.value, one.market) for one in session.exec(mine)}
    promises = _promises(session, provider.id)
    for cell in sorted(offered | counted.keys()):
        service, market = Service(cell[0]), cell[1]
        if asked.service not in (None, service) or asked.market not in (None, market):
            continue
        declared: dict[str, list[DeclaredSla]] = defaultdict(list)
        for promise in promises:
            if promise.service is service and promise.market in ("*", market):
                declared[promise.metric].append(promise)
        names = {*APPLIES[service], *counted[cell], *declared}
        scored = []
        for name in (name for name in METRICS if name in names):
            found, promised = counted[cell].get(name), declared[name]
            if name in _RATES:
                course = trends[name].get(Cell(provider.id, *cell), trend([]))
                scored.append(_rate(name, found, promised, course, asked.as_of))
            else:
                scored.append(_duration(name, found, promised))
        yield ScoredCell(service=service, market=market, offered=cell in offered, metrics=scored)


def _promises(session: Session, provider_id: str) -> Sequence[DeclaredSla]:
    mine = select(DeclaredSla).where(col(DeclaredSla.provider_id) == provider_id)
    return session.exec(mine.order_by(col(DeclaredSla.market))).all()


def _trends(session: Session, provider_id: str, as_of: datetime) -> dict[str, dict[Cell, Trend]]:
    """The trends of every rate of which anything was counted, by its name and cell."""
    now = microseconds(as_of)
    return {
        rate.name: {
            cell: trend(days, lower_is_better=rate.lower_is_better)
            for cell, days in daily_counts(session, rate, now, provider_id, DAYS).items()
        }
        for rate in RATES
    }


def _rate(
    name: str,
    found: Metric | None,
    promised: Sequence[DeclaredSla],
    course: Trend,
    as_of: datetime,
) -> ScoredMetric:
    lower_is_better = _RATES[name].lower_is_better
    windows = found.windows if found else dict.fromkeys(WINDOWS, (0, 0))
    hits, trials = windows[_LONGEST]
    bounds = bounds_of(hits, trials, lower_is_better=lower_is_better)
    estimate = found.estimate if found else None
    return ScoredMetric(
        name=name,
        unit=METRICS[name],
        lower_is_better=lower_is_better,
        shipments=estimate.shipments if estimate else 0,
        windows=[
            WindowOut(days=days, hits=hits, trials=trials)
            for days, (hits, trials) in windows.items()
        ],
        estimate=EstimateOut(**asdict(estimate)) if estimate else None,
        certain=CertainOut(**bounds._asdict()),
        promises=[
            DeclaredPromise(
                market=one.market,
                value=one.value,
                contradicted=contradicts(bounds, one.value, lower_is_better=lower_is_better),
            )
            for one in promised
        ],
        trend=_course(course, as_of),
        durations=[],
    )


def _duration(name: str, found: Metric | None, promised: Sequence[DeclaredSla]) -> ScoredMetric:
    durations = found.durations if found else {}
    return ScoredMetric(
        name=name,
        unit=METRICS[name],
        lower_is_better=True,
        shipments=durations[_LONGEST].shipments if durations else 0,
        windows=[],
        estimate=None,
        certain=None,
        promises=[
            DeclaredPromise(market=one.market, value=one.value, contradicted=None)
            for one in promised
        ],
        trend=None,
        durations=[DurationOut(days=days, **asdict(took)) for days, took in durations.items()],
    )


def _course(found: Trend, as_of: datetime) -> TrendOut:
    def period(counts: Tally, begins: int, ends: int) -> PeriodOut:
        since, until = (as_of - timedelta(days=days) for days in (begins, ends))
        return PeriodOut(begins=since, ends=until, hits=counts.hits, trials=counts.trials)

    back = range(len(found.weeks), 0, -1)
    return TrendOut(
        direction=found.direction,
        recent=period(found.recent, RECENT_DAYS, 0),
        before=period(found.before, RECENT_DAYS + BEFORE_DAYS, RECENT_DAYS),
        weeks=[
            period(week, WEEK_DAYS * number, WEEK_DAYS * (number - 1))
            for week, number in zip(found.weeks, back, strict=True)
        ],
    )
