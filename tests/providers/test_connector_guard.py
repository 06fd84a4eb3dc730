"""The guard before a connector: retries, orders, the breaker, and threads that hang."""

import threading
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
    order,
    takes_the_order,
)

from governance.providers.connectors.attempts import Patience
from governance.providers.connectors.protocol import COVERAGE, CREATE_ORDER, Connector, Messages
from governance.providers.connectors.resilience import Guarded


def codes(messages: Messages) -> list[str]:
    return [message.code for message in messages]


def test_a_read_is_asked_again_until_it_answers() -> None:
    connector = Scripted(breaks, breaks, answers)
    assert Guarded("any", connector, SHORT).ask(COVERAGE, IN_GERMANY) == (DOES_RETURNS, ())
    assert connector.asked == 3


def test_a_read_is_not_asked_more_often_than_allowed() -> None:
    connector = Scripted(breaks, breaks, breaks, answers)
    _, said = Guarded("any", connector, SHORT).ask(COVERAGE, IN_GERMANY)
    assert (codes(said), connector.asked) == (["connector-failed"], 3)


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise SystemExit


def test_an_exception_that_cannot_even_be_shown_is_named_by_its_type() -> None:
    def raises() -> None:
        raise Unspeakable

    _, (message,) = Guarded("any", Scripted(raises), SHORT).ask(COVERAGE, IN_GERMANY)
    assert message.code == "connector-failed"
    assert "failed with Unspeakable: ask again later" in message.sentence


def test_an_order_without_a_key_is_sent_once_and_its_outcome_is_left_open() -> None:
    connector = Scripted(breaks, takes_the_order)
    details, said = Guarded("any", connector, SHORT).ask(CREATE_ORDER, order())
    assert (details, connector.asked) == (None, 1)
    assert codes(said) == ["connector-failed", "outcome-unknown"]


def test_an_order_with_a_key_is_sent_again() -> None:
    connector = Scripted(breaks, takes_the_order)
    details, said = Guarded("any", connector, SHORT).ask(CREATE_ORDER, order("key-1"))
    assert details is not None
    assert (details.order_id, said, connector.asked) == ("1", (), 2)


@pytest.mark.parametrize("act", [hangs, babbles])
def test_an_order_whose_answer_is_late_or_garbage_may_have_been_placed(act: object) -> None:
    connector = Scripted(act)  # type: ignore[arg-type]
    _, said = Guarded("any", connector, SHORT).ask(CREATE_ORDER, order("key-1"))
    assert codes(said)[1:] == ["outcome-unknown"]
    assert connector.asked == 1


def test_an_order_is_not_sent_again_behind_the_back_of_one_who_gave_up() -> None:
    failed, looked = threading.Event(), threading.Event()

    def fails_late() -> None:
        looked.wait(20)
        failed.set()
        raise ConnectionResetError

    connector = Scripted(fails_late, takes_the_order)
    _, said = Guarded("late", connector, SHORT).ask(CREATE_ORDER, order("key-1"))
    assert codes(said) == ["time-limit", "outcome-unknown"]
    looked.set()
    assert failed.wait(20)
    for thread in threading.enumerate():
        if thread.name == "connector late (create_order)":
            thread.join(20)
    assert connector.asked == 1


def test_no_more_threads_hang_than_there_is_room_for() -> None:
    limits = replace(SHORT, seconds=0.05, unfinished=2, failures_to_open=100)
    connector = Scripted(hangs)
    guarded = Guarded("stuck", connector, limits)
    said = [codes(guarded.ask(COVERAGE, IN_GERMANY)[1]) for _ in range(5)]
    assert said == [["time-limit"]] * 2 + [["too-many-unfinished"]] * 3
    assert connector.asked == 2


def test_room_is_given_back_by_what_comes_back_late() -> None:
    go = threading.Event()
    limits = replace(SHORT, seconds=0.05, unfinished=1, failures_to_open=100)
    guarded = Guarded("late", Scripted(lambda: go.wait(20) and answers(), answers), limits)
    assert codes(guarded.ask(COVERAGE, IN_GERMANY)[1]) == ["time-limit"]
    assert codes(guarded.ask(COVERAGE, IN_GERMANY)[1]) == ["too-many-unfinished"]
    stuck = [one for one in threading.enumerate() if one.name == "connector late (coverage)"]
    go.set()
    for thread in stuck:
        thread.join(20)
    assert guarded.ask(COVERAGE, IN_GERMANY) == (DOES_RETURNS, ())


def test_after_failures_in_a_row_it_is_left_alone_and_then_probed_once() -> None:
    now = 0.0
    connector = Scripted(*[breaks] * 7, answers)
    guarded = Guarded("down", connector, SHORT, clock=lambda: now)
    for expected in ["connector-failed", "connector-failed", "circuit-open"]:
        assert codes(guarded.ask(COVERAGE, IN_GERMANY)[1]) == [expected]
    assert connector.asked == 6
    now = SHORT.open_seconds
    assert codes(guarded.ask(COVERAGE, IN_GERMANY)[1]) == ["connector-failed"]
    assert connector.asked == 7, "a probe is one attempt"
    assert codes(guarded.ask(COVERAGE, IN_GERMANY)[1]) == ["circuit-open"]
    now = 2 * SHORT.open_seconds
    assert guarded.ask(COVERAGE, IN_GERMANY) == (DOES_RETURNS, ())
    assert guarded.ask(COVERAGE, IN_GERMANY) == (DOES_RETURNS, ())


def test_a_call_that_is_down_says_nothing_about_another() -> None:
    connector = Scripted(*[breaks] * 6, takes_the_order)
    guarded = Guarded("half", connector, SHORT)
    said = [codes(guarded.ask(COVERAGE, IN_GERMANY)[1]) for _ in range(3)]
    assert said[-1] == ["circuit-open"]
    assert guarded.ask(CREATE_ORDER, order())[0] is not None


def test_an_impatient_caller_does_not_open_the_breaker() -> None:
    limits = replace(SHORT, seconds=30, failures_to_open=1, unfinished=10)
    guarded = Guarded("fine", Scripted(hangs, hangs, answers), limits)
    for _ in range(2):
        _, said = guarded.start(COVERAGE, IN_GERMANY)(time.monotonic())
        assert codes(said) == ["time-limit"]
    assert guarded.ask(COVERAGE, IN_GERMANY) == (DOES_RETURNS, ())


def test_waits_between_attempts_end_when_nobody_waits_any_more() -> None:
    limits = replace(SHORT, seconds=0.05, patience=Patience(2, 1000, 1000))
    connector = Scripted(breaks)
    assert codes(Guarded("napping", connector, limits).ask(COVERAGE, IN_GERMANY)[1]) == [
        "time-limit"
    ]
    for thread in threading.enumerate():
        if thread.name == "connector napping (coverage)":
            thread.join(20)
            assert not thread.is_alive()
    assert connector.asked == 1


def test_capabilities_that_are_none_are_refused_when_it_is_opened() -> None:
    class Vague(Connector):
        @property
        def capabilities(self) -> Any:
            return ["coverage"]

    with pytest.raises(TypeError, match="frozenset of Capability"):
        Guarded("vague", Vague())
