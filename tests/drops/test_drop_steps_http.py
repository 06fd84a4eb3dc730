"""A drop lives over HTTP, on both databases: planned, judged, approved, live, held, closed."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from planned_drops import drop_document, fill
from serving import Service, assert_problem, served, wait_until

from governance.settings import Settings

RISKY = {"p10": 20_000, "p50": 600_000, "p90": 2_000_000}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def at_work(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The service over the rules that we ship, with a carrier, past drops and rates."""
    folder = tmp_path_factory.mktemp("steps")
    url = None
    if request.param == "postgresql":
        cluster = request.getfixturevalue("postgres_cluster")
        cluster.create("steps")
        url = cluster.url("steps")
    settings = Settings(data_dir=folder, database_url=url, judging_interval_seconds=0.2)
    with served(settings) as service:
        fill(service.pipeline)
        yield service
    shutil.rmtree(folder)


def post(service: Service, path: str, body: Any = None, role: str = "portal", **more: str) -> Any:
    headers = service.headers(role) | {
        name.replace("_", "-"): value for name, value in more.items()
    }
    return service.client.post(path, json=body, headers=headers)


def test_a_drop_lives(at_work: Service) -> None:
    made = post(at_work, "/v1/drops", drop_document(reach=RISKY))
    assert made.status_code == 201, made.text
    drop = f"/v1/drops/{made.json()['id']}"
    assert_problem(post(at_work, f"{drop}/submit", {}), 409, "illegal-step")
    first = post(at_work, f"{drop}/plan", {"seed": 5})
    assert first.status_code == 200, first.text
    again = post(at_work, f"{drop}/plan", {"seed": 5})
    assert first.json()["digest"] == again.json()["digest"]
    assert post(at_work, f"{drop}/plan", {"seed": 6}).json()["digest"] != first.json()["digest"]

    told = post(at_work, f"{drop}/submit", {"submitted_by": "ann"}).json()
    assert (told["state"], told["verdict"]) == ("needs_review", "needs_review")
    assert told == at_work.get(f"{drop}/verdict").json()
    approval = {"decision_id": told["decision_id"], "comment": "Seen", "approver": "Ann"}
    assert_problem(post(at_work, f"{drop}/approve", approval), 403, "not-independent")
    approved = post(
        at_work, f"{drop}/approve", approval | {"approver": None}, role="reviewer"
    ).json()
    assert approved["state"] == "approved"
    live = post(at_work, f"{drop}/live").json()
    assert (live["state"], live["verdict"]) == ("live", "allowed")

    held = post(at_work, f"{drop}/hold", {"reason": "A complaint"}, role="reviewer")
    assert held.json()["state"] == "on_hold"
    assert post(at_work, f"{drop}/live").json()["state"] == "live"
    closed = post(at_work, f"{drop}/close", {"reason": "Sold out"})
    assert closed.status_code == 200, closed.text
    steps = at_work.get(f"{drop}/changes").json()
    assert [one["to_state"] for one in steps["changes"]][-5:] == [
        "approved", "live", "on_hold", "live", "closed"
    ]  # fmt: skip


def test_a_suspended_provider_holds_a_live_drop_within_moments(at_work: Service) -> None:
    made = post(at_work, "/v1/drops", drop_document())
    drop = f"/v1/drops/{made.json()['id']}"
    post(at_work, f"{drop}/plan", {})
    assert post(at_work, f"{drop}/submit", {}).json()["state"] == "approved"
    assert post(at_work, f"{drop}/live").json()["state"] == "live"
    incident = {"severity": "grave", "title": "Stock was stolen"}
    opened = post(at_work, "/v1/providers/carrier/incidents", incident, role="admin")
    assert opened.status_code == 201, opened.text
    wait_until(lambda: at_work.get(drop).json()["state"] == "on_hold", "it was not held")
    told = at_work.get(f"{drop}/verdict").json()
    assert "provider_not_serving:carrier" in [one["code"] for one in told["reasons"]]
    assert told["changes"]
    assert_problem(post(at_work, f"{drop}/live"), 409, "not-passed")
    number = opened.json()["incident"]["number"]
    close = f"/v1/providers/carrier/incidents/{number}/close"
    assert post(at_work, close, {"resolution": "Found again"}, role="admin").status_code == 200
    back = post(at_work, "/v1/providers/carrier/vettings", {"wanted": "reinstated"}, role="admin")
    assert back.status_code == 200, back.text
    assert post(at_work, f"{drop}/live").json()["state"] == "live"


def test_of_those_who_take_a_step_at_once_one_takes_it(at_work: Service) -> None:
    made = post(at_work, "/v1/drops", drop_document())
    drop = f"/v1/drops/{made.json()['id']}"
    post(at_work, f"{drop}/plan", {})
    for step, state in (("submit", "approved"), ("live", "live")):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _, to=step: post(at_work, f"{drop}/{to}"), range(8)))
        assert sorted(one.status_code for one in answers) == [200, *[409] * 7]
        assert at_work.get(drop).json()["state"] == state
    steps = [one["to_state"] for one in at_work.get(f"{drop}/changes").json()["changes"]]
    assert steps == ["planned", "approved", "live"]


def test_no_plan_where_nothing_can_be_foretold(at_work: Service) -> None:
    made = post(at_work, "/v1/drops", drop_document(reach=None))
    refused = assert_problem(
        post(at_work, f"/v1/drops/{made.json()['id']}/plan", {}), 422, "invalid-request"
    )
    assert refused["errors"][0]["field"] == "/reach"


@pytest.mark.parametrize(
    ("step", "body", "field"),
    [
        ("plan", {"seed": -1}, "/seed"),
        ("submit", {"submitted_by": ""}, "/submitted_by"),
        ("withdraw", {}, "/reason"),
        ("approve", {"decision_id": "d"}, "/comment"),
        ("reject", {"reason": "why", "else": 1}, "/else"),
        ("hold", {"reason": 5}, "/reason"),
    ],
)
def test_a_wrong_field_is_named(at_work: Service, step: str, body: Any, field: str) -> None:
    made = post(at_work, "/v1/drops", drop_document())
    role = "reviewer" if step == "hold" else "portal"
    refused = post(at_work, f"/v1/drops/{made.json()['id']}/{step}", body, role=role)
    told = assert_problem(refused, 422, "invalid-request")
    assert [one["field"] for one in told["errors"]] == [field]


def test_what_the_report_is_made_of_can_be_read(at_work: Service) -> None:
    made = post(at_work, "/v1/drops", drop_document())
    drop = f"/v1/drops/{made.json()['id']}"
    post(at_work, f"{drop}/plan", {})
    kept = at_work.get(f"{drop}/plan").json()
    plan = kept["plan"]
    assert plan["totals"]["units"] == sum(one["units"] for one in plan["nodes"])
    assert plan["lineage"]["release"] == at_work.client.get("/readyz").json()["release"]
    assert {one["market"] for one in plan["sale"]["hoodie"]} == {"CA", "US"}
