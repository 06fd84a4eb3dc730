"""The rows of the files that the files connector reads, one data class a file.

CSV and YAML are text until it is typed here; JSON brings numbers of its own.
"""

import re
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic.dataclasses import dataclass

from governance.providers.connectors.amounts import (
    STRICT,
    Country,
    Currency,
    Days,
    Instant,
    LeadDays,
    Name,
)
from governance.providers.connectors.answers import Observed
from governance.providers.models import Service

_INTEGER = re.compile(r"0|[1-9][0-9]{0,17}")


def _integer(text: str) -> int:
    # Elsewhere "1_000" and "5.0" pass for integers.
    if not _INTEGER.fullmatch(text):
        raise ValueError("Write a whole number in digits alone")
    return int(text)


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_Count = Annotated[int, BeforeValidator(_integer), Field(ge=0)]
_Words = Annotated[tuple[Name, ...], BeforeValidator(_split)]


@dataclass(frozen=True, config=STRICT)
class CoverageRow:
    """A market, and the services there (in YAML a list, or words between spaces)."""

    market: Country
    services: Annotated[tuple[Service, ...], BeforeValidator(_split)]


@dataclass(frozen=True, config=STRICT, kw_only=True)
class _LeadTimes:
    """Days from hand-over to arrival, by quantile."""

    lead_days_p10: Days
    lead_days_p50: Days
    lead_days_p90: Days

    @property
    def lead_days(self) -> LeadDays:
        """All three together."""
        return LeadDays(self.lead_days_p10, self.lead_days_p50, self.lead_days_p90)

    @model_validator(mode="after")
    def _ascend(self) -> Self:
        if not self.lead_days_p10 <= self.lead_days_p50 <= self.lead_days_p90:
            raise ValueError("Lead times ascend: lead_days_p10, lead_days_p50, lead_days_p90")
        return self


@dataclass(frozen=True, config=STRICT)
class RateRow(_LeadTimes):
    """A weight break of a lane: what a parcel of up to so many grams costs, in minor units.

    `modes` and `refuses` are words between spaces, the latter in the terms of `Lane.refuses`.
    """

    lane: Name
    service: Service
    from_country: Country
    to_market: Country
    up_to_grams: Annotated[int, BeforeValidator(_integer), Field(gt=0)]
    minor_units: _Count
    currency: Currency
    modes: _Words
    refuses: _Words


@dataclass(frozen=True, config=STRICT)
class StockRow:
    """Units of a thing at a node when they were counted."""

    node: Name
    sku: Name
    on_hand: _Count
    available: _Count
    counted_at: Instant


@dataclass(frozen=True, config=STRICT)
class NodeRow(_LeadTimes):
    """A node with room, the markets that it serves, and what taking in a unit costs there."""

    node: Name
    country: Country
    markets: Annotated[tuple[Country, ...], BeforeValidator(_split)]
    free_units: _Count
    inbound_minor_units: _Count
    currency: Currency


@dataclass(frozen=True, config=STRICT)
class MilestoneRow:
    """Something that happened to a shipment."""

    shipment: Name
    milestone: Name
    at: Instant


@dataclass(frozen=True, config=STRICT)
class PerformanceRow(Observed):
    """A rate as the provider counts it, for a service in a market."""

    service: Service
    market: Country
