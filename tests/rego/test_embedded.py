"""The embedded engine when it breaks."""

from types import TracebackType

import pytest
import regorus

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


@pytest.mark.parametrize("policies", [{"a.rego": "package a\n\np := ]\n"}, {"a.rego": PANIC}])
def test_error_carries_no_engine_to_another_thread(policies: dict[str, str]) -> None:
    """An engine that is dropped in another thread panics there."""
    with pytest.raises(EngineUnavailable) as caught:
        EmbeddedEngine(policies, "sha256:1").evaluate("a.p", {"x": []})
    for error in (caught.value, caught.value.__cause__):
        assert error is not None
        assert not any(_holds_engine(value) for value in _ours(error.__traceback__))


def _ours(traceback: TracebackType | None) -> list[object]:
    """The local values of the frames of the engine's module."""
    found: list[object] = []
    while traceback is not None:
        if traceback.tb_frame.f_globals["__name__"] == EmbeddedEngine.__module__:
            found += traceback.tb_frame.f_locals.values()
        traceback = traceback.tb_next
    return found


def _holds_engine(value: object) -> bool:
    inside = value.values() if isinstance(value, dict) else [value]
    return any(isinstance(one, regorus.Engine) for one in inside)
