"""Vetting by the rules that we ship: what counts, what moves, and what is on the record."""

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from event_cases import counted
from vetted_providers import (
    caller,
    document,
    opened,
    register,
    send,
    shipped,
    standing_of,
    vetted,
)

from governance.db import transaction
from governance.decisions import service as decisions
from governance.errors import InvalidRequest, NotFound
from governance.gates.pipeline import Pipeline
from governance.providers.models import Standing, StandingChange
from governance.providers.vetting.due import due, not_delisted
from governance.providers.vetting.explanation import explain
from governance.providers.vetting.models import Vetting
from governance.providers.vetting.service import vet_each
from governance.providers.vetting.standing import IllegalStep, changes_of

BROKER = {
    "id": "broker",
    "type": "customs_broker",
    "jurisdiction": "US",
    "number": "B-1",
    "valid_from": "2020-01-01",
    "valid_to": None,
}


def is_due(pipeline: Pipeline, provider_id: str) -> bool:
    with transaction(pipeline.engine) as session:
        release = pipeline.gates(session).digest
        return provider_id in due(session, release, datetime.now(UTC))


def test_a_provider_rises_by_proof_and_falls_by_what_is_certain(pipeline: Pipeline) -> None:
    who = register(pipeline, document("rises"))
    assert vetted(pipeline, who).after is Standing.PROVISIONAL
    send(pipeline, shipped(who, 20))
    few = vetted(pipeline, who)
    assert few.after is Standing.PROVISIONAL
    assert few.cells[0]["verdict"] == "needs_evidence"
    send(pipeline, shipped(who, 180))
    many = vetted(pipeline, who)
    assert (many.before, many.after) == (Standing.PROVISIONAL, Standing.ACTIVE)
    assert many.cells[0]["verdict"] == "allowed"
    send(pipeline, shipped(who, 60, late=60))
    assert vetted(pipeline, who).after is Standing.PROBATION
    send(pipeline, shipped(who, 300, late=300))
    assert vetted(pipeline, who).after is Standing.SUSPENDED
    with transaction(pipeline.engine) as session:
        steps = [(one.from_standing, one.to_standing) for one in changes_of(session, who)]
    assert steps == [
        ("applicant", "provisional"),
        ("provisional", "active"),
        ("active", "probation"),
        ("probation", "suspended"),
    ]


def test_shipments_older_than_ninety_days_prove_nothing(pipeline: Pipeline) -> None:
    who = register(pipeline, document("old-hand"))
    send(pipeline, shipped(who, 200, days_ago=100))
    assert vetted(pipeline, who).after is Standing.PROVISIONAL
    assert vetted(pipeline, who).after is Standing.PROVISIONAL
    three_weeks_ago = datetime.now(UTC) - timedelta(days=21)
    assert vetted(pipeline, who, now=three_weeks_ago).after is Standing.ACTIVE


def test_shipments_in_a_market_that_it_does_not_declare_are_not_its_proof(
    pipeline: Pipeline,
) -> None:
    who = register(pipeline, document("elsewhere"))
    vetted(pipeline, who)
    send(pipeline, shipped(who, 300, market="DE"))
    assert vetted(pipeline, who).after is Standing.PROVISIONAL


def test_each_step_names_a_decision_that_says_the_same_and_replays(pipeline: Pipeline) -> None:
    who = register(pipeline, document("recorded"))
    outcome = vetted(pipeline, who)
    with transaction(pipeline.engine) as session:
        (change,) = changes_of(session, who)
        assert change.decision_id == outcome.decision_id
        decision = decisions.get(session, change.decision_id)
        result = json.loads(decision.result)
        assert decision.gate == "provider"
        assert (result["standing_before"], result["standing"]) == ("applicant", "provisional")
        assert pipeline.replay(session, change.decision_id).same


def test_what_changes_makes_due_and_a_vetting_settles_it(pipeline: Pipeline) -> None:
    who = register(pipeline, document("changing"))
    assert is_due(pipeline, who)
    vetted(pipeline, who)
    assert not is_due(pipeline, who)
    events = list(shipped(who, 1))
    send(pipeline, events)
    assert is_due(pipeline, who)
    vetted(pipeline, who)
    register(pipeline, document(who))
    assert is_due(pipeline, who)
    vetted(pipeline, who)
    with transaction(pipeline.engine, write=True) as session:
        row = session.get(Vetting, who)
        assert row is not None
        row.vetted_at = datetime.now(UTC) - timedelta(days=1, seconds=1)
    assert is_due(pipeline, who), "a day has passed"


def test_a_vetting_that_only_confirms_is_recorded_once(pipeline: Pipeline) -> None:
    who = register(pipeline, document("steady"))
    vetted(pipeline, who)
    first = vetted(pipeline, who, unless_same=True)
    assert first.recorded, "it is provisional now, and was an applicant"
    again = vetted(pipeline, who, unless_same=True)
    assert not again.recorded
    assert again.decision_id == first.decision_id
    send(pipeline, shipped(who, 200))
    moved = vetted(pipeline, who, unless_same=True)
    assert moved.recorded
    assert moved.after is Standing.ACTIVE


def test_a_suspension_says_which_lanes_and_stock_it_hits(pipeline: Pipeline) -> None:
    whole = document(
        "stocked",
        ("fulfilment", ["US"]),
        nodes=[
            {
                "id": name,
                "name": name,
                "country": "US",
                "latitude": 40.0,
                "longitude": -90.0,
                "capacity_units": 1000,
            }
            for name in ("full", "empty")
        ],
        lanes=[
            {
                "id": "full-us",
                "service": "fulfilment",
                "from_node": "full",
                "to_market": "US",
                "modes": ["road"],
                "currency": "USD",
                "costs": [{"up_to_grams": 500, "minor_units": 400}],
                "lead_days": {"p10": 1, "p50": 2, "p90": 3},
            }
        ],
    )
    who = register(pipeline, whole)
    vetted(pipeline, who)
    stock = {"provider": who, "market": "US", "node": "full"}
    before, after = ((datetime.now(UTC) - timedelta(days=days)).isoformat() for days in (3, 1))
    send(
        pipeline,
        [
            counted(product="hoodie", counted=50, time=before, **stock),
            counted(product="hoodie", counted=40, time=after, **stock),
            counted(product="cap", counted=7, time=before, **stock),
        ],
    )
    send(pipeline, shipped(who, 60, late=60, service="fulfilment"))
    assert vetted(pipeline, who).after is Standing.SUSPENDED
    with transaction(pipeline.engine) as session:
        touched = changes_of(session, who)[-1].touches
    assert touched["lanes"] == [{"id": "full-us", "service": "fulfilment", "to_market": "US"}]
    nodes = {one["id"]: (one["units"], one["products"]) for one in touched["nodes"]}
    assert nodes == {"full": (47, 2), "empty": (None, 0)}


def test_a_licence_that_is_lacking_suspends_and_what_is_asked_for_is_judged(
    pipeline: Pipeline,
) -> None:
    services = ("last_mile", ["US"]), ("customs_brokerage", ["US"])
    who = register(pipeline, document("brokers", *services, licences=[BROKER]))
    assert vetted(pipeline, who).after is Standing.PROVISIONAL
    register(pipeline, document("brokers", *services))
    lost = vetted(pipeline, who)
    assert lost.after is Standing.SUSPENDED
    assert "licence_lacking:us.licence.customs_broker" in lost.reasons
    refused = vetted(pipeline, who, wanted=Standing.REINSTATED)
    assert refused.after is Standing.SUSPENDED
    register(pipeline, document("brokers", *services, licences=[BROKER]))
    assert vetted(pipeline, who).after is Standing.SUSPENDED, "nobody asked"
    assert vetted(pipeline, who, wanted=Standing.REINSTATED).after is Standing.REINSTATED
    assert vetted(pipeline, who, wanted=Standing.DELISTED).after is Standing.DELISTED
    with transaction(pipeline.engine) as session:
        assert who not in due(session, "another release", datetime.now(UTC))
        assert who not in not_delisted(session)


def test_a_step_that_does_not_exist_is_refused_and_nothing_is_recorded(
    pipeline: Pipeline,
) -> None:
    who = register(pipeline, document("bold"))
    with pytest.raises(IllegalStep, match="bold is applicant, and no step leads"):
        vetted(pipeline, who, wanted=Standing.REINSTATED)
    with pytest.raises(InvalidRequest, match="nobody asks for `provisional`"):
        vetted(pipeline, who, wanted=Standing.PROVISIONAL)
    with pytest.raises(NotFound):
        vetted(pipeline, "nobody")
    with transaction(pipeline.engine) as session:
        assert session.get(Vetting, who).decision_id is None  # type: ignore[union-attr]


def test_one_that_cannot_be_vetted_stops_no_other(pipeline: Pipeline) -> None:
    who = register(pipeline, document("fine"))
    found = dict(vet_each(pipeline, caller(pipeline), ["nobody", who]))
    assert isinstance(found["nobody"], NotFound)
    assert found[who].after is Standing.PROVISIONAL  # type: ignore[union-attr]


def test_the_explanation_says_how_many_more_would_prove_it(pipeline: Pipeline) -> None:
    who = register(pipeline, document("explained"))
    vetted(pipeline, who)
    send(pipeline, shipped(who, 20))
    vetted(pipeline, who)
    with transaction(pipeline.engine) as session:
        told = explain(session, pipeline, who)
    (cell,) = told["vetting"]["cells"]
    lacking = {one["metric"]: one for one in cell["lacking_proof"]}
    on_time = lacking["on_time_delivery"]
    assert (on_time["successes"], on_time["trials"], on_time["flawless_needed"]) == (20, 20, 5)
    assert cell["findings"][0]["source"]["url"].startswith("https://")
    assert told["steps_lead_to"] == [Standing.ACTIVE, Standing.SUSPENDED, Standing.DELISTED]
    assert [one["to_standing"] for one in told["steps"]] == ["provisional"]
    needed = max(one["flawless_needed"] for one in lacking.values())
    send(pipeline, shipped(who, needed - 1))
    assert vetted(pipeline, who).after is Standing.PROVISIONAL
    send(pipeline, shipped(who, 1))
    assert vetted(pipeline, who).after is Standing.ACTIVE


def test_many_who_vet_the_same_provider_take_each_step_once(
    postgres_url: str, tmp_path: Path
) -> None:
    """On PostgreSQL, while its events come in: no step twice, no event unjudged in the end."""
    pipeline = opened(tmp_path, postgres_url)
    who = register(pipeline, document("contested"))
    failed: list[BaseException] = []

    def guarded(work: object) -> None:
        try:
            work()  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001 - told by the test below
            failed.append(error)

    def vets() -> None:
        for _ in range(8):
            vetted(pipeline, who)

    def sends() -> None:
        for _ in range(8):
            send(pipeline, shipped(who, 25))

    def writes() -> None:
        for _ in range(8):
            register(pipeline, document(who))

    threads = [
        threading.Thread(target=guarded, args=[work]) for work in (vets, vets, sends, writes)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    vetted(pipeline, who)
    with transaction(pipeline.engine) as session:
        steps = [one.to_standing for one in changes_of(session, who)]
        assert session.get(StandingChange, 3) is None
    assert steps == ["provisional", "active"]
    assert standing_of(pipeline.engine, who) is Standing.ACTIVE
    pipeline.engine.dispose()
