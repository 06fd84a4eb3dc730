"""Every event that was written is delivered in the end, however the sending process died."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from serving import SOAK, wait_until
from sqlalchemy import Engine
from sqlmodel import select
from webhook_receivers import SECRET, Receiver, deliver, dispatch_at, receiving, subscribe

from governance.db import transaction
from governance.drops.webhooks.models import DeliveryState, WebhookDelivery, WebhookEvent

KILLS = 20 if SOAK else 2
RECEIVED_BEFORE_A_KILL = 12
RECEIVERS = 3

# A thread writes events, three send them without a pause, so that a kill hits every moment of it. A
# name is printed only after the commit of its event. The time is such that claims of the process
# before have run out.
WRITES_AND_SENDS_FOR_EVER = """
import os, sys, time
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from governance.db import open_engine, transaction
from governance.drops.webhooks.outbox import emit
from governance.drops.webhooks.post import poster
from governance.drops.webhooks.signing import storage_key
from governance.drops.webhooks.worker import Dispatch, drain
from governance.settings import Settings

settings = Settings(database_url=sys.argv[1], webhooks_allow_private=True)
engine = open_engine(settings)
later = timedelta(minutes=int(sys.argv[3]))
key = storage_key(sys.argv[2].encode())
dispatch = Dispatch(engine, key, poster(settings), lambda: datetime.now(UTC) + later)

def send_for_ever():
    while True:
        drain(dispatch, Event())
        time.sleep(0.005)  # the other writers of an SQLite file want their turn

for _ in range(3):
    Thread(target=send_for_ever, daemon=True).start()
number = 0
while True:
    number += 1
    name = f"{os.getpid()}-{number}"
    with transaction(engine, write=True) as session:
        emit(session, "drop.live", name, {"drop": name}, dispatch.now())
    os.write(1, f"{name}\\n".encode())
    time.sleep(0.02)
"""


@pytest.mark.soak
def test_every_event_that_was_written_is_received_by_all_and_recorded_as_delivered(
    engine: Engine, tmp_path: Path
) -> None:
    written: set[str] = set()
    with ExitStack() as stack:
        receivers = [stack.enter_context(receiving()) for _ in range(RECEIVERS)]
        for receiver in receivers:
            subscribe(engine, receiver.url)
        for kill in range(KILLS):
            written |= killed_while_sending(engine, tmp_path / f"{kill}", receivers, kill)
        deliver(dispatch_at(engine, lambda: datetime.now(UTC) + timedelta(days=1)))
    with transaction(engine) as session:
        events = {one.id: one.subject for one in session.exec(select(WebhookEvent))}
        states = list(session.exec(select(WebhookDelivery.state)))
    assert len(written) >= KILLS
    assert written <= set(events.values())
    assert states == [DeliveryState.DELIVERED] * (len(events) * RECEIVERS)
    for receiver in receivers:
        assert set(receiver.ids) == set(events)
        # A kill repeats what was on its way to the receiver, one delivery at most.
        assert len(receiver.ids) <= len(events) + KILLS


def killed_while_sending(
    engine: Engine, said: Path, receivers: list[Receiver], kill: int
) -> set[str]:
    """Let the process write and send until all have received enough, then kill it; the names that
    it printed."""
    url = engine.url.render_as_string(hide_password=False)
    arguments = (url, SECRET.decode(), str(3 * kill))
    enough = [len(one.received) + RECEIVED_BEFORE_A_KILL + kill for one in receivers]
    with said.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", WRITES_AND_SENDS_FOR_EVER, *arguments],
            stdout=stream,
            stderr=subprocess.DEVNULL,
        )
    try:

        def far_enough() -> bool:
            assert process.poll() is None, "the process went away"
            return all(
                len(one.received) >= most for one, most in zip(receivers, enough, strict=True)
            )

        wait_until(far_enough, "not enough was received")
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    whole = said.read_text().rpartition("\n")[0]
    return set(whole.split())
