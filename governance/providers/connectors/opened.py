"""The connectors of this process: opened once, each with what there is to say of it, and closed."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from governance.providers.connectors.protocol import Messages, error
from governance.providers.connectors.registry import open_connectors
from governance.providers.connectors.resilience import Guarded
from governance.providers.connectors.settings_file import ConnectorEntry, MissingCredential

_SECONDS_TO_CLOSE = 5.0


@dataclass(frozen=True)
class Opened:
    """A provider's connector; `guarded` is None where it could not be opened: `messages` say why.

    `connector` is the name of its entry point.
    """

    provider: str
    connector: str
    guarded: Guarded | None
    messages: Messages


@contextmanager
def opened(entries: Mapping[str, ConnectorEntry]) -> Iterator[Mapping[str, Opened]]:
    """The connectors by provider, in the order of the providers, closed at the end of the block.

    One that cannot be opened keeps no other from it, and nobody from being served.
    """
    connectors = {provider: _open(provider, entries[provider]) for provider in sorted(entries)}
    try:
        yield connectors
    finally:
        _close([one.guarded for one in connectors.values() if one.guarded is not None])


def _open(provider: str, entry: ConnectorEntry) -> Opened:
    try:
        settings = entry.resolved(provider)
    except MissingCredential as missing:
        said = error(missing.code, f"{missing}: mend it, and start again")
        return Opened(provider, entry.connector, None, (said,))
    guarded, messages = open_connectors([settings])
    return Opened(provider, entry.connector, guarded.get(provider), messages)


def _close(connectors: list[Guarded]) -> None:
    """Close them all at the same time; one that hangs is left, and ends with the process."""
    until = time.monotonic() + _SECONDS_TO_CLOSE
    threads = [threading.Thread(target=one.close, daemon=True) for one in connectors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
