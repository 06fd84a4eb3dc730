"""Lanes that fit a parcel: where they go, what they refuse, what they cost, how long they take."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ScalarSelect,
    Text,
    and_,
    cast,
    exists,
    func,
    not_,
    or_,
    select,
)
from sqlmodel import Session, col

from governance.providers.models import Lane, Node, Service
from governance.providers.words import DANGEROUS_GOODS, KINDS
from governance.rules.vocabulary import Vocabulary

REFUSE_A_CLASS = {
    **{f"1.{division}": "explosives" for division in range(1, 7)},
    "3": "flammable_liquids",
    "6.1": "toxic_substances",
    "8": "corrosives",
}
"""The words of a lane that refuse all of a UN class; others refuse single UN numbers of one."""


@dataclass(frozen=True)
class Wanted:
    """What a lane has to do; None or empty: anything. All of it holds of one and the same lane.

    `refusable` are words of which it refuses none (`words_of`). A parcel of
    `weight_grams` costs at most `cost_at_most` minor units of `currency` (ISO 4217), and takes at
    most `lead_days_at_most` days in nine cases out of ten (P90). The lane begins where stock of the
    UN class `dangerous_goods` may be held: at a node for it, or anywhere in the country of one; and
    it does not refuse the class as a whole.
    """

    market: str | None = None
    service: Service | None = None
    from_country: str | None = None
    refusable: tuple[str, ...] = ()
    dangerous_goods: str | None = None
    weight_grams: int | None = None
    cost_at_most: int | None = None
    currency: str | None = None
    lead_days_at_most: float | None = None


@dataclass(frozen=True)
class Offer:
    """What a lane does for a parcel: its cost in minor units, days from hand-over to delivery."""

    provider_id: str
    lane: str
    from_country: str
    from_node: str | None
    to_region: str | None
    modes: list[str]
    minor_units: int
    currency: str
    lead_days_p10: float
    lead_days_p50: float
    lead_days_p90: float


def words_of(vocabulary: Vocabulary, goods: str) -> tuple[str, ...]:
    """The words of which a lane that takes these goods refuses none.

    Of a category: it, all above it, and the dangerous goods that its goods are. Or dangerous goods.
    """
    if goods in DANGEROUS_GOODS:
        return (goods,)
    lineage = vocabulary.lineage(goods)
    return (*lineage, *(kind for one in lineage for kind in KINDS.get(one, ())))


def fitting(session: Session, wanted: Wanted) -> list[ColumnElement[bool]]:
    """The conditions of a lane that does what is wanted."""
    same = {
        Lane.to_market: wanted.market,
        Lane.service: wanted.service,
        Lane.from_country: wanted.from_country,
        Lane.currency: wanted.currency,
    }
    conditions = [col(column) == value for column, value in same.items() if value is not None]
    conditions += [not_(lists(Lane.refuses, word)) for word in wanted.refusable]
    if wanted.weight_grams is not None:
        cost = _cost(session, wanted.weight_grams)
        most = wanted.cost_at_most
        conditions.append(cost.is_not(None) if most is None else cost <= most)
    if wanted.lead_days_at_most is not None:
        conditions.append(col(Lane.lead_days_p90) <= wanted.lead_days_at_most)
    if wanted.dangerous_goods is not None:
        conditions.append(_begins_where_it_may_be_held(wanted.dangerous_goods))
        if refused := REFUSE_A_CLASS.get(wanted.dangerous_goods):
            conditions.append(not_(lists(Lane.refuses, refused)))
    return conditions


def cheapest(session: Session, wanted: Wanted, providers: Iterable[str]) -> dict[str, list[Offer]]:
    """The cheapest fitting lane of each provider in each currency, for a `weight_grams`.

    Of equal ones the faster, then the first by id.
    """
    order = ("minor_units", "lead_days_p90", "lead_days_p50", "lane")
    return _first(session, wanted, providers, ("provider_id", "currency"), order)


def fastest(session: Session, wanted: Wanted, providers: Iterable[str]) -> dict[str, Offer]:
    """The fitting lane of each provider with the fewest days (P90, then P50), for a `weight_grams`.

    Of equal ones the first by currency, the cheapest in it, the first by id.
    """
    order = ("lead_days_p90", "lead_days_p50", "currency", "minor_units", "lane")
    found = _first(session, wanted, providers, ("provider_id",), order)
    return {provider: offers[0] for provider, offers in found.items()}


def lists(column: Any, word: str) -> ColumnElement[bool]:
    """Whether a JSON list of plain words has this one: both databases can look for its text."""
    return cast(col(column), Text).contains(f'"{word}"', autoescape=True)


def _first(
    session: Session,
    wanted: Wanted,
    providers: Iterable[str],
    of_each: tuple[str, ...],
    order: tuple[str, ...],
) -> dict[str, list[Offer]]:
    assert wanted.weight_grams is not None
    offers = (
        select(
            col(Lane.provider_id),
            col(Lane.id).label("lane"),
            col(Lane.from_country),
            col(Lane.from_node),
            col(Lane.to_region),
            col(Lane.modes),
            _cost(session, wanted.weight_grams).label("minor_units"),
            col(Lane.currency),
            col(Lane.lead_days_p10),
            col(Lane.lead_days_p50),
            col(Lane.lead_days_p90),
        )
        .where(col(Lane.provider_id).in_(list(providers)), *fitting(session, wanted))
        .subquery()
        .c
    )
    place = func.row_number().over(
        partition_by=[offers[name] for name in of_each], order_by=[offers[name] for name in order]
    )
    placed = select(*offers, place.label("place")).subquery().c
    chosen = select(*(placed[name] for name in offers.keys()))  # noqa: SIM118 columns, not a dict
    found: dict[str, list[Offer]] = {}
    rows = session.connection().execute(chosen.where(placed.place == 1))
    for offer in sorted((Offer(*row) for row in rows), key=lambda one: one.currency):
        found.setdefault(offer.provider_id, []).append(offer)
    return found


def _cost(session: Session, grams: int) -> ScalarSelect[int]:
    """What the lane asks for a parcel: the price of its first weight break that is not too light.

    NULL where the parcel is too heavy for it.
    """
    parts: list[ColumnElement[int]]
    names = ("up_to_grams", "minor_units")
    if session.connection().dialect.name == "postgresql":
        step = func.json_array_elements(col(Lane.costs)).table_valued("value", name="step")
        parts = [cast(step.c.value.op("->>")(name), BigInteger) for name in names]
    else:
        step = func.json_each(col(Lane.costs)).table_valued("value", name="step")
        parts = [func.json_extract(step.c.value, f"$.{name}") for name in names]
    up_to_grams, minor_units = parts
    return (
        select(minor_units)
        .select_from(step)
        .where(up_to_grams >= grams)
        .order_by(up_to_grams)
        .limit(1)
        .correlate(Lane)
        .scalar_subquery()
    )


def _begins_where_it_may_be_held(dangerous_goods: str) -> ColumnElement[bool]:
    begins = or_(
        col(Node.id) == col(Lane.from_node),
        and_(col(Lane.from_node).is_(None), col(Node.country) == col(Lane.from_country)),
    )
    mine = col(Node.provider_id) == col(Lane.provider_id)
    return exists().where(mine, begins, lists(Node.dangerous_goods, dangerous_goods))
