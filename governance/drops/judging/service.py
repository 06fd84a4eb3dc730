"""What people and the portal do with a planned drop: submit, approve, sell, hold and so on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlmodel import Session

from governance.access.caller import Caller
from governance.db import transaction
from governance.decisions import service as decisions
from governance.drops import registry
from governance.drops.judging.errors import NotIndependent, NotPassed, OutOfSeason, SeenBefore
from governance.drops.judging.gate import Judged, judge, plan_of
from governance.drops.judging.question import Approval, is_independent
from governance.drops.models import Drop, DropApproval, DropState
from governance.drops.states import check_step, take_step
from governance.errors import FieldError, InvalidRequest
from governance.gates.pipeline import Pipeline


def submit(
    pipeline: Pipeline,
    caller: Caller,
    drop_id: str,
    submitted_by: str | None = None,
    now: datetime | None = None,
) -> Judged:
    """Have a planned drop judged: it is then approved, needs a review, or is rejected.

    `submitted_by` is the person for whom a portal speaks; unset: the caller.
    Raises NotFound, IllegalStep, EngineUnavailable, InvalidRequest (`person`).
    """
    who = person(caller, "submitted_by", submitted_by) or caller.id
    with _held(pipeline, caller, drop_id, now) as (session, drop, at):
        _check_state(session, drop, DropState.PLANNED, to=DropState.APPROVED)
        drop.submitted_by = who
        session.add(drop)
        return judge(session, caller, drop, now=at, because=f"submitted by {who}")


def withdraw(
    pipeline: Pipeline, caller: Caller, drop_id: str, reason: str, now: datetime | None = None
) -> None:
    """Take a submitted or approved drop back: its plan stays, its verdict holds no more.

    Raises NotFound, IllegalStep, InvalidRequest without a reason.
    """
    with _held(pipeline, caller, drop_id, now) as (session, drop, at):
        _check_state(
            session, drop, DropState.NEEDS_REVIEW, DropState.APPROVED, to=DropState.PLANNED
        )
        take_step(
            session,
            drop,
            DropState.PLANNED,
            actor=caller.id,
            reason=f"withdrawn: {reason}" if reason.strip() else reason,
            decision_id=None,
            now=at,
        )


def approve(
    pipeline: Pipeline,
    caller: Caller,
    drop_id: str,
    *,
    decision_id: str,
    comment: str,
    approver: str | None = None,
    now: datetime | None = None,
) -> Judged:
    """Approve what a decision found, and what a reviewer may lift, in a drop that needs a review.

    The gate judges again with the approval. The approval is kept, and the drop approved, only if
    the gate then lets it through. `decision_id` is the one that the approver has seen, `approver`
    the person for whom a portal speaks.

    Raises:
        NotFound, IllegalStep: there is no such drop, or it needs no review.
        InvalidRequest: nobody is named (`person`).
        SeenBefore: it was judged again since that decision.
        NotIndependent: the approver submitted the drop, made it, or is its creator.
        NotPassed: more stands against it than what the decision found.
        EngineUnavailable: there is no verdict, and nothing changes.
    """
    with _held(pipeline, caller, drop_id, now) as (session, drop, at):
        _check_state(session, drop, DropState.NEEDS_REVIEW, to=DropState.APPROVED)
        who = _reviewing(caller, approver)
        if not is_independent(drop, registry.document_of(drop), who):
            raise NotIndependent(
                f"{who} submitted {drop.id}, made it, or is its creator: somebody else approves it"
            )
        if drop.judged_decision_id != decision_id:
            raise SeenBefore(
                f"{drop.id} was judged again: read decision {drop.judged_decision_id} first"
            )
        found = json.loads(decisions.get(session, decision_id).result)["reasons"]
        judged = judge(
            session,
            caller,
            drop,
            now=at,
            approval=Approval(who, True, found),
            because=f"approved by {who}",
        )
        if judged.after is DropState.APPROVED:
            session.add(
                DropApproval(
                    drop_id=drop.id,
                    plan_digest=plan_of(session, drop).digest,
                    approver=who,
                    caller_id=caller.id,
                    decision_id=judged.decision_id,
                    reasons=found,
                    comment=comment,
                    approved_at=at,
                )
            )
    return _passed(judged, DropState.APPROVED)


def reject(
    pipeline: Pipeline,
    caller: Caller,
    drop_id: str,
    *,
    reason: str,
    approver: str | None = None,
    now: datetime | None = None,
) -> None:
    """Refuse a drop that needs a review, for a reason, on the decision that sent it there.

    Raises NotFound, IllegalStep, InvalidRequest without a reason or a person.
    """
    with _held(pipeline, caller, drop_id, now) as (session, drop, at):
        _check_state(session, drop, DropState.NEEDS_REVIEW, to=DropState.REJECTED)
        who = _reviewing(caller, approver)
        take_step(
            session,
            drop,
            DropState.REJECTED,
            actor=caller.id,
            reason=f"rejected by {who}: {reason}" if reason.strip() else reason,
            decision_id=drop.judged_decision_id,
            now=at,
        )


def go_live(
    pipeline: Pipeline, caller: Caller, drop_id: str, now: datetime | None = None
) -> Judged:
    """Begin the sale of an approved drop, or go on with one on hold, if the gate lets it, now.

    Raises:
        NotFound, IllegalStep: there is no such drop, or it is neither approved nor on hold.
        OutOfSeason: the sale has not begun, or is over.
        NotPassed: something stands against it; an approved drop has then gone back.
        EngineUnavailable: there is no verdict, and nothing changes.
    """
    with _held(pipeline, caller, drop_id, now) as (session, drop, at):
        _check_state(session, drop, DropState.APPROVED, DropState.ON_HOLD, to=DropState.LIVE)
        today = at.astimezone(UTC).date()
        if not drop.sale_from <= today <= drop.sale_to:
            raise OutOfSeason(
                f"{drop.id} is on sale from {drop.sale_from} to {drop.sale_to}; today is {today}"
            )
        because = "live" if drop.state is DropState.APPROVED else "back on sale"
        judged = judge(session, caller, drop, now=at, wanted=DropState.LIVE, because=because)
    return _passed(judged, DropState.LIVE)


def hold(
    pipeline: Pipeline, caller: Caller, drop_id: str, reason: str, now: datetime | None = None
) -> None:
    """Stop the sale of a live or approved drop at once, for a reason, whatever the gate says.

    Raises NotFound, IllegalStep, InvalidRequest without a reason.
    """
    with _held(pipeline, caller, drop_id, now) as (session, drop, at):
        take_step(
            session,
            drop,
            DropState.ON_HOLD,
            actor=caller.id,
            reason=reason,
            decision_id=None,
            now=at,
        )


def _reviewing(caller: Caller, named: str | None) -> str:
    """Who reviews; raises InvalidRequest where a portal names nobody."""
    who = person(caller, "approver", named)
    if who is None:
        message = "name the person who reviews"
        hint = "a portal speaks for somebody, who did not ask for the drop"
        raise InvalidRequest(message, errors=[FieldError("/approver", message, hint)])
    return who


def person(caller: Caller, field: str, named: str | None) -> str | None:
    """Who acts: whom a portal names, None where it names nobody; else the holder of the key.

    Raises InvalidRequest where somebody with a key of their own names another.
    """
    if caller.role == "portal":
        return named
    if named not in (None, caller.id):
        message = f"{caller.id} acts for nobody else"
        hint = "leave it out: only a portal names the person for whom it speaks"
        raise InvalidRequest(message, errors=[FieldError(f"/{field}", message, hint)])
    return caller.id


@contextmanager
def _held(
    pipeline: Pipeline, caller: Caller, drop_id: str, now: datetime | None
) -> Iterator[tuple[Session, Drop, datetime]]:
    """A write transaction with the drop's row locked. Raises NotFound where it is not theirs."""
    with transaction(pipeline.engine, write=True) as session:
        drop = registry.visible(session, caller, drop_id, lock=True)
        yield session, drop, now or datetime.now(UTC)


def _check_state(session: Session, drop: Drop, *states: DropState, to: DropState) -> None:
    """Raises IllegalStep unless the drop stands in one of these states."""
    if drop.state not in states:
        check_step(session, drop, to)
        there = " or ".join(one.value for one in states)
        raise NotPassed(
            f"{drop.id} is {drop.state.value}; this is done where it is {there}",
            state=drop.state.value,
        )


def _passed(judged: Judged, wanted: DropState) -> Judged:
    """Raises NotPassed unless the drop came where it was wanted; by then all is committed."""
    if judged.after is wanted:
        return judged
    raise NotPassed(
        f"{judged.drop_id} is {judged.after.value}, for the gate says {judged.verdict}: "
        + ", ".join(judged.result["reasons"]),
        decision_id=judged.decision_id,
        state=judged.after.value,
        verdict=judged.verdict,
        reasons=list(judged.result["reasons"]),
    )
