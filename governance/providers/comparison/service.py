"""Puts providers side by side: the registry, what was counted, and live quotes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from governance.db import transaction
from governance.providers.comparison.best import mark_best
from governance.providers.comparison.query import Asked
from governance.providers.comparison.quotes import quotes
from governance.providers.comparison.registered import (
    compared,
    lanes_there,
    nodes,
    offering,
    promises,
    refused,
)
from governance.providers.comparison.schemas import (
    ComparedMetric,
    ComparisonOut,
    NotKnown,
    ProviderRow,
)
from governance.providers.connectors.opened import Opened
from governance.providers.lanes import Offer, cheapest, fastest
from governance.providers.models import Lane, Provider
from governance.providers.performance.counts import WINDOWS
from governance.providers.performance.metrics import Metric, metrics
from governance.providers.performance.priors import Priors
from governance.providers.performance.schemas import DurationOut, EstimateOut
from governance.providers.schemas import lane_offer
from governance.providers.words import METRICS


def compare_providers(
    engine: Engine,
    connectors: Mapping[str, Opened],
    priors: Priors,
    asked: Asked,
    now: datetime,
    deadline: float,
) -> ComparisonOut:
    """The providers with all that is known of each for this parcel, in the order of their ids.

    Rates are estimated from the `priors` of the day of `now`, and from what was counted up to now.
    Their own systems are asked for quotes where they have a connector, from `from_country` or else
    from where their fastest lane begins, for at most `deadline` seconds; one that fails says so in
    its row and spoils no other. Raises InvalidRequest where there is no such provider.
    """
    with transaction(engine) as session:
        found, note = compared(session, asked)
        rows = _rows(session, asked, found, priors, now)
    origins = {row.id: _origin(asked, row) for row in rows}
    quoted = quotes(connectors, asked, origins, deadline)
    for row in rows:
        row.quote = quoted.get(row.id)
        row.not_known.extend(_not_quoted(row))
    mark_best(rows)
    return ComparisonOut(
        market=asked.market,
        service=asked.service,
        weight_grams=asked.weight_grams,
        goods=list(asked.goods),
        from_country=asked.lane.from_country,
        as_of=now,
        note=note,
        providers=rows,
    )


def _origin(asked: Asked, row: ProviderRow) -> str | None:
    if asked.lane.from_country is not None:
        return asked.lane.from_country
    return None if row.fastest is None else row.fastest.from_country


def _rows(
    session: Session, asked: Asked, providers: Sequence[Provider], priors: Priors, now: datetime
) -> list[ProviderRow]:
    ids = [one.id for one in providers]
    offered = offering(session, asked)
    low, fast = cheapest(session, asked.lane, ids), fastest(session, asked.lane, ids)
    rows = []
    for one in providers:
        counted = metrics(session, now, one.id, priors=priors)
        offers = low.get(one.id, []), fast.get(one.id)
        rows.append(_row(session, asked, one, one.id in offered, counted, *offers))
    return rows


def _row(
    session: Session,
    asked: Asked,
    provider: Provider,
    offers_service: bool,
    counted: Sequence[Metric],
    low: Sequence[Offer],
    fast: Offer | None,
) -> ProviderRow:
    lanes = lanes_there(session, asked, provider.id)
    row = ProviderRow(
        id=provider.id,
        name=provider.name,
        sample=provider.sample,
        standing=provider.standing,
        standing_since=provider.standing_since,
        offers_service=offers_service,
        metrics=_in_market(asked, counted),
        slas=promises(session, asked, provider.id),
        cheapest=[lane_offer(one) for one in low],
        fastest=None if fast is None else lane_offer(fast),
        refuses=refused(lanes, asked.lane.refusable),
        nodes=nodes(session, asked, provider.id),
        quote=None,
        not_known=[],
        best=[],
    )
    row.not_known.extend(_not_known(asked, row, lanes))
    return row


def _in_market(asked: Asked, counted: Sequence[Metric]) -> list[ComparedMetric]:
    """The metrics of the service in the market."""
    here = (asked.service.value, asked.market, None)
    longest = max(WINDOWS)
    return [
        ComparedMetric(
            name=one.name,
            lower_is_better=one.lower_is_better,
            estimate=None if one.estimate is None else EstimateOut(**asdict(one.estimate)),
            duration=DurationOut(days=longest, **asdict(one.durations[longest]))
            if longest in one.durations
            else None,
        )
        for one in counted
        if (one.service, one.market, one.lane) == here
    ]


def _not_known(asked: Asked, row: ProviderRow, lanes: Sequence[Lane]) -> Iterator[NotKnown]:
    there = f"{asked.service.value} in {asked.market}"
    if not row.offers_service:
        yield NotKnown(field="offers_service", why=f"{there} is not among its services")
    counted = {one.name for one in row.metrics}
    if missing := [name for name in METRICS if name not in counted]:
        of = f" for {', '.join(missing)}" if counted else ""
        yield NotKnown(field="metrics", why=f"nothing was counted yet of {there}{of}")
    if not row.slas:
        yield NotKnown(field="slas", why=f"nothing is promised of {there}")
    way = f"{asked.service.value} to {asked.market}"
    if asked.lane.from_country is not None:
        way += f" from {asked.lane.from_country}"
    if not lanes:
        why = f"no lane of {way} is declared"
        yield from (NotKnown(field=name, why=why) for name in ("cheapest", "fastest", "refuses"))
    elif row.fastest is None:
        why = f"none of its lanes of {way} takes these goods at {asked.weight_grams:,} g"
        yield from (NotKnown(field=name, why=why) for name in ("cheapest", "fastest"))
    if not row.nodes:
        yield NotKnown(field="nodes", why=f"no node in {asked.market} is declared")


def _not_quoted(row: ProviderRow) -> Iterator[NotKnown]:
    if row.quote is None:
        yield NotKnown(field="quote", why="it has no connector: nobody can be asked")
    elif row.quote.rates is None:
        yield NotKnown(field="quote", why="its system gave none: `quote.messages` say why")
