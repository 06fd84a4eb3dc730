"""The CloudEvents envelope of an event, and what is wrong with an event in words.

CloudEvents 1.0: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
"""

import re
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec

from governance.markets.countries import country_codes, suggest_country
from governance.providers.events.observation import Milestone, Observation, Reason, Refused
from governance.providers.events.observation import microseconds as _microseconds
from governance.providers.models import Service

Shape = TypeVar("Shape")
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
_Text = Annotated[str, msgspec.Meta(min_length=1)]
_CHARACTERS = r"(?:[A-Za-z0-9._~:/?@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
_Address = Annotated[  # a URI (RFC 3986); nobody follows it
    str, msgspec.Meta(pattern=rf"^[A-Za-z][A-Za-z0-9+.-]*:{_CHARACTERS}(?:#{_CHARACTERS})?\Z")
]

_SPECVERSION = "1.0"
_PATH = re.compile(r" - at `(?:key in )?\$(.*)`$")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_FIELD = re.compile(r"field `(.*)`")
_INSTANT_HINT = "write an instant with its offset (RFC 3339): 2026-11-22T10:00:00Z"
_HINTS = {
    "unit": "stock is counted in whole units: write units",
    "by": "write provider, buyer or seller",
    "service": f"write {', '.join(sorted(Service))}",
    "expected": "write a whole number of units, without quotes",
    "counted": "write a whole number of units, without quotes",
    "time": _INSTANT_HINT,
    "eventTime": _INSTANT_HINT,
    "eventDateTime": _INSTANT_HINT,
    "promised_at": _INSTANT_HINT,
    "promisedat": _INSTANT_HINT,
}


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """The attributes of CloudEvents and those that we read; other extensions may be there.

    EPCIS and DCSA events do not name a provider of ours, a service or a market: the extension
    attributes do, and `subject` names the shipment.
    """

    specversion: str
    id: Name
    source: Name
    type: Name
    time: Instant | None = None
    data: msgspec.Raw = msgspec.Raw()
    subject: Name | None = None
    provider: Name | None = None
    service: Service | None = None
    market: Name | None = None
    lane: Name | None = None
    promisedat: Instant | None = None
    datacontenttype: _Text | None = None
    dataschema: _Address | None = None
    data_base64: bytes | None = None  # nobody reads it, but base64 it has to be


_ENVELOPE = msgspec.json.Decoder(Envelope)


def open_envelope(body: bytes) -> Envelope:
    """The envelope of an event; Refused where it is none of CloudEvents 1.0."""
    envelope = decoded(_ENVELOPE, body, "")
    if envelope.specversion != _SPECVERSION:
        raise Refused(
            Reason.OTHER_VERSION,
            "/specversion",
            f"Events of CloudEvents {envelope.specversion} are not read",
            f"send CloudEvents {_SPECVERSION}",
        )
    return envelope


def decoded(decoder: msgspec.json.Decoder[Shape], body: bytes | msgspec.Raw, place: str) -> Shape:
    """The JSON as this shape; Refused with a pointer below `place` where it is not."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _refused(str(error), place) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(Reason.BROKEN_JSON, place, f"It is not JSON: {error}") from None
    except RecursionError:
        raise Refused(Reason.BROKEN_JSON, place, "Lists and objects are nested too deep") from None


def data_of(envelope: Envelope) -> msgspec.Raw:
    """The data; Refused where there is none."""
    if not bytes(envelope.data):
        raise missing("/data")
    return envelope.data


def missing(pointer: str, hint: str = "add it") -> Refused:
    """The refusal of an event without this field."""
    name = pointer.rpartition("/")[2]
    return Refused(Reason.MISSING_FIELD, pointer, f"`{name}` is missing", hint)


def of_shipment(envelope: Envelope, at: datetime, milestone: Milestone) -> Observation:
    """What an event in a foreign shape says, of the shipment that its envelope names."""
    for name in ("provider", "subject", "service", "market"):
        if getattr(envelope, name) is None:
            what = "the shipment" if name == "subject" else f"the {name}"
            raise missing(f"/{name}", f"name {what} in this attribute of the envelope")
    assert envelope.provider is not None
    assert envelope.service is not None
    assert envelope.market is not None
    observation = Observation(
        source=envelope.source,
        id=envelope.id,
        type=envelope.type,
        provider=envelope.provider,
        service=envelope.service,
        market=envelope.market,
        at=_microseconds(at),
        shipment=envelope.subject,
        milestone=milestone,
        lane=envelope.lane,
        promised=None if envelope.promisedat is None else _microseconds(envelope.promisedat),
    )
    check_names(
        observation,
        {"provider": "/provider", "shipment": "/subject", "lane": "/lane", "market": "/market"},
    )
    return observation


def check_names(seen: Observation, places: dict[str, str]) -> None:
    """Refused where a name cannot be stored, or the market is no country."""
    count = seen.count
    names = f"{seen.source}{seen.id}{seen.provider}{seen.shipment or ''}{seen.lane or ''}"
    if count is not None:
        names = f"{names}{count.node}{count.product}"
    if not names.isprintable():
        raise _unprintable(seen, places)
    if seen.market not in country_codes():
        meant = suggest_country(seen.market) if seen.market.isprintable() else None
        raise Refused(
            Reason.UNKNOWN_MARKET,
            places["market"],
            f"{seen.market!r} is not a country (ISO 3166-1 alpha-2)",
            f"did you mean {meant}?" if meant else "write two capital letters, such as DE",
        )


def _unprintable(seen: Observation, places: dict[str, str]) -> Refused:
    said: dict[str, Any] = {"source": seen.source, "id": seen.id, "provider": seen.provider}
    said |= {"shipment": seen.shipment, "lane": seen.lane}
    if seen.count is not None:
        said |= {"node": seen.count.node, "product": seen.count.product}
    name = next(name for name, text in said.items() if text and not text.isprintable())
    place = places.get(name, f"/{name}")
    message = f"`{name}` has characters that cannot be shown"
    return Refused(Reason.WRONG_VALUE, place, message, "leave control characters out")


def _refused(message: str, place: str) -> Refused:
    """What msgspec says, as a refusal: `Expected `int`, got `str` - at `$.a[0]`` is at /a/0."""
    found = _PATH.search(message)
    path = place
    if found:
        for name, index in _STEP.findall(found[1]):
            path += "/" + (name or index).replace("~", "~0").replace("/", "~1")
        message = message[: found.start()]
    field = _FIELD.search(message)
    if field and message.startswith("Object missing"):
        return missing(f"{path}/{field[1]}", _HINTS.get(field[1], "add it"))
    if field and message.startswith("Object contains unknown"):
        pointer = f"{path}/{field[1]}"
        return Refused(
            Reason.UNKNOWN_FIELD, pointer, f"`{field[1]}` is not a field here", "leave it out"
        )
    hint = _HINTS.get(path.rpartition("/")[2])
    return Refused(Reason.WRONG_VALUE, path, message, hint)
