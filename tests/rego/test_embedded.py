"""The embedded engine when it breaks."""

import pytest

from governance.errors import EngineUnavailable
from governance.rego.embedded import EmbeddedEngine

# regorus 0.13 panics on an array of no items here; a panic does not derive from Exception.
PANIC = "package a\n\np if object.subset(input.x, [])\n\nq := input.x\n"


def test_panic_of_the_engine_gives_no_answer_and_the_next_call_answers() -> None:
    engine = EmbeddedEngine({"a.rego": PANIC}, "sha256:1")
    with pytest.raises(EngineUnavailable, match="window size"):
        engine.evaluate("a.p", {"x": []})
    assert engine.evaluate("a.q", {"x": 1}) == 1


def test_failure_names_the_line_and_no_stack() -> None:
    with pytest.raises(EngineUnavailable, match=r"a\.rego:3:6") as caught:
        EmbeddedEngine({"a.rego": "package a\n\np := ]\n"}, "sha256:1")
    assert "backtrace" not in str(caught.value)
