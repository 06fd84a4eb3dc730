"""What the search of decisions gives out."""

from typing import Any

from pydantic import BaseModel, Field


class DecisionOut(BaseModel):
    """A decision with the field names of an OPA decision-log event.

    `erased` and `masked` are pointers into it: what stands there is a commitment, because the
    value exists no more, or is not shown to this caller.
    """

    decision_id: str
    timestamp: str
    labels: dict[str, str]
    bundles: dict[str, dict[str, str]]
    path: str
    input: Any
    result: Any
    requested_by: str
    trace_id: str | None
    metrics: dict[str, int]
    erased: list[str] = Field(description="JSON pointers, as in /input/seller/id.")
    masked: list[str] = Field(description="JSON pointers, as in /input/seller/id.")


class DecisionSummary(BaseModel):
    """A decision in a list; `GET /v1/decisions/{decision_id}` has all of it."""

    decision_id: str
    timestamp: str = Field(description="When it was recorded: RFC 3339, UTC.")
    gate: str
    category: str | None
    verdicts: dict[str, str] = Field(
        description="By market; under an empty name where the gate knows no markets."
    )
    release: str
    requested_by: str
    erased: bool = Field(description="Whether its personal values were erased.")


class DecisionPage(BaseModel):
    """Some decisions, and where the next ones begin."""

    decisions: list[DecisionSummary]
    next_cursor: str | None = Field(
        description="Send it as `cursor` with the same filters and order; null on the last page."
    )


class ValueCount(BaseModel):
    """A value and how often it occurs."""

    value: str
    count: int


class FacetsOut(BaseModel):
    """How the decisions that the filters mean are spread.

    An answer is one decision about one market; a gate without markets gives one a decision.
    """

    total: int = Field(description="Decisions.")
    gate: list[ValueCount] = Field(description="Decisions, the most frequent gate first.")
    category: list[ValueCount] = Field(description="Decisions that are about a category.")
    release: list[ValueCount] = Field(description="Decisions.")
    day: list[ValueCount] = Field(description="Decisions by day (UTC), the newest first.")
    market: list[ValueCount] = Field(
        description="Answers about a market; with the filters `market` and `verdict` only theirs."
    )
    verdict: list[ValueCount] = Field(
        description="Answers; with the filters `market` and `verdict` only theirs."
    )
    note: str | None = Field(description="What is not listed, where there is too much of it.")
