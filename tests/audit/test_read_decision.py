"""A decision is on the record as it was answered, and is shown to those who may see it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from serving import Service, assert_problem
from tiny_library import DAY, GADGET, ask, paper

from governance import __version__
from governance.access import keys
from governance.access.models import Role
from governance.db import transaction

QUESTION = ask(
    "DE",
    "US",
    "CN",
    "JP",
    attributes={"radio": True, "materials": ["leather"]},
    offer={},
    evidence=[paper("de.register")],
)
# https://www.openpolicyagent.org/docs/management-decision-logs
OPA_FIELDS = {
    "decision_id", "timestamp", "labels", "bundles", "path", "input", "result", "requested_by",
    "trace_id", "metrics", "erased", "masked",
}  # fmt: skip


def test_an_answer_is_on_the_record_under_its_id(service: Service) -> None:
    before = datetime.now(UTC)
    answer = service.ask(QUESTION).json()
    event = service.get(f"/v1/decisions/{answer['decision_id']}").json()
    assert event.keys() == OPA_FIELDS
    assert event["decision_id"] == answer["decision_id"]
    assert event["bundles"] == {"governance": {"revision": answer["release"]}}
    assert event["path"] == "governance.sale.judgement"
    assert event["requested_by"] == service.ids["portal"]
    assert event["labels"] == {"service": "governance", "version": __version__}
    assert 0 < event["metrics"]["timer_evaluate_ns"] < 60 * 10**9
    assert event["erased"] == event["masked"] == []
    when = datetime.fromisoformat(event["timestamp"])
    assert before - timedelta(seconds=1) <= when <= datetime.now(UTC)


def test_the_recorded_input_is_what_was_asked(service: Service) -> None:
    answer = service.ask(QUESTION).json()
    given = service.get(f"/v1/decisions/{answer['decision_id']}").json()["input"]
    assert given["as_of"] == DAY.isoformat()
    assert given["markets"] == QUESTION["markets"]
    assert given["evidence"] == QUESTION["evidence"]
    assert given["product"]["attributes"] == GADGET | {"radio": True, "materials": ["leather"]}


def test_the_recorded_verdicts_are_those_of_the_answer(service: Service) -> None:
    answer = service.ask(QUESTION).json()
    result = service.get(f"/v1/decisions/{answer['decision_id']}").json()["result"]

    def verdicts(markets):
        return [
            (
                market["market"],
                market["verdict"],
                market["import_mode"],
                [(mode["import_mode"], mode["verdict"]) for mode in market["import_modes"]],
                [(region["region"], region["verdict"]) for region in market["regions"]],
            )
            for market in markets
        ]

    assert verdicts(answer["markets"]) == verdicts(result["markets"])
    assert answer["categories"] == result["categories"]
    assert {market["verdict"] for market in answer["markets"]} == {
        "needs_evidence",
        "allowed",
        "needs_review",
    }


def test_an_open_day_is_recorded_as_the_day_of_the_answer(service: Service) -> None:
    request = {name: value for name, value in QUESTION.items() if name != "as_of"}
    days = {datetime.now(UTC).date().isoformat()}
    answer = service.ask(request).json()
    days.add(datetime.now(UTC).date().isoformat())  # midnight may pass
    given = service.get(f"/v1/decisions/{answer['decision_id']}").json()["input"]
    assert given["as_of"] == answer["as_of"]
    assert given["as_of"] in days


@pytest.mark.parametrize("role", ["portal", "reviewer", "auditor", "admin"])
def test_those_who_may_see_a_decision_see_the_same(service: Service, role: str) -> None:
    decision = service.ask(QUESTION).json()["decision_id"]
    shown = service.get(f"/v1/decisions/{decision}", role=role)
    assert shown.status_code == 200
    assert shown.content == service.get(f"/v1/decisions/{decision}", role="portal").content


def test_a_portal_does_not_see_the_decision_of_another_caller(service: Service) -> None:
    secret = keys.load_secret(service.settings)
    with transaction(service.engine, write=True) as session:
        made, key = keys.create(session, secret, name="another", role=Role.PORTAL)
    decision = service.ask(QUESTION).json()["decision_id"]
    count = len(service.decisions())
    path = f"/v1/decisions/{decision}"
    answer = service.client.get(path, headers={"Authorization": f"Bearer {key}"})
    document = assert_problem(answer, 403, "forbidden")
    assert "decisions that it asked for" in document["detail"]
    (row,) = service.decisions()[count:]
    assert json.loads(row.input)["resource"] == {
        "path": path,
        "requested_by": service.ids["portal"],
    }
    assert row.requested_by == made.id


def test_an_unknown_decision_is_a_404_that_leaves_no_row(service: Service) -> None:
    before = service.dump()
    for role in ("portal", "reviewer", "auditor", "admin"):
        answer = service.get("/v1/decisions/01M80W19C15W9N4JD4AM3T6GHA", role=role)
        assert_problem(answer, 404, "not-found")
    assert service.dump() == before


def test_a_refusal_is_a_decision_that_an_auditor_can_read(service: Service) -> None:
    service.get("/v1/markets", role=None)
    refusal = service.decisions()[-1]
    event = service.get(f"/v1/decisions/{refusal.decision_id}", role="auditor").json()
    assert event["path"] == "governance.access.judgement"
    assert event["result"]["verdict"] == "prohibited"
    assert event["requested_by"] == "anonymous"
