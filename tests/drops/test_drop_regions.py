"""A region where a product may not be sold gets none of it, though its country does."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from planned_drops import TODAY, planned, portal
from test_drop_law_changes import hoodies_banned, on_sale

from governance.db import transaction
from governance.drops import registry
from governance.drops.judging import service
from governance.drops.judging.verdict import verdict
from governance.drops.judging.watch import judge_again
from governance.drops.models import DropState
from governance.gates.pipeline import Pipeline
from governance.planning.cities import share_living_in


def plan_of(pipeline: Pipeline, drop_id: str) -> dict[str, Any]:
    with transaction(pipeline.engine) as session:
        found = registry.plan_of(session, registry.get(session, drop_id)).plan
    plan: dict[str, Any] = json.loads(found)
    return plan


def test_orders_from_a_shut_region_are_not_stocked_for(pipeline: Pipeline) -> None:
    before = plan_of(pipeline, planned(pipeline))["products"][0]["stock"]["by_market"]
    hoodies_banned(pipeline, "CA-QC", TODAY)
    drop_id = planned(pipeline)
    after = plan_of(pipeline, drop_id)["products"][0]["stock"]["by_market"]
    quebec = share_living_in("CA", ["CA-QC"])
    assert 0.15 < quebec < 0.35
    assert after["CA"] == pytest.approx(before["CA"] * (1 - quebec), rel=0.35)
    assert after["CA"] < before["CA"]
    service.submit(pipeline, portal(pipeline), drop_id)
    told = verdict(pipeline, portal(pipeline), drop_id)["not_sold_in"]
    assert {"product": "hoodie", "market": "CA", "regions": ["CA-QC"]} in told


def test_a_region_that_is_shut_later_holds_a_live_drop(pipeline: Pipeline) -> None:
    drop_id = on_sale(pipeline)
    hoodies_banned(pipeline, "CA-QC", TODAY)
    ((found, judged),) = judge_again(pipeline, {}, datetime.now(UTC))
    assert (found, judged.after) == (drop_id, DropState.ON_HOLD)
    assert "stale:release:hoodie in CA-QC" in judged.result["reasons"]
    assert [one["change"] for one in judged.result["changes"]] == ["plan_again"]


def test_who_lives_where_is_said_of_known_regions_only() -> None:
    assert share_living_in("US", ["US-CA", "US-NY"]) == pytest.approx(
        share_living_in("US", ["US-CA"]) + share_living_in("US", ["US-NY"])
    )
    assert 0 < share_living_in("GB", ["GB-NIR"]) < 0.05
    with pytest.raises(ValueError, match="US-ZZ"):
        share_living_in("US", ["US-ZZ"])
