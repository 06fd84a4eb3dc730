"""A circuit breaker: after repeated failures nothing is asked for a while, then one probe is."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock


class State(StrEnum):
    """Closed lets everything through, open nothing, half-open one probe."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True)
class Permit:
    """Leave to ask once, to be handed back as succeeded, failed or withdrawn."""

    period: int
    probe: bool


class Breaker:
    """Opens after so many failures in a row, and probes after so many seconds; thread-safe.

    Asking can take longer than a state lasts. What was let through in an earlier period says
    nothing about now, and is not counted.
    """

    def __init__(
        self, failures: int, open_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limit = failures
        self._open_seconds = open_seconds
        self._clock = clock
        self._lock = Lock()
        self._state = State.CLOSED
        self._period = 0
        self._failures = 0
        self._opened_at = 0.0
        self._probing = False

    @property
    def state(self) -> State:
        """The state now; one that has been open long enough is half-open."""
        with self._lock:
            self._turn()
            return self._state

    def admit(self) -> Permit | None:
        """Leave to ask once, or None where nothing may be asked now."""
        with self._lock:
            self._turn()
            if self._state is State.OPEN or self._probing:
                return None
            self._probing = self._state is State.HALF_OPEN
            return Permit(self._period, self._probing)

    def succeeded(self, permit: Permit) -> None:
        """The provider answered."""
        with self._lock:
            if permit.period != self._period:
                return
            self._failures = 0
            if permit.probe:
                self._enter(State.CLOSED)

    def failed(self, permit: Permit) -> None:
        """The provider did not answer, or not in time, or not in the protocol's terms."""
        with self._lock:
            if permit.period != self._period:
                return
            self._failures += 1
            if permit.probe or self._failures >= self._limit:
                self._opened_at = self._clock()
                self._enter(State.OPEN)

    def withdrawn(self, permit: Permit) -> None:
        """Nothing was learned: the caller did not wait for the answer."""
        with self._lock:
            if permit.period == self._period and permit.probe:
                self._probing = False

    def _turn(self) -> None:
        waited = self._clock() - self._opened_at
        if self._state is State.OPEN and waited >= self._open_seconds:
            self._enter(State.HALF_OPEN)

    def _enter(self, state: State) -> None:
        self._state = state
        self._period += 1
        self._failures = 0
        self._probing = False
