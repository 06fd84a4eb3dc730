"""The tables of access: API keys, and the answers remembered for a repeated request."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Enum, Text
from sqlmodel import Field, SQLModel

from governance.db import UtcTimestamp


class Role(StrEnum):
    """What a caller is to the service."""

    PORTAL = "portal"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"
    ADMIN = "admin"


_ROLE = Enum(
    Role,
    native_enum=False,
    create_constraint=True,
    name="role",
    length=16,
    values_callable=lambda roles: [role.value for role in roles],
)


class ApiKey(SQLModel, table=True):
    """An API key without the key: its HMAC-SHA256 in hex and, to recognise it, its last four."""

    __tablename__ = "api_key"

    id: str = Field(primary_key=True)
    name: str
    role: Role = Field(sa_column=Column(_ROLE, nullable=False))
    hmac: str = Field(unique=True, index=True)
    last_four: str
    created_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False))
    revoked_at: datetime | None = Field(default=None, sa_column=Column(UtcTimestamp))


class IdempotentAnswer(SQLModel, table=True):
    """The answer to the first request with an idempotency key, given again to the next ones."""

    __tablename__ = "idempotent_answer"

    caller_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    request_hash: str
    status: int
    body: str = Field(sa_column=Column(Text, nullable=False))
    media_type: str
    created_at: datetime = Field(sa_column=Column(UtcTimestamp, nullable=False, index=True))
