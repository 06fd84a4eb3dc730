"""What the law of a coming day would stop: approved and live drops, judged as of that day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select

from governance.access.caller import Caller
from governance.db import transaction
from governance.drops.judging.gate import would_be
from governance.drops.models import Drop, DropState
from governance.errors import GovernanceError, InvalidRequest
from governance.gates.pipeline import Pipeline

ON_SALE = (DropState.LIVE, DropState.APPROVED, DropState.NEEDS_REVIEW)


@dataclass(frozen=True)
class Breaks:
    """A drop that would not pass on the day; `result` is the gate's, None where there is none."""

    drop_id: str
    title: str
    state: DropState
    result: dict[str, Any] | None
    error: str | None = None


def affected(pipeline: Pipeline, on: date) -> list[str]:
    """The ids of the drops that are, or are to be, on sale on a day."""
    with transaction(pipeline.engine) as session:
        there = select(Drop.id).where(col(Drop.state).in_(ON_SALE), col(Drop.sale_to) >= on)
        return list(session.exec(there.order_by(col(Drop.id))))


def what_breaks(
    pipeline: Pipeline, caller: Caller, drop_ids: list[str], on: date, now: datetime
) -> Iterator[Breaks | None]:
    """For each of these drops, what would stop it; None where the law of that day lets it pass.

    Providers, lanes and evidence are as they are today: only the day differs. Nothing is recorded.
    Raises InvalidRequest for a day that is past.
    """
    if on < now.date():
        raise InvalidRequest(f"{on} is past: what the law stopped then is on the record")
    for drop_id in drop_ids:
        with transaction(pipeline.engine) as session:
            drop = session.get_one(Drop, drop_id)
            try:
                result = would_be(session, caller, drop, now, on)
            except GovernanceError as error:
                yield Breaks(drop.id, drop.title, drop.state, None, error.detail)
                continue
        passes = (
            ("allowed", "needs_review") if drop.state is DropState.NEEDS_REVIEW else ("allowed",)
        )
        if result["verdict"] in passes:
            yield None
        else:
            yield Breaks(drop.id, drop.title, drop.state, result)
