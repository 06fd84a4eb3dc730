"""The provider gate: labels need proof, standings need more, and little data takes nothing away."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from provider_library import NOTHING, cell, gates, judged, licence, vetting
from tiny_library import ask, judge

from governance.errors import InvalidRequest
from governance.gates.pipeline import canonical
from governance.gates.provider import gravest
from governance.gates.provider_facts import bounds_of
from governance.planning.certainty import assess, fewest_flawless

LATE = {"on_time_delivery": (60, 100)}
BROKER = cell("customs_brokerage")

records = st.integers(0, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
thresholds = st.integers(500, 999).map(lambda mille: mille / 1000)


def labels(**counted: Any) -> dict[str, str]:
    found: dict[str, str] = judged("provisional", cell(**counted))["cells"][0]["labels"]
    return found


@hypothesis_settings(deadline=None)  # the first example imports scipy
@given(records, thresholds)
def test_the_bounds_say_what_the_assessment_of_the_counts_says(
    record: tuple[int, int], threshold: float
) -> None:
    low, high, sample = bounds_of(*record)
    said = assess(*record, threshold)
    assert (low >= threshold) is (said == "meets")
    assert sample == record[1]
    if high < threshold:
        assert said == "breaches"
    if said == "breaches":
        assert high <= threshold  # rounded up: a millionth may be lost, and then nobody is blamed


@hypothesis_settings(deadline=None)
@given(records)
def test_bounds_of_a_rate_that_should_be_low_mirror_those_of_its_opposite(
    record: tuple[int, int],
) -> None:
    failures, trials = record
    low, high, _ = bounds_of(failures, trials, lower_is_better=True)
    kept_low, kept_high, _ = bounds_of(trials - failures, trials)
    assert (low, high) == (pytest.approx(1 - kept_high), pytest.approx(1 - kept_low))


def test_a_label_needs_the_shipments_that_prove_it() -> None:
    fewest = fewest_flawless(0.9)
    assert labels(on_time_delivery=(fewest, fewest))["on_time_delivery"] == "meets"
    assert labels(on_time_delivery=(fewest - 1, fewest - 1))["on_time_delivery"] == "undecided"
    assert labels(on_time_delivery=(0, 0))["on_time_delivery"] == "undecided"
    assert labels(on_time_delivery=None)["on_time_delivery"] == "undecided"
    assert labels(**LATE)["on_time_delivery"] == "breaches"
    assert labels(loss_damage=(20, 60))["loss_damage"] == "breaches"


@pytest.mark.parametrize(
    ("counted", "verdict", "lacking"),
    [
        ({}, "allowed", []),
        ({"on_time_delivery": (20, 20)}, "needs_evidence", ["performance.on_time_delivery"]),
        ({"loss_damage": (2, 60)}, "needs_evidence", ["performance.loss_damage"]),
        ({"on_time_delivery": None}, "needs_facts", []),
        (LATE, "needs_review", ["performance.on_time_delivery"]),
        ({"on_time_delivery": (20, 100)}, "prohibited", ["performance.on_time_delivery"]),
    ],
)
def test_the_verdict_of_a_cell_follows_from_its_counts(
    counted: dict[str, Any], verdict: str, lacking: list[str]
) -> None:
    found = judged("provisional", cell(**counted))["cells"][0]
    assert (found["verdict"], found["missing_evidence"]) == (verdict, lacking)


def test_a_cell_for_which_nobody_asks_a_proof_is_unknown() -> None:
    result = judged("provisional", cell(), cell(market="US"))
    assert [one["verdict"] for one in result["cells"]] == ["allowed", "unknown"]
    assert result["standing"] == "active"
    assert judged("provisional", cell(market="US"))["standing"] == "provisional"
    assert gravest(result["cells"]) == {"DE": "allowed", "US": "unknown"}
    before = judged("provisional", cell(), as_of="2025-12-31")
    assert before["cells"][0]["verdict"] == "unknown"


def test_a_market_has_the_gravest_verdict_of_its_cells() -> None:
    result = judged("active", cell(**LATE), BROKER, licences=[licence()])
    assert gravest(result["cells"]) == {"DE": "needs_review"}
    assert gravest([]) == {"": "unknown"}


@pytest.mark.parametrize(
    ("before", "counted", "after"),
    [
        ("applicant", NOTHING, "provisional"),
        ("applicant", {}, "provisional"),
        ("applicant", {"on_time_delivery": None}, "applicant"),
        ("provisional", {}, "active"),
        ("provisional", {"on_time_delivery": (20, 20)}, "provisional"),
        ("provisional", LATE, "provisional"),
        ("active", LATE, "probation"),
        ("active", {"on_time_delivery": (5, 10)}, "active"),
        ("active", NOTHING, "active"),
        ("active", {"on_time_delivery": (20, 100)}, "suspended"),
        ("active", {"on_time_delivery": (0, 5)}, "suspended"),
        ("probation", {"on_time_delivery": (20, 20)}, "probation"),
        ("probation", {}, "active"),
        ("suspended", {}, "suspended"),
        ("reinstated", LATE, "probation"),
        ("reinstated", {}, "active"),
        ("delisted", {}, "delisted"),
    ],
)
def test_the_standing_follows_from_what_is_certain(
    before: str, counted: dict[str, Any], after: str
) -> None:
    assert judged(before, cell(**counted))["standing"] == after


def test_one_proven_cell_makes_a_provider_active_and_the_unproven_ones_stay_unproven() -> None:
    unproven = cell(market="FR", on_time_delivery=(20, 20))
    result = judged("provisional", cell(), unproven)
    assert result["standing"] == "active"
    assert gravest(result["cells"]) == {"DE": "allowed", "FR": "needs_evidence"}
    assert judged("provisional", unproven)["standing"] == "provisional"
    assert judged("provisional", cell(), cells=[])["standing"] == "provisional"


def test_an_expired_licence_suspends_on_the_day_after_its_last() -> None:
    for day, standing in (("2026-12-31", "active"), ("2027-01-01", "suspended")):
        result = judged("active", BROKER, licences=[licence()], as_of=day)
        assert result["standing"] == standing
    assert result["cells"][0]["missing_evidence"] == ["eu.licence.customs_broker"]
    assert "licence_lacking:eu.licence.customs_broker" in result["reasons"]


@pytest.mark.parametrize(
    ("held", "standing"),
    [
        ([licence()], "provisional"),
        ([licence(jurisdiction="EU", valid_to=None)], "provisional"),
        ([licence(type="eu.licence.customs_broker", jurisdiction="EU")], "provisional"),
        ([licence(jurisdiction="US")], "applicant"),
        ([licence(type="road_haulier")], "applicant"),
        ([licence(valid_from="2026-11-24")], "applicant"),
        ([], "applicant"),
    ],
)
def test_an_applicant_needs_the_licence_of_the_market(held: list[Any], standing: str) -> None:
    assert judged("applicant", BROKER, licences=held)["standing"] == standing


def test_an_open_incident_holds_a_provider_up_and_a_grave_one_suspends() -> None:
    minor = {"severity": "minor", "opened_on": "2026-11-20"}
    assert judged("provisional", incidents=[minor])["standing"] == "provisional"
    assert judged("provisional", incidents=[minor | {"closed_on": "2026-11-23"}])["standing"] == (
        "active"
    )
    assert judged("active", incidents=[minor])["standing"] == "active"
    assert judged("active", incidents=[minor | {"severity": "grave"}])["standing"] == "suspended"
    later = minor | {"opened_on": "2026-11-24"}
    assert judged("provisional", incidents=[later])["standing"] == "active"


def test_only_a_request_reinstates_and_only_without_a_prohibition() -> None:
    asked = {"reinstatement_requested": True}
    assert judged("suspended", **asked)["standing"] == "reinstated"
    assert judged("suspended", cell(on_time_delivery=(0, 5)), **asked)["standing"] == "suspended"
    assert judged("active", **asked)["standing"] == "active"


def test_a_broken_promise_is_a_doubt_that_takes_nothing_away() -> None:
    promise = {"service": "fulfilment", "metric": "on_time_delivery", "value": 0.99}
    counted = cell(on_time_delivery=(950, 1000))
    for market, after in (("*", "provisional"), ("DE", "provisional"), ("FR", "active")):
        result = judged("provisional", counted, declared=[promise | {"market": market}])
        assert result["standing"] == after
    result = judged("active", counted, declared=[promise | {"market": "DE"}])
    assert result["cells"][0]["doubts"] == ["promise_broken:on_time_delivery"]
    assert result["cells"][0]["verdict"] == "needs_review"
    assert result["standing"] == "active"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"cells": [cell("trucking")]}, "/cells/0/service"),
        ({"cells": [cell("logistics_services")]}, "/cells/0/service"),
        ({"cells": [cell("gadgets")]}, "/cells/0/service"),
        ({"cells": [cell(market="XX")]}, "/cells/0/market"),
        ({"cells": [cell(), cell()]}, "/cells/1"),
        ({"cells": [cell(speed=(1, 1))]}, "/cells/0/metrics/speed"),
        ({"cells": [cell(loss_damage=(2, 1))]}, "/cells/0/metrics/loss_damage"),
        ({"cells": [cell(loss_damage=(-1, 1))]}, "/cells/0/metrics/loss_damage/successes"),
        ({"cells": [cell(loss_damage=(0.5, 1))]}, "/cells/0/metrics/loss_damage/successes"),
        ({"as_of": "soon"}, "/as_of"),
        ({"provider": {"id": "x", "standing": "loved"}}, "/provider/standing"),
        ({"wishes": []}, "/wishes"),
        ({"licences": [licence(valid_to="2026-13-01")]}, "/licences/0/valid_to"),
    ],
)
def test_a_wrong_field_is_named(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        judged(**wrong)
    assert [error.field for error in refused.value.errors] == [field]


def test_a_recorded_vetting_gives_the_same_result_again() -> None:
    evaluation = gates().evaluate("provider", vetting("active", cell(**LATE), BROKER))
    assert evaluation.verdicts == {"DE": "needs_review"}
    assert evaluation.personal is None
    recorded = json.loads(canonical(evaluation.request))
    assert canonical(gates().again("provider", recorded)) == canonical(evaluation.result)


def test_the_sale_gate_knows_no_services_and_no_proof_by_counts() -> None:
    with pytest.raises(InvalidRequest) as refused:
        judge(gates(), ask("DE", category="fulfilment"))
    assert refused.value.errors[0].message == "unknown category `fulfilment`"
    proof = ask("DE") | {"evidence": [licence(type="performance.loss_damage")]}
    with pytest.raises(InvalidRequest) as refused:
        gates().sale.evaluate(proof)
    assert refused.value.errors[0].message == "unknown evidence type `performance.loss_damage`"
