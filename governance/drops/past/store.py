"""The statements on past drops: kept, counted, found, and handed to forecasts."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice

import msgspec
from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from governance.db import insert
from governance.drops.past.models import StoredPastDrop
from governance.planning.history import PastDrop, PastMarket
from governance.providers.lanes import lists

_IN_A_QUESTION = 10_000  # SQLite takes 32,766 parameters, PostgreSQL 65,535
_MARKETS = msgspec.json.Decoder(list[tuple[str, int, int, int, int, int]])


@dataclass(frozen=True, slots=True)
class Kept:
    """Whose a drop is, and the digest of its figures."""

    creator: str
    digest: str


@dataclass(frozen=True)
class Filters:
    """Which past drops are meant; None: any. `country` is among those where they were sold."""

    creator: str | None = None
    category: str | None = None
    country: str | None = None


@dataclass(frozen=True)
class Totals:
    """How many drops there are, how many of them were made up, and of how many creators."""

    drops: int
    sample_drops: int
    creators: int


def history(session: Session) -> tuple[PastDrop, ...]:
    """All past drops, the earliest launch first, those of a day in the order of their ids."""
    found = (
        PastDrop(one.id, one.creator, one.category, one.launched_on, markets_of(one), one.sample)
        for one in session.exec(select(StoredPastDrop))
    )
    # Sorted here: databases order texts by their own locale.
    return tuple(sorted(found, key=lambda one: (one.launched_on, one.drop)))


def digest(session: Session) -> str:
    """`sha256:…` of all past drops with their figures: the same on every database."""
    whole = sha256()
    column = col(StoredPastDrop.digest)
    for one in session.execute(select(column).order_by(column)).scalars():
        whole.update(one.encode() + b"\n")
    return f"sha256:{whole.hexdigest()}"


def digest_of(drop: PastDrop) -> str:
    """SHA-256 of all that is said of a drop, whatever the order in which it was said."""
    said = [drop.drop, drop.creator, drop.category, drop.launched_on, _rows(drop), drop.sample]
    return sha256(msgspec.json.encode(said)).hexdigest()


def kept(session: Session, ids: Collection[str]) -> dict[str, Kept]:
    """Those of these drops that are known."""
    found: dict[str, Kept] = {}
    table = StoredPastDrop
    for some in _parts(sorted(ids)):
        asked = select(table.id, table.creator, table.digest).where(col(table.id).in_(some))
        found |= {drop: Kept(creator, seen) for drop, creator, seen in session.execute(asked)}
    return found


def keep(session: Session, drops: Iterable[PastDrop], received_at: datetime) -> None:
    """Write these drops, in the place of those of the same ids."""
    rows = [
        {
            "id": drop.drop,
            "creator": drop.creator,
            "category": drop.category,
            "launched_on": drop.launched_on,
            "markets": msgspec.json.encode(_rows(drop)).decode(),
            "sample": drop.sample,
            "digest": digest_of(drop),
            "received_at": received_at,
        }
        for drop in sorted(drops, key=lambda one: one.drop)
    ]
    if not rows:
        return
    statement = insert(session, StoredPastDrop)
    new = {name: statement.excluded[name] for name in rows[0] if name != "id"}
    written = statement.on_conflict_do_update(index_elements=["id"], set_=new)
    session.connection().execute(written, rows)


def search(
    session: Session, filters: Filters, *, after: str | None = None, limit: int
) -> Sequence[StoredPastDrop]:
    """At most `limit` past drops whose id comes after `after`, in the order of their ids."""
    wanted = _conditions(filters)
    if after is not None:
        wanted.append(col(StoredPastDrop.id) > after)
    order = col(StoredPastDrop.id)
    return session.exec(select(StoredPastDrop).where(*wanted).order_by(order).limit(limit)).all()


def totals(session: Session, filters: Filters) -> Totals:
    """How much there is of what the filters mean."""
    counted = select(
        func.count(),
        func.count().filter(col(StoredPastDrop.sample)),
        func.count(col(StoredPastDrop.creator).distinct()),
    ).where(*_conditions(filters))
    return Totals(*session.execute(counted).one())


def markets_of(stored: StoredPastDrop) -> tuple[PastMarket, ...]:
    """The figures of a stored drop by country."""
    return tuple(PastMarket(*row) for row in _MARKETS.decode(stored.markets))


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if filters.creator is not None:
        wanted.append(col(StoredPastDrop.creator) == filters.creator)
    if filters.category is not None:
        wanted.append(col(StoredPastDrop.category) == filters.category)
    if filters.country is not None:
        wanted.append(lists(StoredPastDrop.markets, filters.country))
    return wanted


def _rows(drop: PastDrop) -> list[tuple[str, int, int, int, int, int]]:
    return [
        (one.country, one.audience, one.reached, one.visits, one.orders, one.returns)
        for one in sorted(drop.markets, key=lambda one: one.country)
    ]


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    given = iter(ids)
    while some := tuple(islice(given, _IN_A_QUESTION)):
        yield some
