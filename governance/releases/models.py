"""The tables of releases: their content by digest, and the history of which one was in force."""

from datetime import datetime

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from governance.db import SEQUENCE, UtcTimestamp


class Release(SQLModel, table=True):
    """One release. Append-only, so that its decisions can be replayed for ever."""

    __tablename__ = "release"

    digest: str = Field(primary_key=True)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
    created_by: str
    note: str


class ReleaseInForce(SQLModel, table=True):
    """One change of the release in force; the last row is the present. Append-only."""

    __tablename__ = "release_in_force"
    __table_args__ = {"sqlite_autoincrement": True}

    sequence: int = Field(
        default=None, sa_column=Column(SEQUENCE, primary_key=True, autoincrement=True)
    )
    digest: str = Field(foreign_key="release.digest")
    since: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
    set_by: str
