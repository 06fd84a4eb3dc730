"""Vets in the background of the service: as events arrive, and every provider once a day."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread

from governance.access.caller import Caller
from governance.db import transaction
from governance.errors import GovernanceError
from governance.gates.pipeline import Pipeline
from governance.providers.vetting.due import due
from governance.providers.vetting.service import vet_each

_log = logging.getLogger(__name__)
CALLER = "continuous-vetting"
"""Who asked for these decisions, on the record."""


@contextmanager
def vetting(pipeline: Pipeline) -> Iterator[None]:
    """Vet who is due every `vetting_interval_seconds` until the end of the block, on a thread.

    Several hosts may do so: a provider is locked while it is vetted, and one that was vetted
    meanwhile is only confirmed. What fails is said in the service's log, once, and tried again.
    """
    stopped = Event()
    thread = Thread(target=_run, args=(pipeline, stopped), name="vetting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _run(pipeline: Pipeline, stopped: Event) -> None:
    said: dict[str, str] = {}
    while not stopped.wait(pipeline.settings.vetting_interval_seconds):
        failed: dict[str, str] = {}
        try:
            failed.update(_round(pipeline, stopped))
        except Exception as error:  # noqa: BLE001 - whatever fails, the next round may not
            failed[""] = str(error)
        for who, why in failed.items():
            if said.get(who) != why:
                _log.error("Not vetted: %s: %s", who or "anybody", why)
        said = failed


def _round(pipeline: Pipeline, stopped: Event) -> Iterator[tuple[str, str]]:
    """One round over who is due: those that could not be vetted, and why."""
    with transaction(pipeline.engine) as session:
        gates = pipeline.gates(session)
        waiting = due(session, gates.digest, datetime.now(UTC))
    caller = Caller(CALLER, "service", gates)
    for who, vetted in vet_each(pipeline, caller, waiting, unless_same=True):
        if isinstance(vetted, GovernanceError):
            yield who, vetted.detail
        if stopped.is_set():
            return
