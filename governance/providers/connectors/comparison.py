"""Many providers asked at the same time, each answered for, whatever becomes of it."""

import time
from collections.abc import Mapping

from governance.providers.connectors.protocol import A, Answer, Call, Q
from governance.providers.connectors.resilience import Guarded


def compare(
    connectors: Mapping[str, Guarded], call: Call[Q, A], question: Q, deadline: float
) -> dict[str, Answer[A]]:
    """Ask every provider the same; as `ask_each`."""
    asked = {provider: (connector, question) for provider, connector in connectors.items()}
    return ask_each(asked, call, deadline)


def ask_each(
    asked: Mapping[str, tuple[Guarded, Q]], call: Call[Q, A], deadline: float
) -> dict[str, Answer[A]]:
    """Ask each its question; wait for each no longer than its limit, for all `deadline` seconds.

    The answer has every provider of `asked`, in their order: details, or None and messages that say
    why. TypeError for a question that is not this call's.
    """
    until = time.monotonic() + deadline
    coming = {
        provider: connector.start(call, question)
        for provider, (connector, question) in asked.items()
    }
    return {provider: wait(until) for provider, wait in coming.items()}
