"""The tables of decisions: what is on the record, what is personal in it, what it is found by."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKey, Index, Text
from sqlmodel import Field, SQLModel

from governance.db import SEQUENCE, UtcTimestamp


class Decision(SQLModel, table=True):
    """One decision as it was given. Append-only: triggers refuse UPDATE and DELETE.

    `input` holds commitments where the request held personal values. `sequence` is the order of
    the record. On PostgreSQL numbers are handed out before the commit: a lower one may become
    visible later, and a rolled back one never does.
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
    category: str | None = Field(default=None, index=True)


class DecisionVerdict(SQLModel, table=True):
    """A verdict of a decision: one row a market, or one with an empty market. Append-only."""

    __tablename__ = "decision_verdict"
    __table_args__ = (Index("ix_decision_verdict_market", "market", "verdict", "sequence"),)

    sequence: int = Field(
        sa_column=Column(SEQUENCE, ForeignKey("decision.sequence"), primary_key=True)
    )
    market: str = Field(primary_key=True)
    verdict: str


class PersonalValues(SQLModel, table=True):
    """The personal values of a decision with their salts: the only place that holds them.

    `opened` is a JSON text, `{pointer: {"salt": hex, "value": …}}`; `bucket` is that of the person
    whom they are about. Erasing writes `{}` and blanks over the text, to its last byte.
    """

    __tablename__ = "personal_values"

    sequence: int = Field(
        sa_column=Column(
            SEQUENCE, ForeignKey("decision.sequence"), primary_key=True, autoincrement=False
        )
    )
    bucket: int = Field(index=True)
    opened: str = Field(sa_column=Column(Text, nullable=False))
