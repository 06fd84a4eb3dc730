"""The whole service under a real uvicorn, for tests from outside; and every decision replayed."""

import os
import random
import shutil
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
import uvicorn
from sqlalchemy import Engine, inspect
from sqlmodel import select, text
from tiny_library import write_tree

from governance.access import keys
from governance.access.models import Role
from governance.app import create_app
from governance.db import migrate, open_engine, transaction
from governance.decisions.models import Decision
from governance.gates.pipeline import Pipeline, open_pipeline
from governance.releases.content import read_tree
from governance.releases.service import ensure_first
from governance.settings import Settings

SOAK = os.environ.get("GOVERNANCE_SOAK") == "1"
PROBLEM = "application/problem+json"


class Service:
    """A running service: ask it over HTTP, look into its database."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.pipeline = opened(settings)
        self.engine = self.pipeline.engine
        self.keys: dict[str, str] = {}
        self.ids: dict[str, str] = {}
        with transaction(self.engine, write=True) as session:
            secret = keys.load_secret(settings)
            for role in Role:
                made, key = keys.create(session, secret, name=role.value, role=role)
                self.keys[role.value], self.ids[role.value] = key, made.id
            made, key = keys.create(session, secret, name="revoked", role=Role.ADMIN)
            keys.revoke(session, made.id)
            self.keys["revoked"] = key
        self.url = ""

    @contextmanager
    def running(self) -> Iterator["Service"]:
        """Serve on a free port until the end of the block."""
        app = create_app(self.settings)
        config = uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=5)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        deadline = time.monotonic() + 60
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        try:
            with httpx.Client(base_url=self.url, timeout=60) as self.client:
                yield self
        finally:
            server.should_exit = True
            thread.join(30)
            self.engine.dispose()

    def headers(self, role: str | None = "portal") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"} if role else {}

    def ask(
        self,
        request: Mapping[str, Any],
        *,
        role: str | None = "portal",
        **headers: str,
    ) -> httpx.Response:
        """POST /v1/eligibility; an underscore in the name of a header stands for a dash."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(
            "/v1/eligibility", json=dict(request), headers=self.headers(role) | named
        )

    def get(self, path: str, *, role: str | None = "portal") -> httpx.Response:
        return self.client.get(path, headers=self.headers(role))

    def decisions(self) -> list[Decision]:
        """Every decision, in the order of the record."""
        with transaction(self.engine) as session:
            return list(session.exec(select(Decision).order_by(Decision.sequence)).all())

    def dump(self) -> dict[str, list[Any]]:
        """Every row of every table that is not filled in the background."""
        return dump(self.engine)


_CHECKED: set[str] = set()


def opened(settings: Settings) -> Pipeline:
    """The pipeline over a database with the first release in force, as the service opens it.

    A working tree that a database of this process was given already is not checked once more.
    """
    content = read_tree(settings.rulesets_dir, settings.policies_dir)
    if content.digest in _CHECKED:
        engine = open_engine(settings)
        migrate(engine)
        with transaction(engine, write=True) as session:
            ensure_first(session, lambda: content, "working tree")
        engine.dispose()
    pipeline = open_pipeline(settings)
    _CHECKED.add(content.digest)
    return pipeline


def dump(engine: Engine) -> dict[str, list[Any]]:
    """Every row of every table of a database but those that the sealer fills in its own time."""
    with engine.connect() as connection:
        return {
            table: sorted(map(str, connection.execute(text(f'SELECT * FROM "{table}"')).all()))
            for table in inspect(engine).get_table_names()
            if table not in ("log_entry", "log_tile", "checkpoint")
        }


def replay_all(settings: Settings) -> int:
    """Replay every decision of a database in a process-fresh pipeline; how many there were."""
    pipeline = open_pipeline(settings)
    try:
        with transaction(pipeline.engine) as session:
            ids = session.exec(select(Decision.decision_id)).all()
            for decision_id in ids:
                replay = pipeline.replay(session, decision_id)
                assert replay.same, f"{replay.recorded}\n{replay.replayed}"
        return len(ids)
    finally:
        pipeline.engine.dispose()


@pytest.fixture(scope="session")
def tiny_rulesets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny library as a folder."""
    return write_tree(tmp_path_factory.mktemp("tiny") / "rulesets")


@contextmanager
def served(settings: Settings) -> Iterator[Service]:
    """A running service; at its end every decision that it gave is replayed to the byte."""
    with Service(settings).running() as service:
        yield service
    replay_all(settings.model_copy(update={"policy_engine": "embedded"}))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, tiny_rulesets: Path) -> Iterator[Service]:
    """The service over the tiny library and an SQLite file, shared by the tests of a module."""
    folder = tmp_path_factory.mktemp("service")
    with served(Settings(data_dir=folder, rulesets_dir=tiny_rulesets)) as running:
        yield running


@pytest.fixture(scope="module")
def shipped_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service over the rulesets that we ship, shared by the tests of a module."""
    with served(Settings(data_dir=tmp_path_factory.mktemp("shipped"))) as running:
        yield running


@pytest.fixture
def database_service(database_settings: Settings, tiny_rulesets: Path) -> Iterator[Service]:
    """The service over the tiny library, once for each kind of database."""
    settings = database_settings.model_copy(update={"rulesets_dir": tiny_rulesets})
    with served(settings) as running:
        yield running


def free_port() -> int:
    """A port that nobody listens on, nor will before it is used.

    Below those that the system gives away by itself, and of each process of tests a range.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    some = range(20_000 + 500 * worker, 20_500 + 500 * worker)
    for port in random.sample(some, len(some)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError(f"no port is free in {some}")


class Opa:
    """An OPA server that a test may stop and start again on the same address."""

    def __init__(self, binary: str) -> None:
        self._binary = binary
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        address = f"--addr=127.0.0.1:{self.port}"
        self._process = subprocess.Popen(
            [self._binary, "run", "--server", "--log-level=error", address]
        )
        wait_until(lambda: answers(f"{self.url}/health"), "opa was not healthy")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture(scope="module")
def opa(require_part: Callable[[str], NoReturn]) -> Iterator[Opa]:
    """A running OPA server that holds nothing at first."""
    binary = os.environ.get("OPA_BINARY") or shutil.which("opa")
    server = Opa(binary or require_part("there is no opa on PATH, and OPA_BINARY is not set"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


def answers(url: str) -> bool:
    """Whether there is a 200 at this address."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def wait_until(holds: Callable[[], bool], otherwise: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)


def assert_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer that must be one, complete and of this kind."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    document: dict[str, Any] = response.json()
    assert document["type"] == f"urn:governance:problem:{code}"
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert document["instance"] == response.url.path
    return document
