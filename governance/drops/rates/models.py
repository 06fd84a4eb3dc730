"""The table of exchange rates: a row for a day."""

from datetime import date, datetime

from sqlalchemy import JSON, Column, Date
from sqlmodel import Field, SQLModel

from governance.db import UtcTimestamp


class ExchangeRates(SQLModel, table=True):
    """The rates of a day: units of each currency (ISO 4217) for one unit of `base`.

    `rates` holds decimal texts by currency, as they were put; `source` says where they are from,
    and `sample` marks rates that were made up.
    """

    __tablename__ = "exchange_rates"

    day: date = Field(sa_column=Column(Date, primary_key=True))
    base: str
    source: str
    sample: bool
    rates: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    put_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
