"""The place of a page in a search: an opaque text that nobody else can make or move."""

import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from governance.audit.filter_query import described
from governance.decisions.filters import Filters
from governance.decisions.search import Order
from governance.errors import FieldError, InvalidRequest

_DOMAIN = "decisions cursor 1"
_FORM = re.compile(r"[A-Za-z0-9_-]{32}")  # 24 bytes: each has one text, and none has padding
_PLACE_BYTES = 8
_TAG_BYTES = 16


def cursor_after(secret: bytes, sequence: int, filters: Filters, order: Order) -> str:
    """The cursor of what comes after this decision in this search, under the service's secret."""
    place = sequence.to_bytes(_PLACE_BYTES)
    return urlsafe_b64encode(place + _tag(secret, place, filters, order)).decode()


def place_of(secret: bytes, cursor: str, filters: Filters, order: Order) -> int:
    """The sequence of the decision after which the page begins.

    Raises InvalidRequest for a cursor that this service did not give for these filters and order.
    """
    if _FORM.fullmatch(cursor):
        given = urlsafe_b64decode(cursor)
        place, tag = given[:_PLACE_BYTES], given[_PLACE_BYTES:]
        if hmac.compare_digest(tag, _tag(secret, place, filters, order)):
            return int.from_bytes(place)
    message = "the cursor was not given for this search"
    hint = "send `next_cursor` as it was given, with the same filters and order, or leave it out"
    raise InvalidRequest(message, errors=[FieldError("cursor", message, hint)])


def _tag(secret: bytes, place: bytes, filters: Filters, order: Order) -> bytes:
    search = json.dumps([_DOMAIN, order, described(filters)], sort_keys=True)
    return hmac.new(secret, search.encode() + place, sha256).digest()[:_TAG_BYTES]
