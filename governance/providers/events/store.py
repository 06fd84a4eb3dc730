"""The statements of taking events in: no object of the session, every key in the same order."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, FromClause, String, Table, and_, cast, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session, SQLModel, col

from governance.db import UtcTimestamp, insert
from governance.providers.events.fold import COLUMNS, begin, fold
from governance.providers.events.lines import Line
from governance.providers.events.observation import Observation
from governance.providers.events.report import SetAside
from governance.providers.models import Provider
from governance.providers.performance.models import (
    InventoryCount,
    ProviderEvent,
    SetAsideEvent,
    Shipment,
)

Row = dict[str, Any]
Key = tuple[str, str]

_EVENT = (
    "source",
    "id",
    "type",
    "provider_id",
    "shipment_id",
    "happened_at",
    "received_at",
    "body",
)
_in_order = itemgetter(*COLUMNS)
_IN_A_QUESTION = 10_000  # SQLite takes 32,766 parameters, PostgreSQL 65,535


def prepare(session: Session) -> None:
    """Make room for many keys that come in no order, which touch a page each.

    SQLite: pages stay in memory from batch to batch, and one that changes in several batches goes
    from the write-ahead log into the file once. What is committed is as durable as ever.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        for pragma in ("cache_size=-65536", "wal_autocheckpoint=16384"):  # KiB; pages of 4 KiB
            connection.exec_driver_sql(f"PRAGMA {pragma}")


def lock_providers(session: Session, ids: Iterable[str]) -> set[str]:
    """Those of the ids that are providers, locked: one sender at a time writes of a provider.

    All senders lock them in the same order, so that none waits for another in a circle.
    """
    known = col(Provider.id)
    found: set[str] = set()
    for some in _parts(sorted(ids)):
        asked = select(known).where(known.in_(some)).order_by(known)
        found |= set(session.execute(asked.with_for_update(key_share=True)).scalars())
    return found


def bodies(session: Session, keys: Sequence[Key]) -> dict[Key, str]:
    """The texts of those of these events, by source and id, that are kept already."""
    if not keys:
        return {}
    table = _table(ProviderEvent).c
    asked = select(table.source, table.id, table.body).select_from(
        _joined(session, keys, ProviderEvent, table.source, table.id)
    )
    return {(row[0], row[1]): row[2] for row in session.connection().execute(asked)}


def keep(
    session: Session, events: Collection[tuple[Line, Observation]], received_at: datetime
) -> int:
    """Keep these events, in the order in which they come; how many of them are new."""
    received = UtcTimestamp().process_bind_param(received_at, session.connection().dialect)
    rows = [
        (
            seen.source,
            seen.id,
            seen.type,
            seen.provider,
            seen.shipment,
            seen.at,
            received,
            line.body.decode(),
        )
        for line, seen in events
    ]
    return _write(session, insert(session, ProviderEvent).on_conflict_do_nothing(), _EVENT, rows)


def fold_shipments(session: Session, events: Sequence[Observation]) -> None:
    """Fold events of providers that are locked into the rows of their shipments."""
    touched = sorted({(seen.provider, seen.shipment) for seen in events if seen.shipment})
    rows = _shipments(session, touched)
    changed: set[Key] = set()
    for seen in events:
        if seen.shipment is None:
            continue
        key = seen.provider, seen.shipment
        row = rows.get(key)
        if row is None:
            rows[key] = begin(seen)
            changed.add(key)
        elif fold(row, seen):
            changed.add(key)
    statement = insert(session, Shipment)
    keys = ("provider_id", "id")
    new = {name: statement.excluded[name] for name in COLUMNS if name not in keys}
    statement = statement.on_conflict_do_update(index_elements=keys, set_=new)
    written = [_in_order(rows[key]) for key in touched if key in changed]
    _write(session, statement, COLUMNS, written)


def keep_counts(session: Session, events: Sequence[Observation]) -> None:
    """Keep the counts of stock among events that are new."""
    rows = [
        {
            "source": seen.source,
            "id": seen.id,
            "provider_id": seen.provider,
            "service": seen.service.value,
            "market": seen.market,
            "node": seen.count.node,
            "product": seen.count.product,
            "expected": seen.count.expected,
            "counted": seen.count.counted,
            "counted_at": seen.at,
        }
        for seen in events
        if seen.count is not None
    ]
    if rows:
        session.connection().execute(_table(InventoryCount).insert(), rows)


def keep_set_aside(session: Session, aside: Sequence[SetAside], received_at: datetime) -> None:
    """Keep what was set aside; the same event with the same fault is kept once."""
    if not aside:
        return
    rows = {one.digest: one.row() | {"received_at": received_at} for one in aside}
    statement = insert(session, SetAsideEvent).on_conflict_do_nothing()
    session.connection().execute(statement, [rows[digest] for digest in sorted(rows)])


def _shipments(session: Session, keys: Sequence[Key]) -> dict[Key, Row]:
    if not keys:
        return {}
    table = _table(Shipment).c
    joined = _joined(session, keys, Shipment, table.provider_id, table.id)
    asked = select(*table).select_from(joined)
    found = session.connection().execute(asked)
    return {(one[0], one[1]): dict(zip(COLUMNS, one, strict=True)) for one in found}


def _joined(
    session: Session,
    keys: Sequence[Key],
    model: type[SQLModel],
    first: ColumnElement[str],
    second: ColumnElement[str],
) -> FromClause:
    """The table joined to keys of two parts, which go over as one JSON text.

    SQLite scans a whole table for `(a, b) IN (VALUES …)`; in this join the keys come first, each
    looks into the index, and the statement is the same for any number of them.
    """
    parts: list[ColumnElement[str]]
    text = msgspec.json.encode(keys).decode()
    if session.connection().dialect.name == "postgresql":
        given = func.json_array_elements(cast(literal(text, String), postgresql.JSON)).table_valued(
            "value", name="given"
        )
        parts = [given.c.value.op("->>")(place) for place in (0, 1)]
    else:
        given = func.json_each(text).table_valued("value", name="given")
        parts = [func.json_extract(given.c.value, f"$[{place}]") for place in (0, 1)]
    return given.join(_table(model), and_(first == parts[0], second == parts[1]))


def _write(
    session: Session,
    statement: postgresql.Insert | sqlite.Insert,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> int:
    """Insert rows of all columns, which are named in the table's order; how many that touched.

    The values go to the driver as they are: to have SQLAlchemy look at each took a third of all
    the time of taking events in.
    """
    if not rows:
        return 0
    connection = session.connection()
    mark = "format" if connection.dialect.name == "postgresql" else "qmark"
    dialect = type(connection.dialect)(paramstyle=mark)  # type: ignore[call-arg]
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    assert compiled.positiontup == [*columns]
    return connection.exec_driver_sql(compiled.string, rows).rowcount


def _table(model: type[SQLModel]) -> Table:
    return model.__table__  # type: ignore[attr-defined,no-any-return]


def _parts(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), _IN_A_QUESTION):
        yield keys[start : start + _IN_A_QUESTION]
