"""What it touches when a provider may no longer serve: its lanes, and the stock in its nodes."""

from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from governance.providers.models import Lane, Node
from governance.providers.performance.models import InventoryCount


def touches(session: Session, provider_id: str) -> dict[str, Any]:
    """The provider's lanes and nodes; of each node what the last count of each product found.

    Units are whole; `products` says how many different ones were found, `counted_at` when the
    oldest of these counts was (microseconds since 1970, UTC).
    """
    lanes = session.exec(
        select(Lane).where(col(Lane.provider_id) == provider_id).order_by(col(Lane.id))
    )
    nodes = session.exec(
        select(Node).where(col(Node.provider_id) == provider_id).order_by(col(Node.id))
    )
    stock = _stock(session, provider_id)
    return {
        "lanes": [
            {"id": one.id, "service": one.service.value, "to_market": one.to_market}
            for one in lanes
        ],
        "nodes": [
            {"id": one.id, "country": one.country} | stock.get(one.id, _NOTHING_COUNTED)
            for one in nodes
        ],
    }


_NOTHING_COUNTED: dict[str, int | None] = {"units": None, "products": 0, "counted_at": None}


def _stock(session: Session, provider_id: str) -> dict[str, dict[str, int | None]]:
    count = InventoryCount.__table__.c  # type: ignore[attr-defined]
    newest = count.counted_at.desc(), count.id
    place = func.row_number().over(partition_by=(count.node, count.product), order_by=newest)
    latest = (
        select(count.node, count.counted, count.counted_at, place.label("place"))
        .where(count.provider_id == provider_id)
        .subquery()
        .c
    )
    summed = (
        select(
            latest.node,
            func.sum(latest.counted),
            func.count(),
            func.min(latest.counted_at),
        )
        .where(latest.place == 1, latest.counted > 0)
        .group_by(latest.node)
    )
    return {
        node: {"units": int(units), "products": products, "counted_at": counted_at}
        for node, units, products, counted_at in session.connection().execute(summed)
    }
