"""Which decisions are meant: by time, market, category, verdict, gate, caller, release."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists
from sqlmodel import col, select

from governance.decisions.models import Decision, DecisionVerdict


@dataclass(frozen=True)
class Filters:
    """All that are given must hold; none given means every decision.

    `since` is inclusive, `until` exclusive (aware instants); `verdict` with `market` is the verdict
    of that market, alone it is that of any; `caller` is who asked, `release` a digest.
    """

    since: datetime | None = None
    until: datetime | None = None
    market: str | None = None
    category: str | None = None
    verdict: str | None = None
    gate: str | None = None
    caller: str | None = None
    release: str | None = None


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """The filters as conditions on the table of decisions, for who reads it stretch by stretch."""
    found = conditions_but_answers(filters)
    answers = conditions_on_answers(filters)
    if answers:
        of_decision = col(DecisionVerdict.sequence) == col(Decision.sequence)
        found.append(exists().where(of_decision, *answers))
    return found


def conditions_at_once(filters: Filters, *, looked_up: bool = True) -> list[ColumnElement[bool]]:
    """The same, for who looks through the whole record: what is rare is found by its index.

    Not `looked_up` is for who counts: to look up half of the rows by an index of one column takes
    far longer than to read one index that has every column.
    """
    found = conditions_but_answers(filters, looked_up=looked_up)
    answers = conditions_on_answers(filters)
    if answers:
        meant = select(DecisionVerdict.sequence).where(*answers)
        found.append(col(Decision.sequence).in_(meant))
    return found


def conditions_but_answers(
    filters: Filters, *, looked_up: bool = True
) -> list[ColumnElement[bool]]:
    """The filters other than market and verdict as conditions on the table of decisions."""
    found: list[ColumnElement[bool]] = []
    if filters.since is not None:
        found.append(col(Decision.timestamp) >= filters.since)
    if filters.until is not None:
        found.append(col(Decision.timestamp) < filters.until)
    for column, wanted in (
        (col(Decision.category), filters.category),
        (col(Decision.gate), filters.gate),
        (col(Decision.requested_by), filters.caller),
        (col(Decision.release), filters.release),
    ):
        if wanted is not None:
            # No index is used for what is computed, on either database.
            found.append((column if looked_up else column + "") == wanted)
    return found


def conditions_on_answers(filters: Filters) -> list[ColumnElement[bool]]:
    """Market and verdict as conditions on the table of verdicts: one row a decision and market."""
    return [
        column == wanted
        for column, wanted in (
            (col(DecisionVerdict.market), filters.market),
            (col(DecisionVerdict.verdict), filters.verdict),
        )
        if wanted is not None
    ]
