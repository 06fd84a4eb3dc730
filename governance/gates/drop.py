"""The drop gate: may this plan of a creator's drop go live, and if not, what would let it?"""

from collections.abc import Mapping
from typing import Any

from governance.gates.drop_changes import smallest_changes
from governance.gates.drop_facts import read_request
from governance.gates.drop_judgement import DropJudge
from governance.rego.engine import PolicyEngine
from governance.rules.model import Library

POLICY_PATH = "governance.drop.judgement"


class DropGate:
    """The drop gate of one release; may be called from any thread."""

    def __init__(self, library: Library, policies: PolicyEngine) -> None:
        self.library = library
        self._judge = DropJudge(library, policies, POLICY_PATH)

    def evaluate(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The result that goes on the record: a verdict on the plan and on each of its markets.

        The request is that of `drop_facts.DropRequest`; what the codes mean is in `drop_reasons`.
        A market's verdict is the gravest of what stands against it and against the plan as a whole;
        its reasons are its own. `changes` is the smallest set of changes (`drop_changes`) after
        which the plan was judged again and passed; it is empty where it passes already, and where
        no change would do. The same request under the same release gives the same result for ever.

        Raises:
            InvalidRequest: the request lacks something or names something unknown.
            EngineUnavailable: an engine failed; there is no verdict.
        """
        asked = read_request(request, self.library)
        judged = self._judge.judgement(asked)
        changes = smallest_changes(asked, judged, self._judge.judgement)
        return {
            "as_of": asked.as_of,
            "judged_on": asked.judged_on,
            "plan": asked.plan,
            "verdict": judged.verdict,
            "reasons": list(judged.reasons),
            "approved_reasons": list(judged.approved_reasons),
            "markets": [
                {
                    "market": entry.market,
                    "product": entry.product,
                    "verdict": found.verdict,
                    "reasons": list(found.reasons),
                }
                for entry, found in zip(asked.markets, judged.markets, strict=True)
            ],
            "findings": [(found.rule.id, found.state) for found in judged.findings],
            "missing_facts": sorted({name for one in judged.findings for name in one.missing}),
            "changes": [change._asdict() for change in changes],
        }
