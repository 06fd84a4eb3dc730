"""Reads what the report of a drop is made from: plan, document, the gate's verdict, every step."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.access.caller import Caller
from governance.db import transaction
from governance.drops import registry
from governance.drops.judging.verdict import verdict
from governance.drops.report.page import render_plan
from governance.drops.states import changes_of
from governance.gates.pipeline import Pipeline


@dataclass(frozen=True)
class Reported:
    """A drop's plan that holds, its document, what the gate said of it (None: nothing), steps."""

    plan: dict[str, Any]
    document: dict[str, Any]
    verdict: dict[str, Any] | None
    changes: list[dict[str, Any]]

    @property
    def page(self) -> str:
        """The report as one HTML file."""
        return render_plan(self.plan, self.document, self.verdict, self.changes)


def report_of(
    pipeline: Pipeline, caller: Caller, drop_id: str, now: datetime | None = None
) -> Reported:
    """What there is to say of a drop. Raises NotFound for no such drop, and for one unplanned."""
    with transaction(pipeline.engine) as session:
        drop = registry.visible(session, caller, drop_id)
        plan = json.loads(registry.plan_of(session, drop).plan)
        document = json.loads(drop.document)
        changes = [one.model_dump() for one in changes_of(session, drop_id)]
        judged = drop.judged_decision_id is not None
    said = verdict(pipeline, caller, drop_id, now) if judged else None
    return Reported(plan, document, said, changes)
