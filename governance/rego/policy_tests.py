"""Runs the tests of policies: the rules `test_…` of the files `*_test.rego`."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from governance.errors import EngineUnavailable
from governance.rego.embedded import EmbeddedEngine
from governance.rego.engine import is_test
from governance.rego.syntax import parse


@dataclass(frozen=True)
class PolicyTest:
    """What one test gave: `name` is dotted without `data.`, `failure` is None where it passed."""

    path: str
    name: str
    failure: str | None


def run_policy_tests(policies: Mapping[str, str]) -> list[PolicyTest]:
    """Runs all tests in `policies` (path to text, tests too) in the embedded engine.

    A test passes when it is true; false, undefined and an error are failures. Run it on
    policies without problems only: a recursive one would take the process down. Raises
    EngineUnavailable when the policies cannot be loaded.
    """
    engine = EmbeddedEngine(policies, "policies under test")
    results = []
    for path, text in sorted(policies.items()):
        if not is_test(path):
            continue
        module = parse(path, text)
        names = Counter(name for name, _ in module.rules if name.startswith("test_"))
        for name, times in names.items():
            full = f"{module.package}.{name}"
            failure = _failure(engine, full)
            if times > 1:
                # Equal names are joined by "or", and the one that fails is not seen.
                failure = f"{times} tests have this name"
            results.append(PolicyTest(path, full, failure))
    return results


def _failure(engine: EmbeddedEngine, name: str) -> str | None:
    try:
        answer = engine.evaluate(name, {})
    except EngineUnavailable as error:
        return error.detail
    return None if answer is True else f"it is {answer!r}"
