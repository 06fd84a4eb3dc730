"""Vettings over the shipped rulesets: both engines judge alike, and proof is never passed over."""

import random
from typing import Any

import pytest
from serving import SOAK, Opa

from governance.gates.pipeline import Gates, canonical
from governance.migrations.versions.v0003_providers import _STEPS as STEPS
from governance.planning.certainty import fewest_flawless
from governance.releases.content import read_tree
from governance.releases.loaded import load_release
from governance.settings import Settings

VETTINGS = 2_000 if SOAK else 200
MARKETS = ("US", "DE", "GB", "JP", "CA", "CN")
METRICS = (
    "on_time_delivery",
    "valid_tracking",
    "cancellation",
    "loss_damage",
    "claim_answered_48h",
    "inventory_accuracy",
    "return_within_14d",
    "customs_within_48h",
)


def gates_by(**engine: Any) -> Gates:
    settings = Settings(**engine)
    return Gates(load_release(read_tree(settings.rulesets_dir, settings.policies_dir), settings))


@pytest.fixture(scope="module")
def shipped() -> Gates:
    return gates_by(policy_engine="embedded")


def counts(chance: random.Random, metric: str, good: float) -> dict[str, int]:
    trials = chance.choice([0, 1, 10, 60, 600, 3000])
    rate = 1 - good if metric in ("cancellation", "loss_damage") else good
    return {"successes": round(trials * rate), "trials": trials}


def vetting(gates: Gates, chance: random.Random) -> dict[str, Any]:
    """A valid vetting of a generated provider."""
    services = list(gates.library.vocabulary.services)
    pairs = [(service, market) for service in services for market in MARKETS]
    known = chance.choice([0.8, 1.0, 1.0])
    good = chance.choice([0.3, 0.9, 0.97, 1.0, 1.0])
    return {
        "as_of": chance.choice(["2025-06-01", "2026-11-23", "2027-01-01"]),
        "provider": {"id": "p", "standing": chance.choice([*STEPS, "delisted"]), "sample": True},
        "cells": [
            {
                "service": service,
                "market": market,
                "metrics": {
                    metric: counts(chance, metric, good)
                    for metric in METRICS
                    if chance.random() < known
                },
            }
            for service, market in chance.sample(pairs, chance.randint(0, 3))
        ],
        "licences": [
            {
                "type": "customs_broker",
                "jurisdiction": place,
                "valid_from": "2025-01-01",
                "valid_to": chance.choice([None, "2026-11-23"]),
            }
            for place in ("US", "BE")
            if chance.random() < 0.8
        ],
        "incidents": [
            {"severity": severity, "opened_on": "2026-11-01", "closed_on": None}
            for severity in ("minor", "grave")
            if chance.random() < 0.1
        ],
        "declared": [
            {"service": "fulfilment", "market": "*", "metric": "on_time_delivery", "value": 0.95}
        ],
        "reinstatement_requested": chance.random() < 0.5,
        "delisting_requested": chance.random() < 0.05,
    }


def test_the_engines_give_the_same_result_to_the_byte(shipped: Gates, opa: Opa) -> None:
    by_opa = gates_by(policy_engine="opa", opa_url=opa.url, opa_timeout_seconds=10)
    chance = random.Random(20261123)
    taken = set()
    for _ in range(VETTINGS):
        asked = vetting(shipped, chance)
        result = shipped.provider.evaluate(asked)
        assert canonical(by_opa.provider.evaluate(asked)) == canonical(result)
        taken.add((result["standing_before"], result["standing"]))
    every = {(start, end) for start, ends in STEPS.items() for end in ends}
    stays = {(standing, standing) for standing in [*STEPS, "delisted"]}
    assert taken <= every | stays
    assert {("applicant", "provisional"), ("active", "suspended")} < taken


def test_active_means_proof_in_some_cell_and_nothing_against_any(shipped: Gates) -> None:
    chance = random.Random(7)
    became = 0
    for _ in range(VETTINGS * 5):
        result = shipped.provider.evaluate(vetting(shipped, chance))
        if result["standing"] == "active" != result["standing_before"]:
            became += 1
            verdicts = {cell["verdict"] for cell in result["cells"]}
            assert "allowed" in verdicts
            assert verdicts <= {"allowed", "needs_evidence", "unknown"}
            assert all("breaches" not in cell["labels"].values() for cell in result["cells"])
    assert became


@pytest.mark.parametrize(("market", "rate"), [("US", 0.9), ("JP", 0.96), ("DE", 0.97)])
def test_the_label_takes_as_many_shipments_as_the_market_asks(
    shipped: Gates, market: str, rate: float
) -> None:
    fewest = fewest_flawless(rate)
    for trials, label in ((fewest - 1, "undecided"), (fewest, "meets")):
        result = shipped.provider.evaluate(
            {
                "as_of": "2026-11-23",
                "provider": {"id": "p", "standing": "provisional"},
                "cells": [
                    {
                        "service": "last_mile",
                        "market": market,
                        "metrics": {"on_time_delivery": {"successes": trials, "trials": trials}},
                    }
                ],
            }
        )
        assert result["cells"][0]["labels"]["on_time_delivery"] == label
