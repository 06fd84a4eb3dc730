"""Events of EPCIS 2.0: the business step and the disposition say which milestone it is.

Words and their meaning: GS1 Core Business Vocabulary 2.0, https://ref.gs1.org/standards/cbv/
"""

from typing import Any

import msgspec

from governance.providers.events.envelope import Envelope, Instant, data_of, decoded, of_shipment
from governance.providers.events.observation import Milestone, Observation, Reason, Refused

TYPE = "org.gs1.epcis.event.v2"

_KINDS = {"ObjectEvent", "AggregationEvent", "TransactionEvent"}
_BY_DISPOSITION = {"damaged": Milestone.DAMAGED, "stolen": Milestone.LOST}
_BY_STEP = {
    "shipping": Milestone.SHIPPED,
    "loading": Milestone.TRACKED,
    "departing": Milestone.TRACKED,
    "transporting": Milestone.TRACKED,
    "arriving": Milestone.TRACKED,
    "unloading": Milestone.TRACKED,
    "receiving": Milestone.DELIVERED,
}
_OF_RETURNED = {"shipping": Milestone.RETURNED, "receiving": Milestone.RETURN_COMPLETED}
_WHY_NOT = {
    "void_shipping": "It takes a shipping back, and what was counted is not taken back",
    "cycle_counting": "It says what is there and not what was expected",
    "stock_taking": "It says what is there and not what was expected",
    "retail_selling": "A sale over the counter is no delivery of a shipment",
}
_HINT = "send the milestone in our own shape: governance.shipment.….v1"


class EpcisEvent(msgspec.Struct, frozen=True):
    """The fields of an EPCIS event that tell its milestone."""

    type: str
    eventTime: Instant  # noqa: N815 - as the standard spells it
    eventTimeZoneOffset: str  # noqa: N815
    action: str
    bizStep: str | None = None  # noqa: N815
    disposition: str | None = None
    errorDeclaration: Any = None  # noqa: N815


_EVENT = msgspec.json.Decoder(EpcisEvent)


def of_epcis(envelope: Envelope) -> Observation:
    """What an EPCIS event says; Refused where it stands for none of our milestones."""
    event = decoded(_EVENT, data_of(envelope), "/data")
    return of_shipment(envelope, event.eventTime, _milestone(event))


def _milestone(event: EpcisEvent) -> Milestone:
    if event.type not in _KINDS:
        why = f"A {event.type} says nothing of a shipment's way"
        raise Refused(Reason.NOT_MAPPED, "/data/type", why)
    if event.errorDeclaration is not None:
        why = "It declares an earlier event an error, and what was counted is not taken back"
        raise Refused(Reason.NOT_MAPPED, "/data/errorDeclaration", why)
    step, disposition = event.bizStep, event.disposition
    for name, word in (("bizStep", step), ("disposition", disposition)):
        if word is not None and word.startswith(("urn:epcglobal:cbv:", "https://ns.gs1.org/cbv/")):
            why = f"{word} is how EPCIS 1 spells it"
            hint = "write the bare word, as EPCIS 2.0 does in JSON"
            raise Refused(Reason.OTHER_VERSION, f"/data/{name}", why, hint)
    if disposition in _BY_DISPOSITION:
        return _BY_DISPOSITION[disposition]
    if step is None:
        raise Refused(Reason.NOT_MAPPED, "/data/bizStep", "It has no business step", _HINT)
    found = (_OF_RETURNED if disposition == "returned" else _BY_STEP).get(step)
    if found is None:
        why = _WHY_NOT.get(step, f"{step} with {disposition or 'no disposition'} is no milestone")
        raise Refused(Reason.NOT_MAPPED, "/data/bizStep", why, _HINT)
    return found
