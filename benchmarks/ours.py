"""This service's own side: the sale gate, all of it in this process.

The gate remembers what its embedded engine said of a case, so it is measured on requests that it
was not asked before, and once more with an engine of which it remembers nothing.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from measure import Side, percentiles, take_turns
from peers.rules import Answer
from words import AS_OF

from governance.gates.sale import SaleGate
from governance.rego.embedded import EmbeddedEngine
from governance.rego.engine import PolicyEngine
from governance.rules.library import load_library, read_tree
from governance.rules.model import Library

PROJECT = Path(__file__).resolve().parent.parent
POLICIES = PROJECT / "policies"
RULESETS = PROJECT / "rulesets"


class Counted(EmbeddedEngine):
    """The embedded engine with our sale policy; `cases` is how many it judged."""

    def __init__(self) -> None:
        policy = (POLICIES / "sale" / "policy.rego").read_text()
        super().__init__({"sale/policy.rego": policy}, "benchmark")
        self.cases = 0

    def evaluate(self, path: str, document: Mapping[str, Any]) -> Any:
        """See PolicyEngine."""
        self.cases += len(document["cases"])
        return super().evaluate(path, document)


class AskedEachTime:
    """An engine of which the gate remembers nothing, for it does not know it as the embedded."""

    name = "embedded"

    def __init__(self, engine: PolicyEngine) -> None:
        self.evaluate = engine.evaluate


class Pipeline:
    """From request to result: check the facts, match, judge in Rego, put together."""

    def __init__(self, library: Library, *, remembers: bool) -> None:
        self.name = "governance" if remembers else "governance, nothing remembered"
        self.engine = Counted()
        policies = self.engine if remembers else AskedEachTime(self.engine)
        self._gate = SaleGate(library, policies)

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
    pipeline = Pipeline(library, remembers=False)  # the drop's few products come again and again
    products = json.loads((PROJECT / "governance" / "demo" / "drop.json").read_text())
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
