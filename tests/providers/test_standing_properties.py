"""Whatever happens to a provider: nobody is active unjudged, and no step is without a decision."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from serving import SOAK
from sqlmodel import func, select
from vetted_providers import document, register, send, shipped, standing_of, vetted

from governance.db import transaction
from governance.decisions import service as decisions
from governance.decisions.models import Decision
from governance.errors import GovernanceError, InvalidRequest
from governance.gates.pipeline import Pipeline
from governance.providers.models import Standing
from governance.providers.vetting.incidents import close_incident, incidents, open_incident
from governance.providers.vetting.models import Severity
from governance.providers.vetting.service import MAY_BE_ASKED_FOR
from governance.providers.vetting.standing import IllegalStep, changes_of, next_standings

_numbers = count(1)
REACHED: set[Standing] = set()
"""Where some provider stood: a search that reaches little proves little."""
_SERVICES = ("last_mile", ["US"]), ("customs_brokerage", ["US"])


def licence(days: int) -> dict[str, Any]:
    """A customs broker's licence that ends in so many days, or has ended."""
    ends = datetime.now(UTC).date() + timedelta(days=days)
    return {
        "id": "broker",
        "type": "customs_broker",
        "jurisdiction": "US",
        "number": "B-1",
        "valid_from": "2020-01-01",
        "valid_to": ends.isoformat(),
    }


class Standings(RuleBasedStateMachine):
    """A provider to which anything may happen, in any order."""

    pipeline: Pipeline  # one database for all examples, each with a provider of its own
    who = ""

    @initialize(licensed=st.booleans(), proven=st.booleans())
    def registers(self, licensed: bool, proven: bool) -> None:
        self.who = f"p-{next(_numbers)}"
        self._writes(licensed or proven, 30)
        if proven:
            self.is_vetted()
            self.everything_is_mended()

    @rule()
    def everything_is_mended(self) -> None:
        self._writes(True, 30)
        self.every_incident_is_closed()
        self.ships(260, 0, 5, "last_mile")
        self.is_vetted()

    @rule(licensed=st.booleans(), days=st.sampled_from([-1, 0, 30]))
    def changes_its_document(self, licensed: bool, days: int) -> None:
        self._writes(licensed, days)

    @rule(
        total=st.sampled_from([3, 30, 130, 260]),
        late=st.sampled_from([0, 0, 2, 40, 100, 260]),
        days_ago=st.sampled_from([5, 80, 100]),
        service=st.sampled_from(["last_mile", "customs_brokerage"]),
    )
    def ships(self, total: int, late: int, days_ago: int, service: str) -> None:
        events = shipped(self.who, total, late, days_ago=days_ago, service=service)
        send(self.pipeline, events)

    @rule()
    def is_vetted(self) -> None:
        vetted(self.pipeline, self.who, unless_same=True)

    @rule(days=st.sampled_from([-40, 31, 95]))
    def is_vetted_as_of_another_day(self, days: int) -> None:
        vetted(self.pipeline, self.who, now=datetime.now(UTC) + timedelta(days=days))

    @rule(wanted=st.sampled_from([*Standing, Standing.REINSTATED, Standing.REINSTATED]))
    def somebody_asks_for(self, wanted: Standing) -> None:
        before = self._rows()
        standing = standing_of(self.pipeline.engine, self.who)
        with transaction(self.pipeline.engine) as session:
            legal = wanted in next_standings(session, standing)
        if legal and wanted in MAY_BE_ASKED_FOR:
            vetted(self.pipeline, self.who, wanted=wanted)
            return
        with pytest.raises(GovernanceError) as refused:
            vetted(self.pipeline, self.who, wanted=wanted)
        assert isinstance(refused.value, InvalidRequest if legal else IllegalStep)
        assert refused.value.status == (422 if legal else 409)
        assert self._rows() == before

    @rule(severity=st.sampled_from(Severity))
    def an_incident_is_opened(self, severity: Severity) -> None:
        today = datetime.now(UTC).date()
        with transaction(self.pipeline.engine, write=True) as session:
            open_incident(session, self.who, severity, "Late", "", today, "test", today)
        vetted(self.pipeline, self.who)

    @rule()
    def every_incident_is_closed(self) -> None:
        today = datetime.now(UTC).date()
        with transaction(self.pipeline.engine, write=True) as session:
            for one in incidents(session, self.who):
                if one.closed_on is None:
                    close_incident(session, self.who, one.number, today, "test", "Mended", today)

    @invariant()
    def every_step_was_judged(self) -> None:
        if not self.who:
            return
        standing = standing_of(self.pipeline.engine, self.who)
        with transaction(self.pipeline.engine) as session:
            changes = changes_of(session, self.who)
            results = [
                (
                    one,
                    decisions.get(session, one.decision_id).gate,
                    json.loads(decisions.get(session, one.decision_id).result),
                )
                for one in changes
            ]
        REACHED.add(standing)
        assert standing == (changes[-1].to_standing if changes else "applicant")
        assert [one.from_standing for one in changes[:1]] == ["applicant"][: len(changes)]
        assert all(a.to_standing == b.from_standing for a, b in pairwise(changes))
        assert len({one.decision_id for one in changes}) == len(changes)
        for change, gate, result in results:
            assert gate == "provider"
            assert result["provider"] == self.who
            assert result["standing_before"] == change.from_standing
            assert result["standing"] == change.to_standing
            if change.to_standing == "active":
                verdicts = {cell["verdict"] for cell in result["cells"]}
                assert "allowed" in verdicts
                assert verdicts <= {"allowed", "needs_evidence", "unknown"}
                assert change.from_standing in ("provisional", "probation", "reinstated")

    def _writes(self, licensed: bool, days: int) -> None:
        held = [licence(days)] if licensed else []
        register(self.pipeline, document(self.who, *_SERVICES, licences=held))

    def _rows(self) -> tuple[Standing, int, int]:
        with transaction(self.pipeline.engine) as session:
            steps = len(changes_of(session, self.who))
            recorded = session.exec(select(func.count()).select_from(Decision)).one()
        return standing_of(self.pipeline.engine, self.who), steps, recorded


def check(pipeline: Pipeline, examples: int, steps: int) -> None:
    Standings.pipeline = pipeline
    run_state_machine_as_test(
        Standings,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_no_sequence_of_events_reaches_active_unjudged(pipeline: Pipeline) -> None:
    check(pipeline, examples=15, steps=15)
    assert {Standing.PROVISIONAL, Standing.ACTIVE} <= REACHED


@pytest.mark.soak
@pytest.mark.skipif(not SOAK, reason="a soak test")
def test_no_long_sequence_of_events_reaches_active_unjudged(pipeline: Pipeline) -> None:
    check(pipeline, examples=300, steps=40)
    assert set(Standing) == REACHED
