"""Finds providers by what they offer and where they stand, a page at a time, in order of id."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, not_, or_
from sqlmodel import Session, col, select

from governance.providers.lanes import Offer, Wanted, cheapest, fitting, lists
from governance.providers.models import Lane, Node, Provider, ProviderService, Standing


@dataclass(frozen=True)
class Filters:
    """Which providers are meant; None or empty: any.

    `lane` is what some lane has to do. One of market and service alone is looked for among what the
    provider offers, whether or not there are lanes; goods are also taken by one that has no lane
    that could refuse them; and a UN class alone is one that some node may hold. `standings` are
    those of which a provider has one; `text` is a part of id, name or description.
    """

    lane: Wanted = field(default_factory=Wanted)
    standings: tuple[Standing, ...] = ()
    text: str | None = None


@dataclass(frozen=True)
class Found:
    """A provider in a list; `services` are its markets by service.

    `cheapest` has a fitting lane for each currency; None where no weight was asked for.
    """

    id: str
    name: str
    sample: bool
    standing: Standing
    standing_since: datetime
    services: dict[str, list[str]]
    cheapest: list[Offer] | None


def search(
    session: Session, filters: Filters, *, after: str | None = None, limit: int = 50
) -> list[Found]:
    """At most `limit` providers whose id comes after `after`, in the order of their ids."""
    wanted = _conditions(session, filters)
    if after is not None:
        wanted.append(col(Provider.id) > after)
    chosen = select(Provider).where(*wanted).order_by(col(Provider.id)).limit(limit)
    providers = session.exec(chosen).all()
    ids = [one.id for one in providers]
    services = _services(session, ids)
    weighed = filters.lane.weight_grams is not None
    offers = cheapest(session, filters.lane, ids) if weighed else {}
    return [
        Found(
            id=one.id,
            name=one.name,
            sample=one.sample,
            standing=one.standing,
            standing_since=one.standing_since,
            services=services.get(one.id, {}),
            cheapest=offers.get(one.id, []) if weighed else None,
        )
        for one in providers
    ]


def _conditions(session: Session, filters: Filters) -> list[ColumnElement[bool]]:
    lane = filters.lane
    wanted: list[ColumnElement[bool]] = []
    if filters.standings:
        wanted.append(col(Provider.standing).in_(filters.standings))
    if lane.market is not None or lane.service is not None:
        wanted.append(_offers(lane))
    if _needs_a_lane(lane):
        wanted.append(_has_lane(session, lane))
    elif lane.refusable:
        there = Wanted(market=lane.market, service=lane.service)
        wanted.append(or_(_has_lane(session, lane), not_(_has_lane(session, there))))
    elif lane.dangerous_goods is not None:
        holds = lists(Node.dangerous_goods, lane.dangerous_goods)
        wanted.append(exists().where(col(Node.provider_id) == col(Provider.id), holds))
    if filters.text is not None:
        wanted.append(_says(filters.text))
    return wanted


def _needs_a_lane(lane: Wanted) -> bool:
    """Whether only a lane can do it: weight, cost and time are its own, and stock leaves by one."""
    if lane.dangerous_goods is not None and (lane.market or lane.service or lane.refusable):
        return True
    return (lane.weight_grams, lane.currency, lane.lead_days_at_most) != (None, None, None)


def _has_lane(session: Session, wanted: Wanted) -> ColumnElement[bool]:
    # Not EXISTS: SQLite would look through all lanes to a market again for every provider.
    return col(Provider.id).in_(select(Lane.provider_id).where(*fitting(session, wanted)))


def _offers(lane: Wanted) -> ColumnElement[bool]:
    offered = [col(ProviderService.provider_id) == col(Provider.id)]
    if lane.market is not None:
        offered.append(col(ProviderService.market) == lane.market)
    if lane.service is not None:
        offered.append(col(ProviderService.service) == lane.service)
    return exists().where(*offered)


def _says(text: str) -> ColumnElement[bool]:
    # Both sides in the database's own small letters: SQLite knows those of ASCII only.
    escaped = text.replace("/", "//").replace("%", "/%").replace("_", "/_")
    pattern = func.lower(f"%{escaped}%")
    columns = (Provider.id, Provider.name, Provider.description)
    return or_(*(func.lower(col(column)).like(pattern, escape="/") for column in columns))


def _services(session: Session, ids: Sequence[str]) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    of_page = select(ProviderService).where(col(ProviderService.provider_id).in_(ids))
    for row in sorted(session.exec(of_page), key=lambda row: (row.service.value, row.market)):
        found.setdefault(row.provider_id, {}).setdefault(row.service.value, []).append(row.market)
    return found
