"""What the registry offers a plan: stockrooms, legs and brokers of those who may serve."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from governance.drops.planner.served import Served
from governance.markets.money import Rates
from governance.planning.drop_plan_input import Broker, Leg, Stockroom
from governance.providers.models import Lane, Node, ProviderService, Service


@dataclass(frozen=True)
class Network:
    """Everything that is allowed of the registry, with the rows that it comes from."""

    stockrooms: tuple[Stockroom, ...]
    legs: tuple[Leg, ...]
    brokers: tuple[Broker, ...]
    lanes: Sequence[Lane]
    nodes: Sequence[Node]


def network(session: Session, served: Mapping[str, Served], rates: Rates, currency: str) -> Network:
    """Lanes whose cell is allowed, the nodes of those that they leave from, brokers likewise.

    Prices are in minor units of `currency`. Raises NoRate, UnknownCurrency for a lane's.
    """
    every = session.exec(select(Lane).order_by(col(Lane.provider_id), col(Lane.id)))
    lanes = [one for one in every if served[one.provider_id].may(one.service, one.to_market)]
    starts = {(one.provider_id, one.from_node) for one in lanes}
    anywhere = {(one.provider_id, one.from_country) for one in lanes if one.from_node is None}
    nodes = [
        one
        for one in session.exec(select(Node).order_by(col(Node.provider_id), col(Node.id)))
        if (one.provider_id, one.id) in starts or (one.provider_id, one.country) in anywhere
    ]
    return Network(
        stockrooms=tuple(_stockroom(one) for one in nodes),
        legs=tuple(_leg(one, rates, currency) for one in lanes),
        brokers=tuple(_brokers(session, served)),
        lanes=lanes,
        nodes=nodes,
    )


def stockroom_id(provider_id: str, node_id: str) -> str:
    """The id of a node among those of all providers."""
    return f"{provider_id}/{node_id}"


def _stockroom(node: Node) -> Stockroom:
    return Stockroom(
        id=stockroom_id(node.provider_id, node.id),
        provider=node.provider_id,
        name=node.name,
        country=node.country,
        region=node.region,
        latitude=node.latitude,
        longitude=node.longitude,
        capacity=node.capacity_units,
        bonded=node.bonded,
    )


def _leg(lane: Lane, rates: Rates, currency: str) -> Leg:
    return Leg(
        provider=lane.provider_id,
        lane=lane.id,
        service=lane.service.value,
        from_stockroom=lane.from_node and stockroom_id(lane.provider_id, lane.from_node),
        from_country=lane.from_country,
        market=lane.to_market,
        costs=tuple(
            (step["up_to_grams"], rates.convert(step["minor_units"], lane.currency, currency))
            for step in lane.costs
        ),
        lead_days=(lane.lead_days_p10, lane.lead_days_p50, lane.lead_days_p90),
    )


def _brokers(session: Session, served: Mapping[str, Served]) -> Iterator[Broker]:
    offers = (
        select(ProviderService)
        .where(col(ProviderService.service) == Service.CUSTOMS_BROKERAGE)
        .order_by(col(ProviderService.provider_id), col(ProviderService.market))
    )
    for one in session.exec(offers):
        if served[one.provider_id].may(one.service, one.market):
            yield Broker(one.provider_id, one.market)
