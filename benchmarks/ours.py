"""This service's own side: the sale gate, all of it in this process."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from measure import Side, percentiles, take_turns
from peers.rules import Answer
from words import AS_OF

from governance.gates.sale import SaleGate
from governance.rego.embedded import EmbeddedEngine
from governance.rules.library import load_library, read_tree
from governance.rules.model import Library

PROJECT = Path(__file__).resolve().parent.parent
POLICIES = PROJECT / "policies"
RULESETS = PROJECT / "rulesets"


class Pipeline:
    """From request to result: check the facts, match, judge in Rego, put together."""

    name = "governance"

    def __init__(self, library: Library) -> None:
        policy = (POLICIES / "sale" / "policy.rego").read_text()
        self._gate = SaleGate(library, EmbeddedEngine({"sale/policy.rego": policy}, "benchmark"))

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """See SaleGate.evaluate."""
        return self._gate.evaluate(request)

    def answer(self, result: Mapping[str, Any]) -> Answer:
        """See Answer; for requests with one import mode."""
        answer = {}
        for market in result["markets"]:
            (mode,) = market["import_modes"]
            findings = frozenset((rule, state) for rule, state in mode["findings"])
            answer[market["market"]] = market["verdict"], findings
        return answer


def real_library(rounds: int) -> dict[str, Any]:
    """The rulesets of this repository and its demo drop, in all markets that they cover."""
    library = load_library(read_tree(RULESETS))
    pipeline = Pipeline(library)
    products = json.loads((PROJECT / "governance" / "demo_drop.json").read_text())
    figures: dict[str, Any] = {
        "rules": len(library.rules["sale"]),
        "markets": len(library.covered_markets),
    }
    for name, mode in (("commercial", "commercial"), ("import_mode_open", None)):
        requests = [_demo_request(product, mode) for product in products]
        side = Side(name, pipeline.ask, requests)
        take_turns([side], 4 * rounds, lambda: None)
        figures[name] = percentiles(side.wall)
    return figures


def _demo_request(drop: Mapping[str, Any], mode: str | None) -> dict[str, Any]:
    seller = {"id": "demo", "established_in": "US", "kind": "creator", "attributes": drop["seller"]}
    return {
        "as_of": AS_OF,
        "seller": seller,
        "product": drop["product"],
        "offer": {"import_mode": mode, "attributes": drop["offer"]},
        "markets": "all",
        "evidence": drop["evidence"],
    }
