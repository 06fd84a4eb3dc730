"""Finds providers by what they offer and where they stand, a page at a time, in order of id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, exists, func, not_, or_
from sqlmodel import Session, col, select

from governance.providers.models import Lane, Node, Provider, ProviderService, Service, Standing


@dataclass(frozen=True)
class Filters:
    """Which providers are meant; None or empty: any.

    `refusable` are words of which a lane must refuse none: a category and all above it. A provider
    is left out where every lane of it refuses one, among its lanes of `service` to `market`.
    `dangerous_goods` is a UN class that some node may hold; `text` is a part of id, name or
    description.
    """

    market: str | None = None
    service: Service | None = None
    refusable: tuple[str, ...] = ()
    dangerous_goods: str | None = None
    standing: Standing | None = None
    text: str | None = None


@dataclass(frozen=True)
class Found:
    """A provider in a list; `services` are its markets by service."""

    id: str
    name: str
    sample: bool
    standing: Standing
    standing_since: datetime
    services: dict[str, list[str]]


def search(
    session: Session, filters: Filters, *, after: str | None = None, limit: int = 50
) -> list[Found]:
    """At most `limit` providers whose id comes after `after`, in the order of their ids."""
    wanted = _conditions(filters)
    if after is not None:
        wanted.append(col(Provider.id) > after)
    chosen = select(Provider).where(*wanted).order_by(col(Provider.id)).limit(limit)
    providers = session.exec(chosen).all()
    services = _services(session, [one.id for one in providers])
    return [
        Found(
            id=one.id,
            name=one.name,
            sample=one.sample,
            standing=one.standing,
            standing_since=one.standing_since,
            services=services.get(one.id, {}),
        )
        for one in providers
    ]


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if filters.standing is not None:
        wanted.append(col(Provider.standing) == filters.standing)
    if filters.market is not None or filters.service is not None:
        wanted.append(_offers(filters))
    if filters.refusable:
        wanted.append(_takes(filters))
    if filters.dangerous_goods is not None:
        holds = _lists(Node.dangerous_goods, filters.dangerous_goods)
        wanted.append(exists().where(col(Node.provider_id) == col(Provider.id), holds))
    if filters.text is not None:
        wanted.append(_says(filters.text))
    return wanted


def _offers(filters: Filters) -> ColumnElement[bool]:
    offered = [col(ProviderService.provider_id) == col(Provider.id)]
    if filters.market is not None:
        offered.append(col(ProviderService.market) == filters.market)
    if filters.service is not None:
        offered.append(col(ProviderService.service) == filters.service)
    return exists().where(*offered)


def _takes(filters: Filters) -> ColumnElement[bool]:
    """Some lane takes it, or there is no lane that could refuse it."""
    lanes = [col(Lane.provider_id) == col(Provider.id)]
    if filters.market is not None:
        lanes.append(col(Lane.to_market) == filters.market)
    if filters.service is not None:
        lanes.append(col(Lane.service) == filters.service)
    taken = [not_(_lists(Lane.refuses, word)) for word in filters.refusable]
    return or_(exists().where(*lanes, *taken), not_(exists().where(*lanes)))


def _lists(column: Any, word: str) -> ColumnElement[bool]:
    """Whether a JSON list of plain words has this one: both databases can look for its text."""
    return cast(col(column), Text).contains(f'"{word}"', autoescape=True)


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
