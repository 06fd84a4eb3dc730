"""What was acknowledged is present and sealed in the end, however the sealing process died."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from serving import SOAK, wait_until
from sqlalchemy import Engine
from sqlmodel import col, select

from governance.audit.log.keys import ensure_key, signer, verifiers
from governance.audit.log.sealer import seal
from governance.audit.log.stored_tree import tree
from governance.audit.log.verification import verify_log
from governance.audit.models import Checkpoint, LogEntry
from governance.db import transaction
from governance.decisions.models import Decision
from governance.settings import Settings
from governance.transparency.checkpoint import open_checkpoint
from governance.transparency.tree import verify_consistency

KILLS = 20 if SOAK else 3
ACKNOWLEDGED_BEFORE_A_KILL = 40

# Two threads append and a third seals without a pause, so that a kill hits every moment of it. An
# id is printed only after its commit.
APPENDS_AND_SEALS_FOR_EVER = """
import os, sys
from threading import Thread
from governance.audit.log.keys import signer
from governance.audit.log.sealer import seal
from governance.db import open_engine, transaction
from governance.decisions.service import append, new_decision_id
from governance.settings import Settings

settings = Settings(database_url=sys.argv[1], data_dir=sys.argv[2])
engine = open_engine(settings)
with transaction(engine) as session:
    key = signer(settings, session)

def append_for_ever():
    while True:
        decision_id = new_decision_id()
        with transaction(engine, write=True) as session:
            append(
                session, decision_id=decision_id, gate="access", path="p", release="r",
                input_json="{}", result_json='{"verdict":"allowed"}', requested_by="key_1",
                labels={}, metrics={}, verdicts={"": "allowed"},
            )
        os.write(1, f"{decision_id}\\n".encode())

for _ in range(2):
    Thread(target=append_for_ever, daemon=True).start()
while True:
    seal(engine, key)
"""


@pytest.mark.soak
def test_every_acknowledged_decision_is_sealed_and_every_checkpoint_is_of_one_log(
    engine: Engine, database_settings: Settings, tmp_path: Path
) -> None:
    with transaction(engine, write=True) as session:
        ensure_key(database_settings, session)
    acknowledged: set[str] = set()
    for kill in range(KILLS):
        acknowledged |= killed_while_sealing(engine, database_settings, tmp_path / f"{kill}", kill)
    with transaction(engine) as session:
        key = signer(database_settings, session)
    seal(engine, key)
    assert len(acknowledged) >= KILLS * ACKNOWLEDGED_BEFORE_A_KILL
    with transaction(engine) as session:
        sealed = session.exec(select(Decision.decision_id).join(LogEntry)).all()
        assert acknowledged <= set(sealed)
        assert len(session.exec(select(Decision.sequence)).all()) == len(sealed)
        known = verifiers(session)
        notes = session.exec(select(Checkpoint.note).order_by(col(Checkpoint.number))).all()
        heads = [open_checkpoint(note, known, key.name) for note in notes]
        newest = heads[-1]
        grown = tree(session)
        for head in heads:
            proof = grown.consistency_proof(head.size, newest.size)
            verify_consistency(head.size, newest.size, head.root, newest.root, proof)
    assert newest.size == len(sealed)
    assert len(heads) > KILLS
    report = verify_log(engine)
    assert (report.size, report.checkpoints) == (newest.size, len(heads))


def killed_while_sealing(engine: Engine, settings: Settings, said: Path, kill: int) -> set[str]:
    """Let the process run until it has acknowledged enough and sealed some of it, then kill it;
    what it acknowledged."""
    url = engine.url.render_as_string(hide_password=False)
    sealed_before = count(engine)
    with said.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", APPENDS_AND_SEALS_FOR_EVER, url, str(settings.data_dir)],
            stdout=stream,
            stderr=subprocess.DEVNULL,
        )
    enough = (ACKNOWLEDGED_BEFORE_A_KILL + kill) * 27  # not always at the same moment
    try:

        def far_enough() -> bool:
            assert process.poll() is None, "the process went away"
            return said.stat().st_size >= enough and count(engine) > sealed_before

        wait_until(far_enough, "nothing was sealed")
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    return {line for line in said.read_text().splitlines() if len(line) == 26}


def count(engine: Engine) -> int:
    with transaction(engine) as session:
        return len(session.exec(select(Checkpoint.number)).all())
