"""The registry: a provider's document put in whole, and read back as it was put."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, delete, select

from governance.db import can_name, insert
from governance.errors import NotFound
from governance.providers.documents import (
    CostBreak,
    LaneEntry,
    LeadDays,
    LicenceEntry,
    NodeEntry,
    ProviderDocument,
    ServiceEntry,
    SlaEntry,
)
from governance.providers.models import (
    DeclaredSla,
    Lane,
    Licence,
    Node,
    Provider,
    ProviderService,
    Standing,
)
from governance.providers.vetting.due import mark_due

Row = dict[str, Any]
_CHILDREN = (ProviderService, Node, Lane, Licence, DeclaredSla)  # a lane after its node


def put(session: Session, document: ProviderDocument, now: datetime) -> bool:
    """Write a checked document in place of what was known of the provider; whether it is new.

    A new provider is an applicant. The standing of a known one stays as it is: only a judged
    vetting changes it.
    """
    new = Provider(
        id=document.id,
        name=document.name,
        standing=Standing.APPLICANT,
        standing_since=now,
        registered_at=now,
    )
    unless_known = insert(session, Provider).on_conflict_do_nothing().returning(col(Provider.id))
    made = session.connection().execute(unless_known, new.model_dump()).first()
    provider = locked(session, document.id)
    provider.name, provider.description = document.name, document.description
    provider.website, provider.sample = document.website, document.sample
    session.flush()
    connection = session.connection()
    for model in reversed(_CHILDREN):
        mine = delete(model).where(col(model.provider_id) == document.id)
        connection.execute(mine)
    for table, rows in _rows(document):
        if rows:
            connection.execute(insert(session, table), rows)
    mark_due(session, [document.id], now)
    return made is not None


def put_all(
    session: Session, documents: Sequence[ProviderDocument], now: datetime
) -> dict[str, list[str]]:
    """Put several checked documents: the ids that were `created`, and those `replaced`.

    In the order of their ids, as everybody locks providers, so that none waits in a circle.
    """
    written: dict[str, list[str]] = {"created": [], "replaced": []}
    for document in sorted(documents, key=lambda one: one.id):
        written["created" if put(session, document, now) else "replaced"].append(document.id)
    return written


def locked(session: Session, provider_id: str) -> Provider:
    """A provider's row, which nobody else changes until the transaction ends. Raises NotFound.

    Who takes in the provider's events, or vets it, waits for it, too.
    """
    row = None
    if can_name(provider_id):
        mine = select(Provider).where(col(Provider.id) == provider_id)
        fresh = mine.with_for_update(key_share=True).execution_options(populate_existing=True)
        row = session.exec(fresh).one_or_none()
    if row is None:
        raise NotFound(f"There is no provider {provider_id!r}")
    return row


def provider(session: Session, provider_id: str) -> Provider:
    """A provider's own row: its name and standing. Raises NotFound."""
    row = session.get(Provider, provider_id) if can_name(provider_id) else None
    if row is None:
        raise NotFound(f"There is no provider {provider_id!r}")
    return row


def get(session: Session, provider_id: str) -> ProviderDocument:
    """A provider's document, its lists in the order of their ids. Raises NotFound."""
    found = provider(session, provider_id)
    markets: dict[str, list[str]] = {}
    for row in _of(session, ProviderService, provider_id):
        markets.setdefault(row.service.value, []).append(row.market)
    # Not checked again: what was right when it was put stays readable when the words change.
    document = ProviderDocument.model_construct(
        id=found.id,
        name=found.name,
        description=found.description,
        website=found.website,
        sample=found.sample,
        services=[
            ServiceEntry.model_construct(service=service, markets=places)
            for service, places in markets.items()
        ],
        nodes=[_node(row) for row in _of(session, Node, provider_id)],
        lanes=[_lane(row) for row in _of(session, Lane, provider_id)],
        licences=[_licence(row) for row in _of(session, Licence, provider_id)],
        slas=[_sla(row) for row in _of(session, DeclaredSla, provider_id)],
    )
    return document.in_order()


def _of(session: Session, model: Any, provider_id: str) -> Sequence[Any]:
    mine = select(model).where(col(model.provider_id) == provider_id)
    return session.exec(mine.execution_options(populate_existing=True)).all()


def _rows(document: ProviderDocument) -> Iterator[tuple[type[SQLModel], list[Row]]]:
    """The rows of a document, a table at a time, in an order that foreign keys allow."""
    own = {"provider_id": document.id}
    countries = {node.id: node.country for node in document.nodes}
    yield (
        ProviderService,
        [
            own | {"service": one.service, "market": market}
            for one in document.services
            for market in one.markets
        ],
    )
    yield Node, [own | node.model_dump() for node in document.nodes]
    yield Lane, [own | _lane_row(lane, countries) for lane in document.lanes]
    yield Licence, [own | _licence_row(licence) for licence in document.licences]
    yield DeclaredSla, [own | sla.model_dump() for sla in document.slas]


def _lane_row(lane: LaneEntry, countries: dict[str, str]) -> Row:
    row = lane.model_dump(exclude={"lead_days"})
    if lane.from_node is not None:
        row["from_country"] = countries[lane.from_node]
    days = lane.lead_days
    return row | {
        "lead_days_p10": days.p10,
        "lead_days_p50": days.p50,
        "lead_days_p90": days.p90,
    }


def _licence_row(licence: LicenceEntry) -> Row:
    ends = licence.valid_to
    return licence.model_dump() | {
        "valid_from": date.fromisoformat(licence.valid_from),
        "valid_to": None if ends is None else date.fromisoformat(ends),
    }


def _node(row: Node) -> NodeEntry:
    return NodeEntry.model_construct(**row.model_dump(exclude={"provider_id"}))


def _lane(row: Lane) -> LaneEntry:
    days = LeadDays.model_construct(
        p10=row.lead_days_p10, p50=row.lead_days_p50, p90=row.lead_days_p90
    )
    return LaneEntry.model_construct(
        id=row.id,
        service=row.service.value,
        from_node=row.from_node,
        from_country=row.from_country if row.from_node is None else None,
        to_market=row.to_market,
        to_region=row.to_region,
        modes=row.modes,
        currency=row.currency,
        costs=[CostBreak.model_validate(one) for one in row.costs],
        lead_days=days,
        refuses=row.refuses,
    )


def _licence(row: Licence) -> LicenceEntry:
    return LicenceEntry.model_construct(
        id=row.id,
        type=row.type,
        jurisdiction=row.jurisdiction,
        number=row.number,
        valid_from=row.valid_from.isoformat(),
        valid_to=None if row.valid_to is None else row.valid_to.isoformat(),
    )


def _sla(row: DeclaredSla) -> SlaEntry:
    return SlaEntry.model_construct(
        service=row.service.value, market=row.market, metric=row.metric, value=row.value
    )
