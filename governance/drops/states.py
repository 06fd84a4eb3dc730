"""Steps between a drop's states, in SQL: only those that exist, and each on the record."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from governance.drops.models import Drop, DropChange, DropState, DropStep
from governance.drops.webhooks.outbox import emit
from governance.errors import FieldError, GovernanceError, InvalidRequest

UNPLANNED = (DropState.DRAFT, DropState.PLANNED)
"""Where no judgement of the drop counts: its document or its plan may have become another."""


class IllegalStep(GovernanceError):
    """No step leads from where the drop stands to where it should."""

    status = 409
    code = "illegal-step"
    title = "No step leads there from where the drop stands"


def next_states(session: Session, state: DropState) -> list[DropState]:
    """Where a step leads to from a state; none from `closed`."""
    steps = select(DropStep.to_state).where(col(DropStep.from_state) == state.value)
    found = set(session.exec(steps))
    return [one for one in DropState if one.value in found]


def check_step(session: Session, drop: Drop, to: DropState) -> None:
    """Raises IllegalStep, with the steps that there are, unless one leads to `to`."""
    legal = next_states(session, drop.state)
    if to not in legal:
        there = ", ".join(legal) or "nowhere: what is closed stays so, make a new drop"
        raise IllegalStep(
            f"{drop.id} is {drop.state.value}, and no step leads from there to {to.value}; steps "
            f"lead to {there}",
            state=drop.state.value,
            steps=[one.value for one in legal],
        )


def take_step(
    session: Session,
    drop: Drop,
    to: DropState,
    *,
    actor: str,
    reason: str,
    decision_id: str | None,
    now: datetime,
) -> DropChange:
    """Move a drop to another state; the step on the record.

    The drop's row is locked and read anew. The step is written first: the database lets no drop
    move without it, none be approved or live but by a decision of the drop gate that allows the
    plan that holds, and none be judged otherwise without such a decision; only a person's hold
    needs none. Webhooks hear of it, by the kind `drop.` and the new state.

    Raises IllegalStep, and InvalidRequest where no reason is given.
    """
    if not reason.strip():
        message = "a step needs a reason"
        raise InvalidRequest(message, errors=[FieldError("/reason", message, "say why")])
    session.flush()
    session.refresh(drop, with_for_update={"key_share": True})
    check_step(session, drop, to)
    before = drop.state
    change = DropChange(
        drop_id=drop.id,
        from_state=before.value,
        to_state=to.value,
        decision_id=decision_id,
        actor=actor,
        reason=reason,
        changed_at=now,
    )
    session.add(change)
    session.flush()
    judged = None if to in UNPLANNED else decision_id or drop.judged_decision_id
    session.connection().execute(
        update(Drop)
        .where(col(Drop.id) == drop.id)
        .values(state=to, judged_decision_id=judged, updated_at=now)
    )
    session.refresh(drop)
    _tell(session, drop, change)
    return change


def _tell(session: Session, drop: Drop, change: DropChange) -> None:
    # Without the reason: a person wrote it, and an event is never changed.
    data = {
        "drop": drop.id,
        "change": change.number,
        "from": change.from_state,
        "to": change.to_state,
        "version": drop.version,
        "decision_id": change.decision_id,
    }
    kind = f"drop.{change.to_state}"
    emit(session, kind, drop.id, data, change.changed_at, audience=drop.created_by)


def changes_of(session: Session, drop_id: str) -> Sequence[DropChange]:
    """The steps that a drop took, the first one first."""
    mine = select(DropChange).where(col(DropChange.drop_id) == drop_id)
    return session.exec(mine.order_by(col(DropChange.number))).all()
