"""Delivers in the background of the service: every endpoint by itself, a few at a time."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Thread

from sqlalchemy import Engine

from governance.db import transaction
from governance.drops.webhooks.claims import REST, Claim, anything_due, claim, extend, record
from governance.drops.webhooks.post import Post, poster
from governance.drops.webhooks.signing import (
    UnreadableSecret,
    signed_headers,
    storage_key,
    unseal,
)
from governance.settings import Settings

_log = logging.getLogger(__name__)
AT_ONCE = 8
"""Endpoints that are sent to at the same time.

One that hangs takes one of these places until its time is over, and then rests: it is never sent
to twice at once, so only as many that hang at the same moment make others wait, for that time.
"""


@dataclass(frozen=True)
class Dispatch:
    """What delivering needs: the database, the key of stored secrets, how to send, the time."""

    engine: Engine
    key: bytes
    post: Post
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


@contextmanager
def delivering(engine: Engine, configured: Settings, secret: bytes) -> Iterator[None]:
    """Deliver what is due, looked for every `webhook_interval_seconds`, until the block ends.

    Several hosts may do so. At the end no further attempt begins, and those under way are waited
    for, `webhook_timeout_seconds` at most. What fails of ours is said in the log of the service.
    """
    stopped = Event()
    dispatch = Dispatch(engine, storage_key(secret), poster(configured))
    arguments = (dispatch, configured.webhook_interval_seconds, stopped)
    thread = Thread(target=_run, args=arguments, name="webhooks", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _run(dispatch: Dispatch, interval: float, stopped: Event) -> None:
    said = ""
    under_way: set[Future[int]] = set()
    with ThreadPoolExecutor(AT_ONCE, "webhooks") as pool:
        while not stopped.wait(interval):
            ended = {one for one in under_way if one.done()}
            under_way -= ended
            try:
                for one in ended:
                    one.result()
                with transaction(dispatch.engine) as session:
                    due = anything_due(session, dispatch.now())
                said = "" if ended else said
            except Exception as error:  # noqa: BLE001 - whatever fails, the next round may not
                if said != str(error):
                    _log.exception("Nothing is delivered: %s", error)
                said = str(error)
                continue
            if due:
                free = AT_ONCE - len(under_way)
                under_way |= {pool.submit(drain, dispatch, stopped) for _ in range(free)}


def drain(dispatch: Dispatch, stopped: Event) -> int:
    """Claim endpoint after endpoint and send to it, until nothing is due; attempts made."""
    attempts = 0
    while not stopped.is_set():
        with transaction(dispatch.engine, write=True) as session:
            claimed = claim(session, dispatch.now())
        if claimed is None:
            break
        attempts += _send(dispatch, claimed, stopped)
    return attempts


def _send(dispatch: Dispatch, claimed: Claim, stopped: Event) -> int:
    """Attempt what a claim holds, in its order, as long as it is ours; attempts made."""
    try:
        secrets = [unseal(dispatch.key, claimed.endpoint_id, one) for one in claimed.sealed]
    except UnreadableSecret as error:
        _log.error("Not delivered: %s", error.detail)
        with transaction(dispatch.engine, write=True) as session:
            extend(session, claimed, dispatch.now() + REST)
        return 0
    held: Claim | None = claimed
    attempts = 0
    for due in claimed.due:
        if held is None or stopped.is_set():
            break
        body, now = due.body.encode(), dispatch.now()
        outcome = dispatch.post(
            held.url, signed_headers(due.event_id, body, secrets, now), body, now
        )
        attempts += 1
        with transaction(dispatch.engine, write=True) as session:
            held = record(session, held, due, outcome, dispatch.now())
    if held is not None:
        with transaction(dispatch.engine, write=True) as session:
            extend(session, held, dispatch.now())
    return attempts
