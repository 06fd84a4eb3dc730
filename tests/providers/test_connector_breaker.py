"""The circuit breaker, held against the plainest model of it."""

import threading

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from governance.providers.connectors.breaker import Breaker, Permit, State

FAILURES = 3
OPEN_SECONDS = 10


class BreakerAgainstModel(RuleBasedStateMachine):
    """The model: since when it is open, failures in a row, and which permits still count."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0
        self.breaker = Breaker(FAILURES, OPEN_SECONDS, lambda: self.now)
        self.opened: float | None = None
        self.in_a_row = 0
        self.counting: list[Permit] = []
        self.stale: list[Permit] = []

    @property
    def expected(self) -> State:
        if self.opened is None:
            return State.CLOSED
        return State.HALF_OPEN if self.now >= self.opened + OPEN_SECONDS else State.OPEN

    @rule(seconds=st.integers(0, 12))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @rule()
    def ask(self) -> None:
        permit = self.breaker.admit()
        if self.expected is State.OPEN or (self.expected is State.HALF_OPEN and self.counting):
            assert permit is None
        else:
            assert permit is not None
            assert permit.probe == (self.expected is State.HALF_OPEN)
            self.counting.append(permit)

    def turn(self, opened: float | None) -> None:
        self.opened, self.in_a_row = opened, 0
        self.stale += self.counting
        self.counting = []

    @precondition(lambda self: self.counting)
    @rule(data=st.data())
    def succeed(self, data: st.DataObject) -> None:
        permit = self.take(data, self.counting)
        self.breaker.succeeded(permit)
        self.in_a_row = 0
        if permit.probe:
            self.turn(None)

    @precondition(lambda self: self.counting)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        permit = self.take(data, self.counting)
        self.breaker.failed(permit)
        self.in_a_row += 1
        if permit.probe or self.in_a_row == FAILURES:
            self.turn(self.now)

    @precondition(lambda self: self.counting)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        self.breaker.withdrawn(self.take(data, self.counting))

    @precondition(lambda self: self.stale)
    @rule(data=st.data(), report=st.sampled_from(["succeeded", "failed", "withdrawn"]))
    def come_back_late(self, data: st.DataObject, report: str) -> None:
        getattr(self.breaker, report)(self.take(data, self.stale))

    def take(self, data: st.DataObject, permits: list[Permit]) -> Permit:
        return permits.pop(data.draw(st.integers(0, len(permits) - 1)))

    @invariant()
    def both_are_in_the_same_state(self) -> None:
        assert self.breaker.state is self.expected


TestBreakerAgainstModel = BreakerAgainstModel.TestCase


def test_of_many_threads_at_a_half_open_breaker_one_is_the_probe() -> None:
    now = 0.0
    breaker = Breaker(1, OPEN_SECONDS, lambda: now)
    permit = breaker.admit()
    assert permit is not None
    breaker.failed(permit)
    now = OPEN_SECONDS
    together = threading.Barrier(16)
    permits: list[Permit | None] = []

    def ask() -> None:
        together.wait()
        permits.append(breaker.admit())

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(permits) == 16
    assert len([permit for permit in permits if permit]) == 1


def test_failures_that_come_back_late_do_not_keep_it_open() -> None:
    now = 0.0
    breaker = Breaker(1, OPEN_SECONDS, lambda: now)
    early = [permit for permit in (breaker.admit(), breaker.admit()) if permit]
    breaker.failed(early[0])
    now = OPEN_SECONDS - 1
    breaker.failed(early[1])
    now = OPEN_SECONDS
    assert breaker.state is State.HALF_OPEN
