"""The contract that both engines keep: the same answers, and never one that is not sure."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from governance.errors import EngineUnavailable
from governance.rego.engine import PolicyEngine, open_policy_engine
from governance.settings import Settings

POLICIES = {
    "lib/words.rego": 'package lib.words\n\npolite(name) := concat(" ", ["Dear", name])\n',
    "greet/policy.rego": """package greet

import data.lib.words

# é before the code: places in the text are counted in bytes.
letter := {"text": words.polite(input.name), "also": data.lib.words.polite("data.x")}

odd if not count(input.name)
""",
    "greet/policy_test.rego": "package greet_test\n\ntest_nothing if false\n",
}
ACCESS = {"caller": {"id": "p1", "role": "portal"}, "action": "catalogue:read", "resource": {}}


@pytest.fixture
def engine(engine_settings: Settings) -> PolicyEngine:
    return open_policy_engine(POLICIES, "sha256:" + "0" * 64, engine_settings)


def test_rule_that_calls_another_package_answers(engine: PolicyEngine) -> None:
    assert engine.evaluate("greet.letter", {"name": "Zoë"}) == {
        "text": "Dear Zoë",
        "also": "Dear data.x",
    }


@pytest.mark.parametrize(
    "path", ["greet.lost", "lost.judgement", "greet_test.test_nothing", "greet", ""]
)
def test_rule_that_is_not_there_gives_no_answer(engine: PolicyEngine, path: str) -> None:
    with pytest.raises(EngineUnavailable):
        engine.evaluate(path, {"name": "Zoë"})


def test_undefined_rule_gives_no_answer_and_the_next_call_answers(engine: PolicyEngine) -> None:
    with pytest.raises(EngineUnavailable):
        engine.evaluate("greet.letter", {})
    assert engine.evaluate("greet.letter", {"name": "Al"})["text"] == "Dear Al"


def test_builtin_that_fails_is_not_taken_for_undefined(engine: PolicyEngine) -> None:
    with pytest.raises(EngineUnavailable):
        engine.evaluate("greet.odd", {"name": 5})


@pytest.mark.parametrize("value", [{1, 2}, float("nan"), object()])
def test_document_that_is_not_json_gives_no_answer(engine: PolicyEngine, value: Any) -> None:
    with pytest.raises(EngineUnavailable):
        engine.evaluate("greet.letter", {"name": value})


def test_eight_threads_at_once_are_each_given_their_own_answer(engine: PolicyEngine) -> None:
    def ask(number: int) -> bool:
        answer = engine.evaluate("greet.letter", {"name": str(number)})
        return bool(answer["text"] == f"Dear {number}")

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(400)))


@pytest.mark.parametrize(
    "text", ["package greet\n\nletter := \n", "package greet\n\nletter := nosuch(1)\n", "no rego"]
)
def test_policies_that_cannot_be_loaded_give_no_answer(
    engine_settings: Settings, text: str
) -> None:
    with pytest.raises(EngineUnavailable):
        open_policy_engine({"greet/policy.rego": text}, "sha256:1", engine_settings).evaluate(
            "greet.letter", {}
        )


def test_shipped_policies_answer_in_both_engines(
    engine_settings: Settings, shipped_policies: dict[str, str]
) -> None:
    engine = open_policy_engine(shipped_policies, "sha256:2", engine_settings)
    assert engine.evaluate("governance.access.judgement", ACCESS)["verdict"] == "allowed"
    document = {"as_of": "2026-11-22", "evidence": [], "cases": [{}]}
    judgement = engine.evaluate("governance.sale.judgement", document)
    assert judgement == {"verdicts": [], "held": [], "oldest_research_allowed": 730}
