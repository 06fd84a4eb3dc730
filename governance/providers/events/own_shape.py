"""Events in our own shape: `governance.shipment.….v1` and `governance.inventory.counted.v1`."""

from typing import Annotated, Literal

import msgspec

from governance.providers.events.envelope import (
    Envelope,
    Instant,
    Name,
    check_names,
    data_of,
    decoded,
    missing,
)
from governance.providers.events.observation import (
    By,
    Counted,
    Milestone,
    Observation,
    microseconds,
)
from governance.providers.models import Service

COUNTED = "governance.inventory.counted.v1"
MILESTONES = {f"governance.shipment.{one}.v1": one for one in Milestone}
"""The milestone of each type of event of a shipment."""

_Units = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
_IN_DATA = {
    name: f"/data/{name}" for name in ("provider", "shipment", "lane", "market", "node", "product")
}


class OfShipment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The data of an event of a shipment."""

    provider: Name
    shipment: Name
    service: Service
    market: Name
    lane: Name | None = None
    promised_at: Instant | None = None
    by: By | None = None


class OfCancelled(OfShipment, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The data of a cancellation, which says who cancelled."""

    by: By


class OfCount(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The data of a count of stock."""

    provider: Name
    service: Service
    market: Name
    node: Name
    product: Name
    expected: _Units
    counted: _Units
    unit: Literal["units"]


_SHIPMENT = msgspec.json.Decoder(OfShipment)
_CANCELLED = msgspec.json.Decoder(OfCancelled)
_COUNT = msgspec.json.Decoder(OfCount)


def of_milestone(envelope: Envelope) -> Observation:
    """What an event of a shipment says; Refused where its data is not of version 1."""
    milestone = MILESTONES[envelope.type]
    if envelope.time is None:
        raise missing("/time", "say when it happened")
    raw = data_of(envelope)
    data: OfShipment
    if milestone is Milestone.CANCELLED:
        data = decoded(_CANCELLED, raw, "/data")
    else:
        data = decoded(_SHIPMENT, raw, "/data")
    observation = Observation(
        source=envelope.source,
        id=envelope.id,
        type=envelope.type,
        provider=data.provider,
        service=data.service,
        market=data.market,
        at=microseconds(envelope.time),
        shipment=data.shipment,
        milestone=milestone,
        lane=data.lane,
        promised=None if data.promised_at is None else microseconds(data.promised_at),
        by=data.by,
    )
    check_names(observation, _IN_DATA)
    return observation


def of_count(envelope: Envelope) -> Observation:
    """What a count of stock says; Refused where its data is not of version 1."""
    if envelope.time is None:
        raise missing("/time", "say when it was counted")
    data = decoded(_COUNT, data_of(envelope), "/data")
    observation = Observation(
        source=envelope.source,
        id=envelope.id,
        type=envelope.type,
        provider=data.provider,
        service=data.service,
        market=data.market,
        at=microseconds(envelope.time),
        count=Counted(data.node, data.product, data.expected, data.counted),
    )
    check_names(observation, _IN_DATA)
    return observation
