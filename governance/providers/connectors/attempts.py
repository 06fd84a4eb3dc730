"""Asking a connector in the thread that calls: attempts with jitter, and an answer that is one."""

import logging
import threading
from dataclasses import dataclass
from typing import Any, Generic

from pydantic import TypeAdapter, ValidationError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from governance.providers.connectors.credentials import scrub
from governance.providers.connectors.protocol import (
    LONGEST_SENTENCE,
    A,
    Answer,
    Call,
    Connector,
    Message,
    Messages,
    Q,
    error,
)

_log = logging.getLogger(__name__)
_MESSAGES: TypeAdapter[Messages] = TypeAdapter(Messages)
_LONGEST_REASON = 500


@dataclass(frozen=True)
class Patience:
    """How often to ask: waits are random from 0 to a ceiling that doubles up to the longest.

    That is full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """

    attempts: int = 3
    first_wait_seconds: float = 0.2
    longest_wait_seconds: float = 2.0


@dataclass(frozen=True)
class Outcome(Generic[A]):
    """An answer, and whether it is the connector's own or what we say for one that failed."""

    answer: Answer[A]
    failed: bool


def ask(
    connector: Connector,
    name: str,
    call: Call[Q, A],
    question: Q,
    patience: Patience,
    given_up: threading.Event,
) -> Outcome[A]:
    """Ask until there is an answer, attempts run out, or the one who waits has given up.

    `name` says in messages who was asked what. Everything that the connector raises becomes a
    message; one that ends the interpreter elsewhere (SystemExit) ends nothing here.
    """

    def pause(seconds: float) -> None:
        if given_up.wait(seconds):
            raise _GivenUp

    attempts = Retrying(
        stop=stop_after_attempt(patience.attempts),
        wait=wait_random_exponential(
            multiplier=patience.first_wait_seconds, max=patience.longest_wait_seconds
        ),
        retry=retry_if_exception_type(Exception),
        sleep=pause,
        reraise=True,
    )
    try:
        answer = attempts(getattr(connector, call.capability.value), question)
        return Outcome(_checked(call, name, answer), failed=False)
    except _NotAnAnswer as garbage:
        _log.warning("%s answered garbage: %s", name, garbage)
        code, why = "garbage-answered", f"answered outside the protocol ({garbage})"
    except _GivenUp:
        return Outcome((None, ()), failed=True)  # which nobody looks at
    except BaseException as raised:  # noqa: BLE001 whatever it is, it is this connector's alone
        _log.warning("%s failed", name, exc_info=raised)
        code, why = "connector-failed", f"failed with {reason(raised)}"
    sentence = f"{name} {why}: ask again later, and report it to whoever keeps the connector"
    said = error(code, scrub(sentence))
    return Outcome((None, (said, *doubts(call, name))), failed=True)


def doubts(call: Call[Q, A], name: str) -> Messages:
    """What to add where a call that changes something was made, and its outcome is not known."""
    if not call.changes:
        return ()
    sentence = (
        f"{name} may have been carried out all the same: look for it over there by its reference, "
        "or send it again with the idempotency key that it had"
    )
    return (error("outcome-unknown", sentence),)


class _GivenUp(BaseException):
    """Nobody waits any more; not an Exception, so that it is not tried again."""


class _NotAnAnswer(Exception):
    pass


def _checked(call: Call[Q, A], name: str, answer: Any) -> Answer[A]:
    if not (isinstance(answer, tuple) and len(answer) == 2):
        raise _NotAnAnswer(f"(details, messages) expected, not {type(answer).__name__}")
    details, said = answer
    if details is not None and not isinstance(details, call.answer):
        raise _NotAnAnswer(f"{call.answer.__name__} expected, not {type(details).__name__}")
    try:
        messages = _MESSAGES.validate_python(said, strict=True)
        if details is not None:
            details = TypeAdapter(call.answer).validate_python(details, strict=True)
    except ValidationError as invalid:
        first = invalid.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise _NotAnAnswer(f"{place}: {first['msg']}") from None
    messages = tuple(
        Message(one.level, one.code, scrub(one.sentence)[:LONGEST_SENTENCE]) for one in messages
    )
    if details is None and not messages:
        sentence = f"{name} answered nothing, and not why: ask whoever keeps the connector"
        messages = (error("nothing-answered", sentence),)
    return details, messages


def reason(raised: BaseException) -> str:
    """An exception's type and text, which may say anything, in a form fit to be shown."""
    kind = type(raised).__name__
    try:
        text = str(raised)
    except BaseException:  # noqa: BLE001 its text is the connector's code, too
        return kind
    # Scrubbed before it is cut: half a credential would not be recognised.
    return scrub(f"{kind}: {text}")[:_LONGEST_REASON] if text else kind
