"""Which decisions are meant: by time, market, category, verdict, gate, caller, release."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists
from sqlmodel import col

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
    """The filters as conditions on the table of decisions."""
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
            found.append(column == wanted)
    verdicts = [
        column == wanted
        for column, wanted in (
            (col(DecisionVerdict.market), filters.market),
            (col(DecisionVerdict.verdict), filters.verdict),
        )
        if wanted is not None
    ]
    if verdicts:
        of_decision = col(DecisionVerdict.sequence) == col(Decision.sequence)
        found.append(exists().where(of_decision, *verdicts))
    return found
