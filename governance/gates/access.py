"""The access gate: may this caller do this? It has no rulesets; the policy judges alone."""

from collections.abc import Mapping
from typing import Any

from governance.errors import EngineUnavailable
from governance.rego.engine import PolicyEngine

POLICY_PATH = "governance.access.judgement"


class AccessGate:
    """The access gate of one release; may be called from any thread."""

    def __init__(self, policies: PolicyEngine) -> None:
        self._policies = policies

    def evaluate(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """`{"verdict": "allowed" | "prohibited", "reason": …}` for {caller, action, resource}.

        Raises:
            EngineUnavailable: the policy gave no verdict, so nobody may do anything.
        """
        answer = self._policies.evaluate(POLICY_PATH, request)
        if not isinstance(answer, dict) or answer.get("verdict") not in ("allowed", "prohibited"):
            raise EngineUnavailable("the access policy gave no verdict")
        return {"verdict": answer["verdict"], "reason": str(answer.get("reason", ""))}
