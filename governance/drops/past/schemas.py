"""What the endpoints of past drops take in and give out."""

from typing import Annotated

from pydantic import BaseModel, Field

from governance.problems import FieldProblem
from governance.providers.fields import Country, Date, Line, Strict, Word

Count = Annotated[int, Field(ge=0, le=1_000_000_000_000)]

EXAMPLE = {
    "drop": "spring-2026",
    "creator": "creator-17",
    "category": "apparel",
    "launched_on": "2026-03-14",
    "markets": [
        {
            "country": "DE",
            "audience": 120000,
            "reached": 64000,
            "visits": 3100,
            "orders": 92,
            "returns": 21,
        },
        {
            "country": "US",
            "audience": 310000,
            "reached": 150500,
            "visits": 8020,
            "orders": 233,
            "returns": 40,
        },
    ],
    "sample": False,
}
"""A line as it is sent; the figures are made up."""


class PastMarketLine(Strict):
    """What a drop did in one country, in whole people and orders: visits ≤ reached, and so on."""

    country: Country
    audience: Count = Field(description="Followers of the creator there at the launch.")
    reached: Count = Field(description="People there who saw the drop, followers or not.")
    visits: Count = Field(description="Of these, those who came to the offer.")
    orders: Count = Field(description="Of these, those who ordered.")
    returns: Count = Field(description="Orders that were sent back.")


class PastDropLine(Strict):
    """A drop that is over: one line of an upload."""

    drop: Line = Field(description="Its id; the same id sent again replaces its figures.")
    creator: Line = Field(description="The creator's id, as in the documents of drops.")
    category: Word = Field(description="What was sold, as in the documents of drops.")
    launched_on: Date = Field(description="The day of the launch (UTC), not to come.")
    markets: Annotated[list[PastMarketLine], Field(min_length=1, max_length=250)] = Field(
        description="Each country once."
    )
    sample: bool = Field(default=False, description="Made up, for trying the service out.")


class RefusedLineOut(BaseModel):
    """A line that was not taken in, and how to mend it."""

    line: int = Field(description="Its number, from 1; blank lines count.")
    errors: list[FieldProblem] = Field(description="At most the first 10.")


class ReportOut(BaseModel):
    """What became of the lines that were sent; all of it is durable."""

    accepted: int = Field(description="Drops that were not known.")
    unchanged: int = Field(description="Known with the same figures.")
    replaced: int = Field(description="Known with other figures: those of this line count now.")
    refused_total: int
    refused: list[RefusedLineOut] = Field(description="The first 100 of those that were refused.")


class PastDropOut(PastDropLine):
    """A past drop as it is kept, its markets in the order of their countries."""

    received_at: str = Field(description="When these figures came: RFC 3339, UTC.")


class Totals(BaseModel):
    """How much fits the filters, on all pages."""

    drops: int
    sample_drops: int = Field(description="Of these, those that were made up.")
    creators: int


class PastDropPage(BaseModel):
    """Some past drops in the order of their ids, and where the next ones begin."""

    past_drops: list[PastDropOut]
    totals: Totals
    next_cursor: str | None = Field(
        description="Send it as `cursor` with the same filters; null on the last page."
    )
