"""What the endpoints of events give out."""

from pydantic import BaseModel, Field

from governance.providers.events.observation import Reason


class SetAsideOut(BaseModel):
    """An event that was not taken in, and how to mend it."""

    line: int = Field(description="Its line, or its place in the batch, from 1.")
    pointer: str = Field(description="JSON pointer into the event; empty for all of it.")
    reason: Reason
    message: str
    hint: str | None


class ReportOut(BaseModel):
    """What became of the events that were sent; all of it is durable."""

    accepted: int = Field(description="Taken in now.")
    repeated: int = Field(description="Taken in before: the same source, id and content.")
    set_aside_total: int
    set_aside: list[SetAsideOut] = Field(description="The first 100 of those that are set aside.")


class StoredSetAside(SetAsideOut):
    """An event that was set aside, as it is kept."""

    number: int
    received_at: str = Field(description="When it first came: RFC 3339, UTC.")
    body: str = Field(description="The event as it came, or its first 2,000 characters.")


class SetAsidePage(BaseModel):
    """Events that were set aside, the newest first, and where the next ones begin."""

    set_aside: list[StoredSetAside]
    next_before: int | None = Field(description="Send it as `before`; null on the last page.")
