"""A comparison answers for every provider, whatever becomes of one of them."""

import time
from dataclasses import replace
from typing import Any

import pytest
from connector_stand_ins import (
    DOES_RETURNS,
    IN_GERMANY,
    SHORT,
    Scripted,
    answers,
    babbles,
    breaks,
    hangs,
    leaves,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.providers.connectors import protocol
from governance.providers.connectors.answers import Coverage
from governance.providers.connectors.attempts import Patience
from governance.providers.connectors.comparison import compare
from governance.providers.connectors.protocol import COVERAGE, QUOTE, Level, Message
from governance.providers.connectors.questions import QuoteQuestion
from governance.providers.connectors.resilience import Guarded, Limits
from governance.providers.models import Service

GARBAGE: list[Any] = [
    None, 7, "fine", [DOES_RETURNS, ()], (DOES_RETURNS,), (DOES_RETURNS, None), (None, None),
    (DOES_RETURNS, "ok"), (DOES_RETURNS, ("ok",)), ({"market": "DE"}, ()),
    (Coverage, ()), (IN_GERMANY, ()),
]  # fmt: skip


def test_each_failure_is_a_message_of_its_own_provider() -> None:
    acts = {
        "good": answers,
        "broken": breaks,
        "leaving": leaves,
        "babbling": babbles,
        "hanging": hangs,
    }
    connectors = {name: Guarded(name, Scripted(act), SHORT) for name, act in acts.items()}
    results = compare(connectors, COVERAGE, IN_GERMANY, deadline=5)
    assert list(results) == list(acts)
    assert results.pop("good") == (DOES_RETURNS, ())
    codes = {name: [message.code for message in said] for name, (_, said) in results.items()}
    assert codes == {
        "broken": ["connector-failed"],
        "leaving": ["connector-failed"],
        "babbling": ["garbage-answered"],
        "hanging": ["time-limit"],
    }
    for name, (details, said) in results.items():
        assert details is None
        assert said[0].level is Level.ERROR
        assert said[0].sentence.startswith(f"{name} (coverage) ")
    assert "ConnectionResetError: the line went dead" in results["broken"][1][0].sentence


def test_the_deadline_holds_for_all_together() -> None:
    """One deadline after the other would take longer than these providers do."""
    patient = replace(SHORT, seconds=60)
    names = [f"slow-{number}" for number in range(11)]
    slow = {
        name: Guarded(name, Scripted(lambda: time.sleep(2) or answers()), patient) for name in names
    }
    connectors = slow | {"good": Guarded("good", Scripted(answers), patient)}
    results = compare(connectors, COVERAGE, IN_GERMANY, deadline=0.25)
    assert results.pop("good") == (DOES_RETURNS, ())
    assert {said[0].code for _, said in results.values()} == {"time-limit"}


def test_one_that_was_slow_counts_again_once_it_is_fast() -> None:
    connector = Guarded("tired", Scripted(lambda: time.sleep(0.4) or answers(), answers), SHORT)
    asked = [compare({"tired": connector}, COVERAGE, IN_GERMANY, deadline=5) for _ in range(2)]
    assert [result["tired"][0] for result in asked] == [None, DOES_RETURNS]


def test_what_is_not_supported_is_said_and_not_asked() -> None:
    connector = Scripted(answers)
    question = QuoteQuestion(Service.RETURNS, "DE", "FR", weight_grams=300)
    results = compare({"small": Guarded("small", connector, SHORT)}, QUOTE, question, deadline=5)
    details, (message,) = results["small"]
    assert (details, message.code, connector.asked) == (None, "unsupported-call", 0)


def test_a_method_declared_and_not_written_says_so_too() -> None:
    class Boaster(protocol.Connector):
        @property
        def capabilities(self) -> frozenset[protocol.Capability]:
            return frozenset(protocol.Capability)

    details, (message,) = Guarded("boaster", Boaster(), SHORT).ask(COVERAGE, IN_GERMANY)
    assert (details, message.code) == (None, "unsupported-call")


def test_a_question_of_another_call_is_the_callers_mistake() -> None:
    with pytest.raises(TypeError, match="coverage is asked with a CoverageQuestion"):
        Guarded("any", Scripted(answers)).ask(COVERAGE, DOES_RETURNS)  # type: ignore[misc]


@pytest.mark.parametrize("garbage", GARBAGE, ids=repr)
def test_no_garbage_passes_for_an_answer(garbage: Any) -> None:
    details, (message,) = Guarded("any", Scripted(lambda: garbage), SHORT).ask(COVERAGE, IN_GERMANY)
    assert (details, message.code) == (None, "garbage-answered")


def test_an_answer_whose_fields_were_tampered_with_is_garbage() -> None:
    tampered = Coverage("DE", ())
    object.__setattr__(tampered, "services", ["returns"])
    guarded = Guarded("any", Scripted(lambda: (tampered, ())), SHORT)
    details, (message,) = guarded.ask(COVERAGE, IN_GERMANY)
    assert (details, message.code) == (None, "garbage-answered")
    assert "services" in message.sentence


def test_nothing_without_a_reason_gets_one() -> None:
    details, (message,) = Guarded("any", Scripted(lambda: (None, ())), SHORT).ask(
        COVERAGE, IN_GERMANY
    )
    assert (details, message.code) == (None, "nothing-answered")


def test_what_a_connector_says_itself_comes_through() -> None:
    said = (Message(Level.WARNING, "peak-season", "Expect two days more until Christmas."),)
    guarded = Guarded("any", Scripted(lambda: (DOES_RETURNS, said)), SHORT)
    assert guarded.ask(COVERAGE, IN_GERMANY) == (DOES_RETURNS, said)


BEHAVIOURS = st.sampled_from([answers, breaks, leaves, babbles, hangs]) | st.sampled_from(
    GARBAGE
).map(lambda garbage: lambda: garbage)


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(st.text(max_size=5), st.lists(BEHAVIOURS, min_size=1, max_size=3), max_size=6),
    st.floats(0, 0.05),
)
def test_every_provider_has_its_answer(scripts: dict[str, list[Any]], deadline: float) -> None:
    limits = Limits(0.03, Patience(2, 0.001, 0.001), unfinished=2, failures_to_open=2)
    connectors = {name: Guarded(name, Scripted(*acts), limits) for name, acts in scripts.items()}
    for _ in range(3):
        results = compare(connectors, COVERAGE, IN_GERMANY, deadline)
        assert list(results) == list(scripts)
        for details, said in results.values():
            assert details == DOES_RETURNS or (details is None and said)
