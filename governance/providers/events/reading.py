"""An event of any shape, read from its bytes: what it says in our own words, or why not."""

import re
from difflib import get_close_matches
from functools import lru_cache

from governance.providers.events import dcsa_shape, epcis_shape, own_shape
from governance.providers.events.envelope import open_envelope
from governance.providers.events.observation import Observation, Reason, Refused

AHEAD = 5 * 60 * 1_000_000
"""How far a sender's clock may be ahead of ours, in microseconds."""

_SHAPES = {
    **dict.fromkeys(own_shape.MILESTONES, own_shape.of_milestone),
    own_shape.COUNTED: own_shape.of_count,
    epcis_shape.TYPE: epcis_shape.of_epcis,
    dcsa_shape.TYPE: dcsa_shape.of_dcsa,
}
_INSTANT = {
    epcis_shape.TYPE: "/data/eventTime",
    dcsa_shape.TYPE: "/data/payload/eventDateTime",
}
_VERSION = re.compile(r"\.v\d+$")
_STEMS = {_VERSION.sub("", name): name for name in _SHAPES}


def read(body: bytes, received: int) -> Observation:
    """What an event says that was received at this instant (microseconds since 1970).

    Raises Refused with the place, the reason and a hint.
    """
    try:
        body.decode()  # the decoder passes over what it need not read
    except UnicodeDecodeError as error:
        raise Refused(Reason.BROKEN_JSON, "", f"Not UTF-8 at byte {error.start}") from None
    envelope = open_envelope(body)
    shape = _SHAPES.get(envelope.type)
    if shape is None:
        raise _unknown(envelope.type)
    seen = shape(envelope)
    if seen.at > received + AHEAD:
        ahead = (seen.at - received) // 1_000_000
        raise Refused(
            Reason.IN_THE_FUTURE,
            _INSTANT.get(seen.type, "/time"),
            f"It happens {ahead:,} seconds from now",
            "send what has happened; where the clock is wrong, set it",
        )
    return seen


def _unknown(name: str) -> Refused:
    stem = _VERSION.sub("", name)
    if stem in _STEMS:
        why = f"{name} is another version than the one that is read"
        return Refused(Reason.OTHER_VERSION, "/type", why, f"send {_STEMS[stem]}")
    meant = _likest(name)
    hint = f"did you mean {meant}?" if meant else f"send {', '.join(sorted(_SHAPES)[:3])}, …"
    return Refused(Reason.UNKNOWN_TYPE, "/type", f"{name} is no type of event here", hint)


@lru_cache(maxsize=1024)
def _likest(name: str) -> str | None:
    return next(iter(get_close_matches(name, _SHAPES, n=1)), None)
