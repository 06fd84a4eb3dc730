"""Seals in the background of the service, so that a decision waits for its place a second."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Event

from sqlalchemy import Engine

from governance.audit.log.keys import ensure_key, signer
from governance.audit.log.sealer import seal_batches
from governance.background import repeated
from governance.db import transaction
from governance.settings import Settings

_log = logging.getLogger(__name__)


@contextmanager
def sealing(engine: Engine, settings: Settings) -> Iterator[None]:
    """Seal every `seal_interval_seconds` until the end of the block, on a thread of its own.

    A log that has no key gets one. Where this host cannot seal, the log of the service says why,
    once; decisions are still recorded, and sealed once it can. Raises what `ensure_key` raises.
    """
    with transaction(engine, write=True) as session:
        ensure_key(settings, session)

    def seal(stopped: Event) -> Iterable[tuple[str, str]]:
        _seal(engine, settings, stopped)
        return ()

    with repeated("sealer", settings.seal_interval_seconds, seal, _log, "Nothing is sealed"):
        yield


def _seal(engine: Engine, settings: Settings, stopped: Event) -> None:
    with transaction(engine) as session:
        key = signer(settings, session)
    for _ in seal_batches(engine, key):
        if stopped.is_set():
            return
