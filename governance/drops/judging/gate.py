"""The one way to a state that the drop gate guards: judged, on the record, then the step.

Whoever wants a drop approved, live, rejected or held by its verdict comes through `judge`: the API,
the commands and the background alike. The database refuses such a step without its decision.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from governance.access.caller import Caller
from governance.decisions import service as decisions
from governance.decisions.service import new_decision_id
from governance.drops.judging.question import Approval, question
from governance.drops.models import Drop, DropPlan, DropState
from governance.drops.states import IllegalStep, take_step
from governance.gates.pipeline import Evaluation, canonical

_STEPS: Mapping[DropState, Mapping[str, DropState]] = {
    # Where the drop stands, and where a verdict leads to; of those that are not there, `_REFUSED`.
    DropState.PLANNED: {"allowed": DropState.APPROVED, "needs_review": DropState.NEEDS_REVIEW},
    DropState.NEEDS_REVIEW: {
        "allowed": DropState.APPROVED,
        "needs_review": DropState.NEEDS_REVIEW,
    },
    DropState.APPROVED: {"allowed": DropState.APPROVED, "needs_review": DropState.NEEDS_REVIEW},
    DropState.LIVE: {"allowed": DropState.LIVE},
    DropState.ON_HOLD: {"allowed": DropState.ON_HOLD},
}
_REFUSED: Mapping[DropState, DropState] = {
    DropState.PLANNED: DropState.REJECTED,
    DropState.NEEDS_REVIEW: DropState.REJECTED,
    DropState.APPROVED: DropState.REJECTED,
    DropState.LIVE: DropState.ON_HOLD,
    DropState.ON_HOLD: DropState.ON_HOLD,
}


@dataclass(frozen=True)
class Judged:
    """What the gate said of a drop: `result`, on the record under `decision_id`.

    `recorded` is False where it only confirmed what that decision says.
    """

    drop_id: str
    before: DropState
    after: DropState
    decision_id: str
    result: Mapping[str, Any]
    recorded: bool

    @property
    def verdict(self) -> str:
        return str(self.result["verdict"])


def judge(
    session: Session,
    caller: Caller,
    drop: Drop,
    *,
    now: datetime,
    wanted: DropState | None = None,
    approval: Approval | None = None,
    unless_same: bool = False,
    because: str = "",
) -> Judged:
    """Judge a drop, whose row the caller has locked, as all is now; take the step that follows.

    `wanted` is a state that a verdict of `allowed` leads to instead (`live`). `approval` is one
    that is being given. With `unless_same` nothing is recorded where the verdict and its reasons
    are those of the latest decision and no step follows. `because` begins the step's reason.

    Raises:
        IllegalStep: the drop has no plan, or nothing leads from its state by a verdict.
        EngineUnavailable: there is no verdict, and nothing changes.
    """
    if drop.state not in _STEPS:
        raise IllegalStep(
            f"{drop.id} is {drop.state.value}: nothing is judged there; plan it first"
        )
    plan = plan_of(session, drop)
    asked = question(session, caller.gates, drop, plan, now, approval)
    evaluation = caller.gates.evaluate("drop", asked.request)
    before, verdict = drop.state, evaluation.result["verdict"]
    if verdict == "allowed" and wanted is not None:
        after = wanted
    else:
        after = _STEPS[before].get(verdict, _REFUSED[before])
    if unless_same and after == before and _confirms(session, drop, evaluation):
        assert drop.judged_decision_id is not None
        return Judged(drop.id, before, after, drop.judged_decision_id, evaluation.result, False)
    for sale in asked.sales:
        sale.record(session, caller)
    decision_id = evaluation.record(session, caller.id, caller.trace_id, new_decision_id())
    if after != before:
        take_step(
            session,
            drop,
            after,
            actor=caller.id,
            reason=_reason(because, evaluation.result),
            decision_id=decision_id,
            now=now,
        )
    else:
        drop.judged_decision_id = decision_id
        session.add(drop)
        session.flush()
    return Judged(drop.id, before, after, decision_id, evaluation.result, True)


def would_be(
    session: Session, caller: Caller, drop: Drop, now: datetime, on: date | None = None
) -> dict[str, Any]:
    """The gate's result for a drop's plan, on another day or today; nothing is recorded or changed.

    Raises IllegalStep where there is no plan, EngineUnavailable where there is no verdict.
    """
    asked = question(session, caller.gates, drop, plan_of(session, drop), now, on=on)
    return caller.gates.evaluate("drop", asked.request).result


def plan_of(session: Session, drop: Drop) -> DropPlan:
    """The plan that holds; raises IllegalStep where there is none."""
    plan = session.get(DropPlan, drop.plan_id) if drop.plan_id is not None else None
    if plan is None:
        raise IllegalStep(f"{drop.id} has no plan: POST /v1/drops/{drop.id}/plan makes one")
    return plan


def _confirms(session: Session, drop: Drop, evaluation: Evaluation) -> bool:
    """Whether this says what the latest decision says, under the same release."""
    if drop.judged_decision_id is None:
        return False
    latest = decisions.get(session, drop.judged_decision_id)
    if latest.release != evaluation.release:
        return False
    return _outcome(json.loads(latest.result)) == _outcome(json.loads(canonical(evaluation.result)))


def _outcome(result: Mapping[str, Any]) -> tuple[Any, ...]:
    """All but the days."""
    return result["verdict"], result["reasons"], result["markets"]


def _reason(because: str, result: Mapping[str, Any]) -> str:
    found = ", ".join(result["reasons"]) or "nothing stands against it"
    return f"{because}: {found}" if because else found
