"""What a connector is asked, one data class a call; each is checked when it is made."""

from dataclasses import field
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from governance.providers.connectors.amounts import STRICT, Country, Grams, Name
from governance.providers.models import Service

_Units = Annotated[int, Field(gt=0)]


@dataclass(frozen=True, config=STRICT)
class CoverageQuestion:
    """What do you do in this market (ISO 3166-1 alpha-2)?"""

    market: Country


@dataclass(frozen=True, config=STRICT)
class QuoteQuestion:
    """What does a parcel cost, and how long does it take?

    `goods` are the categories and kinds of dangerous goods in it, in the words of `Lane.refuses`.
    """

    service: Service
    from_country: Country
    to_market: Country
    weight_grams: Grams
    goods: tuple[Name, ...] = ()


@dataclass(frozen=True, config=STRICT)
class InventoryQuestion:
    """How much of these do you hold, node by node?"""

    skus: Annotated[tuple[Name, ...], Field(min_length=1)]


@dataclass(frozen=True, config=STRICT)
class PlacementQuestion:
    """Where would you take in so many units, to serve this market?"""

    market: Country
    units: _Units


@dataclass(frozen=True, config=STRICT)
class OrderLine:
    """So many units of a thing."""

    sku: Name
    units: _Units


@dataclass(frozen=True, config=STRICT)
class Recipient:
    """Whom a parcel goes to; personal data, so it does not show in a repr."""

    name: Name = field(repr=False)
    street: Name = field(repr=False)
    postal_code: Name = field(repr=False)
    city: Name = field(repr=False)
    country: Country


@dataclass(frozen=True, config=STRICT)
class OrderQuestion:
    """Send these to this recipient.

    With an `idempotency_key` the same order may safely be sent again, and only then is it retried.
    """

    reference: Name
    service: Service
    lines: Annotated[tuple[OrderLine, ...], Field(min_length=1)]
    recipient: Recipient
    idempotency_key: Name | None = None


@dataclass(frozen=True, config=STRICT)
class TrackingQuestion:
    """Where is this shipment?"""

    shipment: Name


@dataclass(frozen=True, config=STRICT)
class PerformanceQuestion:
    """How do you say that you performed in this market?"""

    service: Service
    market: Country
