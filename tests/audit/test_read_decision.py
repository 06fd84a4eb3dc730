"""A decision is on the record as it was answered, and is shown to those who may see it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from serving import Service, assert_problem
from sqlmodel import col, delete, update
from tiny_library import DAY, GADGET, ask, paper

from governance import __version__
from governance.access import keys
from governance.access.models import Role
from governance.db import transaction
from governance.decisions import service as decisions
from governance.decisions.models import PersonalValues

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


PERSONAL = ["/input/seller/id", "/input/product/id", "/input/product/title"]
NUMBER = "/input/evidence/0/reference"


def at(event: Any, pointer: str) -> Any:
    """What stands at a pointer into an event."""
    for step in pointer.split("/")[1:]:
        event = event[int(step) if isinstance(event, list) else step]
    return event


@pytest.mark.parametrize(
    ("role", "masked"),
    [("portal", []), ("reviewer", [NUMBER]), ("auditor", [NUMBER]), ("admin", [])],
)
def test_each_role_is_shown_the_personal_values_that_it_may_see(
    service: Service, role: str, masked: list[str]
) -> None:
    decision = service.ask(QUESTION).json()["decision_id"]
    shown = service.get(f"/v1/decisions/{decision}", role=role).json()
    assert shown["masked"] == masked
    assert shown["erased"] == []
    for pointer in [*PERSONAL, NUMBER]:
        if pointer in masked:
            assert at(shown, pointer).startswith("commitment:sha256:")
        else:
            assert at(shown, pointer) == at({"input": QUESTION}, pointer)


def test_all_but_the_masked_values_is_the_same_for_everyone(service: Service) -> None:
    decision = service.ask(QUESTION).json()["decision_id"]
    whole = service.get(f"/v1/decisions/{decision}").json()
    for role in ("reviewer", "auditor", "admin"):
        shown = service.get(f"/v1/decisions/{decision}", role=role).json()
        for pointer in shown.pop("masked"):
            number = int(pointer.split("/")[3])
            shown["input"]["evidence"][number]["reference"] = at(whole, pointer)
        assert shown | {"masked": []} == whole


@pytest.mark.parametrize("left", [None, "{}", "{}     "])
def test_what_is_erased_is_listed_and_stays_committed_to(
    service: Service, left: str | None
) -> None:
    decision = service.ask(QUESTION).json()["decision_id"]
    path = f"/v1/decisions/{decision}"
    with transaction(service.engine, write=True) as session:
        of_decision = col(PersonalValues.sequence) == decisions.get(session, decision).sequence
        if left is None:
            session.exec(delete(PersonalValues).where(of_decision))
        else:
            session.exec(update(PersonalValues).where(of_decision).values(opened=left))
    for role in ("portal", "reviewer", "auditor", "admin"):
        shown = service.get(path, role=role).json()
        assert shown["erased"] == [*PERSONAL, NUMBER]
        assert shown["masked"] == []
        for pointer in [*PERSONAL, NUMBER]:
            assert at(shown, pointer).startswith("commitment:sha256:")


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
