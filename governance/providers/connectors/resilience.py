"""A guard before every call of a connector: time limit, circuit breaker, room for what hangs."""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from governance.providers.connectors.attempts import Outcome, Patience, ask, doubts
from governance.providers.connectors.breaker import Breaker, Permit, State
from governance.providers.connectors.credentials import Credential
from governance.providers.connectors.protocol import (
    A,
    Answer,
    Call,
    Capability,
    Connector,
    Q,
    error,
    unsupported,
)
from governance.providers.connectors.questions import OrderQuestion

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """How much is borne of one connector.

    `seconds` for a call with all its attempts, and `patience` for these. Threads cannot be stopped:
    a call that hangs keeps its own until the process ends, and `unfinished` is how many calls of
    the connector may be under way at a time, those that hang with them. Each call's breaker opens
    after `failures_to_open` in a row, for `open_seconds`.
    """

    seconds: float = 10.0
    patience: Patience = field(default_factory=Patience)
    unfinished: int = 4
    failures_to_open: int = 5
    open_seconds: float = 30.0


class Guarded:
    """A provider's connector behind its limits: every answer is details and messages.

    Each call has a breaker of its own: tracking that is down says nothing about quotes. What the
    connector was opened with is kept, so that `credentials` are scrubbed as long as it is in use.
    TypeError where the connector's capabilities are not what the protocol says they are.
    """

    def __init__(
        self,
        provider: str,
        connector: Connector,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
        credentials: Iterable[Credential] = (),
    ) -> None:
        self.provider = provider
        # They are known for as long as they live, and the connector may have kept the values only.
        self._credentials = tuple(credentials)
        self.capabilities = _checked(connector.capabilities)
        self._connector = connector
        self._limits = limits or Limits()
        self._room = threading.BoundedSemaphore(self._limits.unfinished)
        self._breakers = {
            capability: Breaker(self._limits.failures_to_open, self._limits.open_seconds, clock)
            for capability in self.capabilities
        }

    def ask(self, call: Call[Q, A], question: Q) -> Answer[A]:
        """Ask this connector alone. TypeError for a question that is not this call's."""
        return self.start(call, question)(math.inf)

    def start(self, call: Call[Q, A], question: Q) -> Callable[[float], Answer[A]]:
        """Begin to ask, without waiting; the result waits for the answer until an instant.

        That instant is of `time.monotonic()`, and the result must be called once, so that the
        breaker learns. TypeError for a question that is not this call's.
        """
        if not isinstance(question, call.question):
            raise TypeError(f"{call.capability} is asked with a {call.question.__name__}")
        if call.capability not in self.capabilities:
            return _settled(unsupported(self.provider, call.capability))
        name = f"{self.provider} ({call.capability})"
        breaker = self._breakers[call.capability]
        permit = breaker.admit()
        if permit is None:
            return _refused(
                "circuit-open",
                f"{name} failed repeatedly and is left alone for up to "
                f"{self._limits.open_seconds:g} s: do without it, or ask again later",
            )
        if not self._room.acquire(blocking=False):
            breaker.withdrawn(permit)
            return _refused(
                "too-many-unfinished",
                f"{name} was not asked, {self._limits.unfinished} earlier calls have not come "
                "back: ask again later, and look why they hang",
            )
        try:
            return self._begin(call, question, name, permit)
        except RuntimeError:  # no thread to be had
            self._room.release()
            breaker.withdrawn(permit)
            return _refused("no-thread", f"{name} was not asked, no thread is left: ask later")

    def breakers(self) -> dict[Capability, State]:
        """The state of each call's breaker now."""
        return {call: breaker.state for call, breaker in self._breakers.items()}

    def close(self) -> None:
        """Let the connector close what it holds. Nothing is raised: a failure goes to the log."""
        try:
            self._connector.close()
        except BaseException as raised:  # noqa: BLE001 whatever it is, it is this connector's alone
            _log.warning("%s failed to close", self.provider, exc_info=raised)

    def _begin(
        self, call: Call[Q, A], question: Q, name: str, permit: Permit
    ) -> Callable[[float], Answer[A]]:
        limits, breaker = self._limits, self._breakers[call.capability]
        once = permit.probe or not _repeatable(call, question)
        patience = replace(limits.patience, attempts=1) if once else limits.patience
        given_up = threading.Event()
        coming: Future[Outcome[A]] = Future()

        def work() -> None:
            try:
                outcome = ask(self._connector, name, call, question, patience, given_up)
            finally:
                self._room.release()
            coming.set_result(outcome)

        def wait(until: float) -> Answer[A]:
            ends = min(until, limit)
            try:
                outcome = coming.result(timeout=max(0.0, ends - time.monotonic()))
            except TimeoutError:
                given_up.set()
                # One who waits for less than the connector is granted learns nothing about it.
                (breaker.failed if ends == limit else breaker.withdrawn)(permit)
                sentence = f"{name} did not answer in time: do without it, or ask again later"
                return None, (error("time-limit", sentence), *doubts(call, name))
            (breaker.failed if outcome.failed else breaker.succeeded)(permit)
            return outcome.answer

        limit = time.monotonic() + limits.seconds
        # A daemon: one that hangs does not keep the process from ending.
        threading.Thread(target=work, name=f"connector {name}", daemon=True).start()
        return wait


def _repeatable(call: Call[Q, A], question: Q) -> bool:
    if not call.changes:
        return True
    return isinstance(question, OrderQuestion) and question.idempotency_key is not None


def _settled(answer: Answer[A]) -> Callable[[float], Answer[A]]:
    return lambda _until: answer


def _refused(code: str, sentence: str) -> Callable[[float], Answer[A]]:
    return _settled((None, (error(code, sentence),)))


def _checked(capabilities: object) -> frozenset[Capability]:
    if not isinstance(capabilities, frozenset) or not all(
        isinstance(capability, Capability) for capability in capabilities
    ):
        raise TypeError("A connector's capabilities are a frozenset of Capability")
    return capabilities
