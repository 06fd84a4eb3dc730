"""Vetting over HTTP: a standing asked for, explained and followed; incidents; and unasked."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from serving import Service, assert_problem, served, wait_until
from vetted_providers import document, send, shipped

from governance.settings import Settings

VETTER = "reviewer"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service over the rules that we ship; it vets by itself only once in a long while."""
    folder = tmp_path_factory.mktemp("store")
    with served(Settings(data_dir=folder, vetting_interval_seconds=3600)) as running:
        yield running


def put(store: Service, provider_id: str, *services: Any, **more: Any) -> str:
    written = document(provider_id, *services, **more).model_dump()
    answer = store.client.put(
        f"/v1/providers/{provider_id}", json=written, headers=store.headers(VETTER)
    )
    assert answer.status_code in (200, 201), answer.text
    return provider_id


def post(store: Service, path: str, body: Any, role: str = VETTER) -> Any:
    return store.client.post(f"/v1{path}", json=body, headers=store.headers(role))


def vet(store: Service, who: str, **body: Any) -> dict[str, Any]:
    answer = post(store, f"/providers/{who}/vettings", body)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_a_vetting_answers_the_step_and_its_decision(store: Service) -> None:
    who = put(store, "answers")
    first = vet(store, who)
    assert (first["standing_before"], first["standing"]) == ("applicant", "provisional")
    decision = store.get(f"/v1/decisions/{first['decision_id']}", role="auditor").json()
    assert decision["path"] == "governance.provider.judgement"
    assert decision["requested_by"] == store.ids[VETTER]
    assert decision["result"]["standing"] == "provisional"
    assert store.get(f"/v1/providers/{who}").json()["standing"] == "provisional"


def test_the_standing_is_explained_with_rules_and_what_would_change_it(store: Service) -> None:
    who = put(store, "explains", ("last_mile", ["US", "TR"]), ("customs_brokerage", ["TR"]))
    before = store.get(f"/v1/providers/{who}/standing").json()
    assert (before["standing"], before["vetting"], before["steps"]) == ("applicant", None, [])
    assert before["vetting_due_since"] is not None
    vet(store, who)
    told = store.get(f"/v1/providers/{who}/standing").json()
    assert told["vetting_due_since"] is None
    cells = {(one["service"], one["market"]): one for one in told["vetting"]["cells"]}
    assert cells["customs_brokerage", "TR"]["verdict"] == "unknown"
    assert cells["customs_brokerage", "TR"]["why"] == [
        {"code": "unknown", "message": "No rules cover this service in this market yet."}
    ]
    lacking = {one["metric"]: one for one in cells["last_mile", "US"]["lacking_proof"]}
    assert lacking["on_time_delivery"]["flawless_needed"] == 25
    assert lacking["on_time_delivery"]["asked"].startswith("Deliveries on time must be proven")
    rule = cells["last_mile", "US"]["findings"][0]
    assert rule["source"]["url"].startswith("https://")


def test_a_grave_incident_suspends_at_once_and_says_what_it_touches(store: Service) -> None:
    who = put(store, "grave")
    vet(store, who)
    told = {"severity": "grave", "title": "A warehouse burnt down"}
    opened = post(store, f"/providers/{who}/incidents", told)
    assert opened.status_code == 201, opened.text
    answer = opened.json()
    assert answer["vetting"]["standing"] == "suspended"
    assert "grave_incident_open" in answer["vetting"]["reasons"]
    steps = store.get(f"/v1/providers/{who}/standing").json()["steps"]
    assert steps[-1]["touches"] == {"lanes": [], "nodes": []}
    early = post(store, f"/providers/{who}/vettings", {"wanted": "reinstated"}).json()
    assert early["standing"] == "suspended"
    number = answer["incident"]["number"]
    closing = f"/providers/{who}/incidents/{number}/close"
    closed = post(store, closing, {"resolution": "Rebuilt"})
    assert closed.json()["incident"]["resolution"] == "Rebuilt"
    assert_problem(post(store, closing, {"resolution": "Again"}), 409, "incident-closed")
    assert vet(store, who, wanted="reinstated")["standing"] == "reinstated"
    (listed,) = store.get(f"/v1/providers/{who}/incidents").json()["incidents"]
    assert (listed["severity"], listed["closed_by"]) == ("grave", store.ids[VETTER])


def test_a_step_that_does_not_exist_is_a_409_and_leaves_no_row(store: Service) -> None:
    who = put(store, "illegal")
    before = store.dump()
    answer = post(store, f"/providers/{who}/vettings", {"wanted": "reinstated"})
    problem = assert_problem(answer, 409, "illegal-step")
    assert problem["standing"] == "applicant"
    assert problem["steps"] == ["provisional", "delisted"]
    assert store.dump() == before


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("vettings", {"wanted": "active"}, "/wanted"),
        ("vettings", {"now": "2026-01-01"}, "/now"),
        ("incidents", {"severity": "bad", "title": "x"}, "/severity"),
        ("incidents", {"severity": "minor"}, "/title"),
        ("incidents", {"severity": "minor", "title": "x", "opened_on": "soon"}, "/opened_on"),
        ("incidents", {"severity": "minor", "title": "x", "opened_on": "2999-01-01"}, "/opened_on"),
    ],
)
def test_bad_input_names_the_field_and_leaves_no_row(
    store: Service, path: str, body: dict[str, str], field: str
) -> None:
    who = put(store, "wrong")
    before = store.dump()
    answer = post(store, f"/providers/{who}/{path}", body)
    assert field in [
        one["field"] for one in assert_problem(answer, 422, "invalid-request")["errors"]
    ]
    assert store.dump() == before


def test_who_is_not_there_is_not_found(store: Service) -> None:
    for path in ("standing", "incidents"):
        assert_problem(store.get(f"/v1/providers/nobody/{path}"), 404, "not-found")
    assert_problem(post(store, "/providers/nobody/vettings", {}), 404, "not-found")
    told = {"severity": "minor", "title": "x"}
    assert_problem(post(store, "/providers/nobody/incidents", told), 404, "not-found")
    who = put(store, "somebody")
    closing = post(store, f"/providers/{who}/incidents/987654/close", {"resolution": "x"})
    assert_problem(closing, 404, "not-found")


def test_the_feed_is_followed_page_by_page_and_leaves_nothing_out(store: Service) -> None:
    at = store.get("/v1/standing-changes?limit=500").json()["next_after"]
    for who in ("feed-a", "feed-b", "feed-c"):
        vet(store, put(store, who))
    events = []
    while page := store.get(f"/v1/standing-changes?after={at}&limit=2").json()["events"]:
        events += page
        at = int(page[-1]["id"])
    assert [one["subject"] for one in events] == ["feed-a", "feed-b", "feed-c"]
    assert {one["type"] for one in events} == {"governance.provider.standing_changed.v1"}
    assert all(one["data"]["decision_id"] for one in events)
    assert store.get(f"/v1/standing-changes?after={at}").json() == {"events": [], "next_after": at}
    wrong = store.get("/v1/standing-changes?from=1")
    assert assert_problem(wrong, 422, "invalid-request")["errors"][0]["field"] == "from"


def test_the_service_vets_by_itself_as_events_arrive(tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("unasked")
    with served(Settings(data_dir=folder, vetting_interval_seconds=0.1)) as store:
        who = put(store, "unasked")

        def standing() -> str:
            return str(store.get(f"/v1/providers/{who}").json()["standing"])

        wait_until(lambda: standing() == "provisional", "it was not vetted after it registered")
        send(store.pipeline, shipped(who, 200))
        wait_until(lambda: standing() == "active", "it was not vetted after its events")
        steps = store.get(f"/v1/providers/{who}/standing").json()["steps"]
        recorded = store.get(f"/v1/decisions/{steps[-1]['decision_id']}", role="auditor").json()
        assert recorded["requested_by"] == "continuous-vetting"
        settled = len(store.decisions())
        send(store.pipeline, shipped(who, 1))
        due = f"/v1/providers/{who}/standing"
        wait_until(lambda: store.get(due).json()["vetting_due_since"] is None, "it stayed due")
        assert len(store.decisions()) == settled, "a vetting that confirms is not recorded again"
        assert datetime.now(UTC) - datetime.fromisoformat(
            store.get(due).json()["vetting"]["confirmed_at"]
        ) < timedelta(minutes=1)
