"""An answer that a client holds is on the record, however the service died after it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from serving import SOAK, Service, answers, dump, free_port, replay_all, wait_until
from tiny_library import ask

from governance.db import open_engine
from governance.settings import Settings

KILLS = 20 if SOAK else 3
ANSWERS_BEFORE_A_KILL = 15
PROGRAM = str(Path(sys.executable).parent / "governance")


@contextmanager
def process(settings: Settings, port: int, said: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A real `governance serve`, ready to answer; killed at the end where it still runs."""
    environment = os.environ | {
        "GOVERNANCE_DATA_DIR": str(settings.data_dir),
        "GOVERNANCE_RULESETS_DIR": str(settings.rulesets_dir),
        "GOVERNANCE_DATABASE_URL": settings.database_url or "",
    }
    if not settings.database_url:
        del environment["GOVERNANCE_DATABASE_URL"]
    with (
        said.open("wb") as stream,
        subprocess.Popen(
            [PROGRAM, "serve", "--port", str(port)],
            env=environment,
            stdout=stream,
            stderr=subprocess.STDOUT,
        ) as running,
    ):
        try:
            url = f"http://127.0.0.1:{port}/readyz"
            wait_until(lambda: running.poll() is not None or answers(url), f"not ready, see {said}")
            assert running.poll() is None, said.read_text()
            yield running
        finally:
            running.kill()


class Client(threading.Thread):
    """Asks until the service is gone; `answered` has only ids of answers received as a whole."""

    def __init__(self, url: str, key: str, name: str) -> None:
        super().__init__(name=name)
        self._url, self._key = url, key
        self.answered: dict[str, str] = {}
        self.other: list[str] = []

    def run(self) -> None:
        headers = {"Authorization": f"Bearer {self._key}"}
        with httpx.Client(base_url=self._url, headers=headers, timeout=60) as client:
            for number in range(100_000):
                key = f"{self.name}-{number}"
                request = ask("DE", "US", "CN", offer={}, attributes={"radio": number % 2 == 0})
                try:
                    answer = client.post(
                        "/v1/eligibility", json=request, headers={"Idempotency-Key": key}
                    )
                except httpx.TransportError:
                    return  # the service is gone
                if answer.status_code == 200:
                    self.answered[key] = answer.json()["decision_id"]
                else:
                    self.other.append(answer.text)


@pytest.mark.soak
def test_no_answered_decision_is_lost_when_the_service_is_killed(
    database_settings: Settings, tiny_rulesets: Path, tmp_path: Path
) -> None:
    settings = database_settings.model_copy(update={"rulesets_dir": tiny_rulesets})
    prepared = Service(settings)
    prepared.engine.dispose()
    key = prepared.keys["portal"]
    answered: dict[str, str] = {}
    for kill in range(KILLS):
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        with process(settings, port, tmp_path / f"said-{kill}") as running:
            # What the runs before answered is there, and is answered again under its key.
            for given in list(answered.values())[-3:]:
                shown = httpx.get(
                    f"{url}/v1/decisions/{given}", headers={"Authorization": f"Bearer {key}"}
                )
                assert shown.status_code == 200, shown.text
            clients = [Client(url, key, f"{kill}-{number}") for number in range(2)]
            for client in clients:
                client.start()
            enough = ANSWERS_BEFORE_A_KILL + kill  # not always at the same moment

            def asked(clients: list[Client] = clients, enough: int = enough) -> bool:
                assert all(client.is_alive() for client in clients), "the service went away"
                assert not any(client.other for client in clients), clients[0].other
                return all(len(client.answered) >= enough for client in clients)

            wait_until(asked, "the clients got no answers")
            os.kill(running.pid, signal.SIGKILL)
            for client in clients:
                client.join(60)
                assert client.other == []
                answered |= client.answered
    engine = open_engine(settings)
    rows = dump(engine)
    engine.dispose()
    recorded = "\n".join(rows["decision"])
    lost = [given for given in answered.values() if given not in recorded]
    assert lost == []
    assert len(answered) >= KILLS * 2 * ANSWERS_BEFORE_A_KILL
    # Effect and memory are one transaction: as many answers as decisions, none of them half.
    assert len(rows["idempotent_answer"]) == len(rows["decision"])
    assert replay_all(settings) == len(rows["decision"])


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_service_that_is_asked_to_stop_ends_by_itself(
    sqlite_settings: Settings, tiny_rulesets: Path, tmp_path: Path, stop: signal.Signals
) -> None:
    settings = sqlite_settings.model_copy(update={"rulesets_dir": tiny_rulesets})
    with process(settings, free_port(), tmp_path / "said") as running:
        running.send_signal(stop)
        running.wait(30)
    assert "Traceback" not in (tmp_path / "said").read_text()


def test_a_broken_release_is_told_before_a_port_is_open(
    sqlite_settings: Settings, tmp_path: Path
) -> None:
    rulesets = tmp_path / "rulesets"
    (rulesets / "sale" / "DE").mkdir(parents=True)
    (rulesets / "sale" / "DE" / "x.yaml").write_text("rules: [{id: 1}]")
    environment = os.environ | {
        "GOVERNANCE_DATA_DIR": str(sqlite_settings.data_dir),
        "GOVERNANCE_RULESETS_DIR": str(rulesets),
    }
    done = subprocess.run(
        [PROGRAM, "serve", "--port", str(free_port())],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "sale/DE/x.yaml:1:" in done.stderr
    assert "Traceback" not in done.stderr
