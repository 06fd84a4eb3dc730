"""A decision that was acknowledged outlives whoever dies: the service or the server."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import select

from governance.db import transaction
from governance.decisions.models import Decision

# Prints the id of a decision only after its commit.
APPENDS_FOR_EVER = """
import sys
from governance.db import open_engine, transaction
from governance.decisions.service import append
from governance.settings import Settings

engine = open_engine(Settings(database_url=sys.argv[1]))
while True:
    with transaction(engine, write=True) as session:
        decision = append(
            session, gate="sale", path="p", release="r", input_json="{}", result_json="{}",
            requested_by="key_1", labels={}, metrics={}, verdicts={},
        )
    print(decision, flush=True)
"""


def start_appending(engine: Engine, said: Path) -> subprocess.Popen[bytes]:
    address = engine.url.render_as_string(hide_password=False)
    with said.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", APPENDS_FOR_EVER, address],
            stdout=stream,
            stderr=subprocess.DEVNULL,
        )
    deadline = time.monotonic() + 60
    while said.stat().st_size < 50 * 27:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


def acknowledged(said: Path) -> set[str]:
    return {line for line in said.read_text().splitlines() if len(line) == 26}


def recorded(engine: Engine) -> set[str]:
    with transaction(engine) as session:
        return set(session.exec(select(Decision.decision_id)).all())


def test_no_acknowledged_decision_is_lost_when_the_service_is_killed(
    engine: Engine, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    process = start_appending(engine, said)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    given = acknowledged(said)
    assert len(given) >= 50
    assert given <= recorded(engine)


def test_no_acknowledged_decision_is_lost_when_the_server_crashes(
    postgres_engine: Engine, postgres_cluster, tmp_path: Path
) -> None:
    said = tmp_path / "said"
    process = start_appending(postgres_engine, said)
    postgres_engine.dispose()
    try:
        postgres_cluster.stop()
        assert process.wait(30) != 0  # it fails; it does not go on as if nothing were
    finally:
        postgres_cluster.start()
    given = acknowledged(said)
    assert len(given) >= 50
    assert given <= recorded(postgres_engine)
