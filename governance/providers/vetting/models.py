"""The tables of vetting: incidents, and each provider's latest vetting with whether one is due."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Column, Date, ForeignKey
from sqlmodel import Field, SQLModel

from governance.db import SEQUENCE, UtcTimestamp
from governance.providers.models import word_type


class Severity(StrEnum):
    """How bad an incident is: a grave one suspends, a lesser one bars a better standing."""

    MINOR = "minor"
    MAJOR = "major"
    GRAVE = "grave"


class Incident(SQLModel, table=True):
    """Something that went wrong; open from its day until, and without, the day it is closed on."""

    __tablename__ = "provider_incident"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: int = Field(
        default=None, sa_column=Column(SEQUENCE, primary_key=True, autoincrement=True)
    )
    provider_id: str = Field(foreign_key="provider.id", index=True)
    severity: Severity = Field(sa_column=Column(word_type("severity", Severity, 8), nullable=False))
    title: str
    description: str = ""
    opened_on: date = Field(sa_column=Column(Date, nullable=False))
    opened_by: str
    closed_on: date | None = Field(default=None, sa_column=Column(Date))
    closed_by: str | None = None
    resolution: str | None = None


class Vetting(SQLModel, table=True):
    """A provider's latest vetting, and since when another is due because something changed."""

    __tablename__ = "provider_vetting"

    provider_id: str = Field(foreign_key="provider.id", primary_key=True)
    due_since: datetime | None = Field(
        default=None, sa_column=Column(UtcTimestamp, nullable=True, index=True)
    )
    vetted_at: datetime | None = Field(default=None, sa_column=Column(UtcTimestamp))
    decision_id: str | None = Field(
        default=None, sa_column=Column(ForeignKey("decision.decision_id"))
    )
