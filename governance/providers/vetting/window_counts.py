"""The counts that prove anything: plain and whole, of the last 90 days, of one provider."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, case, func, select
from sqlmodel import Session

from governance.providers.events.observation import microseconds
from governance.providers.performance.rates import NOW, Rate

WINDOW = timedelta(days=90)
"""How far back shipments prove anything, for or against: the longest window that is published."""


def window_counts(
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
