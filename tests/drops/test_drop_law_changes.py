"""The law moves on: what a coming day would stop, what stops a drop, and what no plan misses."""

import json
from datetime import UTC, date, datetime, timedelta

from planned_drops import TODAY, planned, portal
from shell import environment, shell

from governance.db import transaction
from governance.drops import registry
from governance.drops.judging import service
from governance.drops.judging.watch import judge_again
from governance.drops.judging.what_breaks import affected, what_breaks
from governance.drops.models import DropChange, DropState
from governance.drops.states import changes_of
from governance.gates.pipeline import Pipeline
from governance.releases import service as releases
from governance.releases.content import ReleaseContent

NOW = datetime.now(UTC)


def hoodies_banned(pipeline: Pipeline, market: str, start: date, end: date | None = None) -> None:
    """Put a release in force in which hoodies may not be sold in a market from a day on."""
    status = "planned" if start > TODAY else "in_force"
    until = f"\n    to: {end}" if end else ""
    rule = f"""
rules:
  - id: test.hoodies
    title: Hoodies may not be sold
    status: {status}
    from: {start}{until}
    category: apparel
    effect: prohibit
    source:
      citation: A law made up for a test
      url: https://example.com/law
      rank: primary
      read_on: {TODAY}
      certainty: high
    cases:
      fires: [{{}}]
      silent: [{{category: books}}]
"""
    with transaction(pipeline.engine, write=True) as session:
        files = dict(releases.load(session, releases.digest_in_force(session)).files)
        content = ReleaseContent(files | {f"rulesets/sale/{market}/test_hoodies.yaml": rule})
        releases.store(session, content, "test", "A new law")
        releases.put_in_force(session, content.digest, "test")


def on_sale(pipeline: Pipeline) -> str:
    drop_id = planned(pipeline)
    service.submit(pipeline, portal(pipeline), drop_id)
    assert service.go_live(pipeline, portal(pipeline), drop_id).after is DropState.LIVE
    return drop_id


def test_a_new_law_puts_a_live_drop_on_hold_with_the_reason(pipeline: Pipeline) -> None:
    drop_id = on_sale(pipeline)
    hoodies_banned(pipeline, "CA", TODAY)
    ((found, judged),) = judge_again(pipeline, {}, NOW)
    assert (found, judged.after) == (drop_id, DropState.ON_HOLD)
    markets = {one["market"]: one["verdict"] for one in judged.result["markets"]}
    assert markets == {"CA": "prohibited", "US": "allowed"}
    (change,) = judged.result["changes"]
    assert (change["change"], change["market"]) == ("leave_out", "CA")
    with transaction(pipeline.engine) as session:
        assert "sale_not_allowed_on_first_day" in changes_of(session, drop_id)[-1].reason


def test_what_breaks_names_the_drops_that_a_coming_day_would_stop(pipeline: Pipeline) -> None:
    drop_id, day = on_sale(pipeline), TODAY + timedelta(days=7)
    before = _changes(pipeline, drop_id)
    hoodies_banned(pipeline, "US", day)
    caller = portal(pipeline)
    drops = affected(pipeline, day)
    assert drops == [drop_id]
    assert list(what_breaks(pipeline, caller, drops, day - timedelta(days=1), NOW)) == [None]
    (found,) = what_breaks(pipeline, caller, drops, day, NOW)
    assert found is not None
    assert found.drop_id == drop_id
    assert found.result is not None
    assert found.result["verdict"] == "prohibited"
    assert [one["market"] for one in found.result["markets"] if one["reasons"]] == ["US"]
    assert affected(pipeline, TODAY + timedelta(days=21)) == []
    assert _changes(pipeline, drop_id) == before  # nothing was done to it


def test_what_breaks_at_the_shell(pipeline: Pipeline) -> None:
    drop_id, day = on_sale(pipeline), TODAY + timedelta(days=7)
    folder = pipeline.settings.data_dir
    run = shell(folder, environment(data_dir=str(folder)), "drops", "what-breaks", "--on")
    fine = run(day.isoformat())
    assert fine.returncode == 0, fine.stderr
    assert "0 of 1 drops" in fine.stdout
    hoodies_banned(pipeline, "US", day)
    told = run(day.isoformat())
    assert told.returncode == 1
    assert drop_id in told.stdout
    assert "US hoodie: prohibited" in told.stdout
    listed = run(day.isoformat(), "--json")
    assert json.loads(listed.stdout)[0]["drop_id"] == drop_id
    past = run("2020-01-01")
    assert past.returncode == 1
    assert "is past" in past.stderr


def test_a_law_that_stops_the_sale_for_some_days_in_between_is_not_missed(
    pipeline: Pipeline,
) -> None:
    hoodies_banned(pipeline, "CA", TODAY + timedelta(days=5), TODAY + timedelta(days=8))
    drop_id = planned(pipeline)
    with transaction(pipeline.engine) as session:
        plan = json.loads(registry.plan_of(session, registry.get(session, drop_id)).plan)
    (hoodie,) = plan["products"]
    assert list(hoodie["stock"]["by_market"]) == ["US"]
    (closed,) = hoodie["closed"]
    assert closed["market"] == "CA"
    assert "Hoodies may not be sold." in closed["would_open"]


def test_a_law_in_between_that_comes_after_the_plan_is_not_missed(pipeline: Pipeline) -> None:
    drop_id = on_sale(pipeline)
    hoodies_banned(pipeline, "CA", TODAY + timedelta(days=5), TODAY + timedelta(days=8))
    ((_, judged),) = judge_again(pipeline, {}, NOW)
    assert judged.after is DropState.ON_HOLD
    assert any(one.startswith("import_mode_not_allowed") for one in judged.result["reasons"])
    assert _changes(pipeline, drop_id)[-1].to_state == "on_hold"


def _changes(pipeline: Pipeline, drop_id: str) -> list[DropChange]:
    with transaction(pipeline.engine) as session:
        return list(changes_of(session, drop_id))
