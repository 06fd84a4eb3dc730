"""Amounts in questions and answers: money, weights, counts, instants, lead times."""

from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Self

import pycountry
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field, model_validator
from pydantic.dataclasses import dataclass

# Instances are looked at again when a connector hands them over: an answer is what it says.
STRICT = ConfigDict(strict=True, extra="forbid", revalidate_instances="always", allow_inf_nan=False)


@cache
def _currencies() -> frozenset[str]:
    return frozenset(currency.alpha_3 for currency in pycountry.currencies)


def _currency(code: str) -> str:
    if code not in _currencies():
        raise ValueError(f"{code!r} is not a currency code of ISO 4217")
    return code


def _to_utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


Name = Annotated[str, Field(min_length=1, max_length=200)]
Count = Annotated[int, Field(ge=0)]
Grams = Annotated[int, Field(gt=0)]
Days = Annotated[float, Field(ge=0)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Currency = Annotated[str, AfterValidator(_currency)]
Instant = Annotated[AwareDatetime, AfterValidator(_to_utc)]


@dataclass(frozen=True, config=STRICT)
class Money:
    """An amount in minor units of a currency (ISO 4217)."""

    minor_units: Count
    currency: Currency


@dataclass(frozen=True, config=STRICT)
class LeadDays:
    """Days from hand-over to arrival, by quantile; they do not fall from one to the next."""

    p10: Days
    p50: Days
    p90: Days

    @model_validator(mode="after")
    def _ascend(self) -> Self:
        if not self.p10 <= self.p50 <= self.p90:
            raise ValueError("Lead times ascend: p10, p50, p90")
        return self
