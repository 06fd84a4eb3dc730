"""Every acknowledged event is counted exactly once, however the process that took it in died."""

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from serving import SOAK, dump, wait_until
from sqlalchemy import Engine
from sqlmodel import select

from governance.db import transaction
from governance.providers.events.ingest import ingest
from governance.providers.events.lines import lines_of
from governance.providers.models import Provider, Standing
from governance.providers.performance.models import ProviderEvent, Shipment
from governance.settings import Settings

KILLS = 20 if SOAK else 3
MILESTONES = ("accepted", "shipped", "tracked", "delivered")
ACKNOWLEDGED_BEFORE_A_KILL = 100
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

# Takes the same file in again and again, from its beginning, as a sender does that had no answer.
# How many of its lines are durable is printed only after their commit.
TAKES_IN_FOR_EVER = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from governance.db import open_engine
from governance.providers.events.ingest import ingest
from governance.providers.events.lines import lines_of
from governance.settings import Settings

engine = open_engine(Settings(database_url=sys.argv[1], data_dir=sys.argv[2]))
text = Path(sys.argv[3]).read_bytes()
received = datetime(2026, 11, 22, 12, tzinfo=UTC)

def tell(report):
    os.write(1, f"{report.read}\\n".encode())

while True:
    ingest(engine, lines_of([text]), received, batch=20, tell=tell)
"""


@pytest.mark.soak
def test_every_acknowledged_event_is_counted_exactly_once(
    engine: Engine, database_settings: Settings, tmp_path: Path
) -> None:
    with transaction(engine, write=True) as session:
        session.add(
            Provider(
                id="acme",
                name="Acme",
                standing=Standing.APPLICANT,
                standing_since=NOW,
                registered_at=NOW,
            )
        )
    acknowledged: dict[str, dict[str, Any]] = {}
    for kill in range(KILLS):
        events = [event(kill, number, one) for number in range(250) for one in MILESTONES]
        acknowledged |= killed_while_taking_in(engine, database_settings, tmp_path, kill, events)
    assert len(acknowledged) >= KILLS * ACKNOWLEDGED_BEFORE_A_KILL
    with transaction(engine) as session:
        kept = session.exec(select(ProviderEvent)).all()
        shipments = {row.id: row.model_dump() for row in session.exec(select(Shipment)).all()}
    assert acknowledged.keys() <= {one.id for one in kept}
    # neither an event without its milestone nor a milestone without its event
    assert {(one.shipment_id, one.type.split(".")[2]) for one in kept} == {
        (name, one) for name, row in shipments.items() for one in MILESTONES if row[f"{one}_at"]
    }
    before = dump(engine)
    text = [json.dumps(one).encode() + b"\n" for one in acknowledged.values()]
    report = ingest(engine, lines_of(text), NOW)
    assert (report.accepted, report.repeated) == (0, len(acknowledged))
    assert dump(engine) == before


def event(kill: int, number: int, milestone: str) -> dict[str, Any]:
    """Of neighbouring shipments, so that a batch has new ones and ones that it changes."""
    place = MILESTONES.index(milestone)
    return {
        "specversion": "1.0",
        "id": f"{kill}-{number}-{milestone}",
        "source": "https://carrier.example/events",
        "type": f"governance.shipment.{milestone}.v1",
        "time": (NOW - timedelta(days=9 - place)).isoformat(),
        "data": {
            "provider": "acme",
            "shipment": f"s-{kill}-{number + place * 7}",
            "service": "last_mile",
            "market": "DE",
        },
    }


def killed_while_taking_in(
    engine: Engine, settings: Settings, folder: Path, kill: int, events: list[dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Let a process take these events in until it has acknowledged enough, kill it; what it had."""
    file, said = folder / f"{kill}.ndjson", folder / f"{kill}.said"
    file.write_text("".join(json.dumps(one) + "\n" for one in events))
    url = engine.url.render_as_string(hide_password=False)
    with said.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", TAKES_IN_FOR_EVER, url, str(settings.data_dir), str(file)],
            stdout=stream,
            stderr=subprocess.DEVNULL,
        )
    enough = ACKNOWLEDGED_BEFORE_A_KILL + 37 * kill  # not always at the same moment
    try:

        def far_enough() -> bool:
            assert process.poll() is None, "the process went away"
            return durable(said) >= enough

        wait_until(far_enough, "nothing was taken in")
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    return {one["id"]: one for one in events[: durable(said)]}


def durable(said: Path) -> int:
    """The most lines that were acknowledged; a line that was cut off says nothing."""
    whole = said.read_bytes().rpartition(b"\n")[0]
    return max(map(int, whole.split()), default=0)
