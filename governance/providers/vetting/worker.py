"""Vets in the background of the service: as events arrive, and every provider once a day."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from threading import Event

from governance.access.caller import Caller
from governance.background import repeated
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
    every = pipeline.settings.vetting_interval_seconds
    with repeated("vetting", every, partial(_round, pipeline), _log, "Not vetted"):
        yield


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
