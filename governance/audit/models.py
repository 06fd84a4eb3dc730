"""The tables of the transparency log: the order of its entries, its tiles, what was signed."""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, LargeBinary, Text
from sqlmodel import Field, SQLModel

from governance.db import SEQUENCE, UtcTimestamp


class LogEntry(SQLModel, table=True):
    """The place of a decision in the tree: gapless from 0, given once it is sealed. Append-only.

    Numbered apart from `decision.sequence`, which has gaps where a transaction was rolled back.
    """

    __tablename__ = "log_entry"

    entry_index: int = Field(sa_column=Column(SEQUENCE, primary_key=True, autoincrement=False))
    sequence: int = Field(
        sa_column=Column(SEQUENCE, ForeignKey("decision.sequence"), nullable=False, unique=True)
    )


class LogTile(SQLModel, table=True):
    """The hashes of a tile so far, 32 bytes each, at most 256: a trigger lets it only grow.

    Layout: https://c2sp.org/tlog-tiles
    """

    __tablename__ = "log_tile"

    level: int = Field(primary_key=True)
    number: int = Field(sa_column=Column(SEQUENCE, primary_key=True, autoincrement=False))
    hashes: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Checkpoint(SQLModel, table=True):
    """A signed state of the tree (https://c2sp.org/tlog-checkpoint). Append-only.

    `note` is the whole signed note; `size` and `root` (base64) stand in it too.
    """

    __tablename__ = "checkpoint"
    __table_args__ = {"sqlite_autoincrement": True}

    number: int = Field(
        default=None, sa_column=Column(SEQUENCE, primary_key=True, autoincrement=True)
    )
    size: int = Field(sa_column=Column(SEQUENCE, nullable=False, index=True))
    root: str
    note: str = Field(sa_column=Column(Text, nullable=False))
    signed_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))


class LogKey(SQLModel, table=True):
    """A public key that signs or signed the log (https://c2sp.org/signed-note). Append-only.

    The newest one signs; the others stay, so that what they signed can be checked.
    """

    __tablename__ = "log_key"
    __table_args__ = {"sqlite_autoincrement": True}

    number: int = Field(
        default=None, sa_column=Column(SEQUENCE, primary_key=True, autoincrement=True)
    )
    verifier_key: str = Field(unique=True)
    since: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
