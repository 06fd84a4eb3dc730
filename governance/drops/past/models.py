"""The table of past drops: the newest figures of each, as forecasts learn from them."""

from datetime import date, datetime

from sqlalchemy import Column, Date, Text
from sqlmodel import Field, SQLModel

from governance.db import UtcTimestamp


class StoredPastDrop(SQLModel, table=True):
    """A drop that is over.

    `markets` is a JSON list of [country, audience, reached, visits, orders, returns], in the order
    of the countries; `digest` the SHA-256 of all that was sent, in one spelling; `received_at` when
    these figures came.
    """

    __tablename__ = "past_drop"

    id: str = Field(primary_key=True)
    creator: str = Field(index=True)
    category: str = Field(index=True)
    launched_on: date = Field(sa_column=Column(Date, nullable=False))
    markets: str = Field(sa_column=Column(Text, nullable=False))
    sample: bool
    digest: str
    received_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
