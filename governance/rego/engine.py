"""What every policy engine does, and how one is opened."""

from collections.abc import Mapping
from typing import Any, Protocol

from governance.rego.embedded import EmbeddedEngine
from governance.settings import Settings


class PolicyEngine(Protocol):
    """Judges documents by the policies of one release; safe to share between threads."""

    name: str

    def evaluate(self, path: str, document: Mapping[str, Any]) -> Any:
        """What the rule `path` (dotted, without `data.`) says of `document`, as parsed JSON.

        Raises EngineUnavailable when the engine fails, times out, lacks the rule or leaves it
        undefined: there is never a default answer.
        """
        ...


def open_policy_engine(
    policies: Mapping[str, str], digest: str, settings: Settings
) -> PolicyEngine:
    """The engine that the settings choose, for the release `digest` ("sha256:…").

    `policies` maps a path ("sale/policy.rego") to its text; tests are left out. Raises
    EngineUnavailable when the embedded engine cannot load them; an OPA server is asked
    only when there is something to judge.
    """
    judging = {path: text for path, text in policies.items() if not is_test(path)}
    if settings.policy_engine == "opa":
        # Imported here: its HTTP clients are a tenth of the start of every command.
        from governance.rego.server import ServerEngine

        return ServerEngine(judging, digest, settings.opa_url, settings.opa_timeout_seconds)
    return EmbeddedEngine(judging, digest)


def is_test(path: str) -> bool:
    """Whether the file at `path` holds tests, which are never part of a judgement."""
    return path.endswith("_test.rego")
