"""Events of DCSA Track and Trace 3.0: the codes of what happened to containers and bookings.

Shape: https://github.com/dcsaorg/DCSA-OpenAPI (tnt v3); codes and their meaning:
https://github.com/dcsaorg/DCSA-TNT, EquipmentEventTypeCode. DROP is the delivery at the customer's
place, PICK the collection there. CUSS and CUSI say that customs chose the container for scan or
inspection: a sign of life, but not a submission, of which DCSA knows none.
"""

import msgspec

from governance.providers.events.envelope import (
    Envelope,
    Instant,
    data_of,
    decoded,
    missing,
    of_shipment,
)
from governance.providers.events.observation import Milestone, Observation, Reason, Refused

TYPE = "org.dcsa.tnt.event.v3"

_EQUIPMENT = {
    "PICK": Milestone.SHIPPED,
    "LOAD": Milestone.SHIPPED,
    "GTIN": Milestone.TRACKED,
    "GTOT": Milestone.TRACKED,
    "DISC": Milestone.TRACKED,
    "AVPU": Milestone.TRACKED,
    "CUSS": Milestone.TRACKED,
    "CUSI": Milestone.TRACKED,
    "CUSR": Milestone.CUSTOMS_RELEASED,
    "DROP": Milestone.DELIVERED,
}
_TRANSPORT = {"DEPA": Milestone.TRACKED, "ARRI": Milestone.TRACKED}
_OF_KIND = {
    "EQUIPMENT": ("equipmentEventTypeCode", _EQUIPMENT),
    "TRANSPORT": ("transportEventTypeCode", _TRANSPORT),
    "SHIPMENT": ("shipmentEventTypeCode", {"CONF": Milestone.ACCEPTED}),
}
_HINT = "send the milestone in our own shape: governance.shipment.….v1"


class Metadata(msgspec.Struct, frozen=True):
    """Which kind of event it is, and whether it takes another back."""

    eventID: str  # noqa: N815 - as the standard spells it
    eventType: str  # noqa: N815
    retractedEventID: str | None = None  # noqa: N815


class Payload(msgspec.Struct, frozen=True):
    """What happened, and whether it did or was only planned."""

    eventClassifierCode: str  # noqa: N815
    eventDateTime: Instant  # noqa: N815
    shipmentEventTypeCode: str | None = None  # noqa: N815
    equipmentEventTypeCode: str | None = None  # noqa: N815
    transportEventTypeCode: str | None = None  # noqa: N815
    documentTypeCode: str | None = None  # noqa: N815
    emptyIndicatorCode: str | None = None  # noqa: N815


class DcsaEvent(msgspec.Struct, frozen=True):
    """An event of DCSA; a retraction has no payload."""

    metadata: Metadata
    payload: Payload | None = None


_EVENT = msgspec.json.Decoder(DcsaEvent)


def of_dcsa(envelope: Envelope) -> Observation:
    """What a DCSA event says; Refused where it stands for none of our milestones."""
    event = decoded(_EVENT, data_of(envelope), "/data")
    if event.metadata.retractedEventID is not None:
        why = "It takes an earlier event back, and what was counted is not taken back"
        raise Refused(Reason.NOT_MAPPED, "/data/metadata/retractedEventID", why)
    if event.payload is None:
        raise missing("/data/payload")
    return of_shipment(envelope, event.payload.eventDateTime, _milestone(event, event.payload))


def _milestone(event: DcsaEvent, payload: Payload) -> Milestone:
    if payload.eventClassifierCode != "ACT":
        why = f"{payload.eventClassifierCode} is planned or estimated: only what happened counts"
        raise _not_mapped("eventClassifierCode", why, "send it once it is ACT")
    kind = event.metadata.eventType
    if kind not in _OF_KIND:
        why = f"{kind!r} is no kind of event of DCSA 3.0"
        raise Refused(Reason.NOT_MAPPED, "/data/metadata/eventType", why, _HINT)
    name, milestones = _OF_KIND[kind]
    code = getattr(payload, name)
    if code is None:
        raise missing(f"/data/payload/{name}")
    if code not in milestones:
        raise _not_mapped(name, f"{code} is none of our milestones")
    if kind == "EQUIPMENT" and payload.emptyIndicatorCode == "EMPTY":
        raise _not_mapped("emptyIndicatorCode", "An empty container carries no shipment")
    if kind == "SHIPMENT" and payload.documentTypeCode != "BKG":
        raise _not_mapped("documentTypeCode", "Only the confirmed booking (BKG) is a milestone")
    return milestones[code]


def _not_mapped(name: str, why: str, hint: str = _HINT) -> Refused:
    return Refused(Reason.NOT_MAPPED, f"/data/payload/{name}", why, hint)
