"""The table of decisions: the fields of an OPA decision-log event, one row a decision."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Text
from sqlmodel import Field, SQLModel

from governance.db import SEQUENCE, UtcTimestamp


class Decision(SQLModel, table=True):
    """One decision as it was given. Append-only: triggers refuse UPDATE and DELETE.

    `sequence` is the order of the record. On PostgreSQL numbers are handed out before the commit:
    a lower one may become visible later, and a rolled back one never does.
    """

    __tablename__ = "decision"
    __table_args__ = {"sqlite_autoincrement": True}

    sequence: int = Field(
        default=None, sa_column=Column(SEQUENCE, primary_key=True, autoincrement=True)
    )
    decision_id: str = Field(unique=True, index=True)
    timestamp: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False, index=True))
    gate: str = Field(index=True)
    labels: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    release: str = Field(index=True)
    path: str
    input: str = Field(sa_column=Column(Text, nullable=False))
    result: str = Field(sa_column=Column(Text, nullable=False))
    requested_by: str = Field(index=True)
    trace_id: str | None = None
    metrics: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    erased: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    masked: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
