"""The real service under load: one worker, two clients, every decision committed to the log."""

import json
import math
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import httpx
from measure import percentiles, resident_mb

CLIENTS = 2
_START_SECONDS = 120
_GOVERNANCE = [sys.executable, "-c", "from governance.cli import main; main()"]


def load(
    files: Mapping[str, str],
    policies: Path,
    series: Mapping[str, Sequence[Any]],
    uncounted: int,
    seconds: float,
) -> dict[str, dict[str, Any]]:
    """What two clients met in `seconds` for each series of requests, asking without a pause.

    No request is asked twice; the first `uncounted` make the service compile every category.
    `files` are the rulesets of the service's first release. Raises RuntimeError where the service
    does not start or answers anything but 200.
    """
    context = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as folder,
        _service(Path(folder), files, policies) as (port, key, pid),
        context.Pool(CLIENTS) as pool,
    ):
        return {
            name: _series(pool, port, key, requests[:uncounted], requests[uncounted:], seconds)
            | {"worker_rss_mb": resident_mb(pid)}
            for name, requests in series.items()
        }


def _series(
    pool: Pool, port: int, key: str, first: Sequence[Any], requests: Sequence[Any], seconds: float
) -> dict[str, Any]:
    shares = [requests[number::CLIENTS] for number in range(CLIENTS)]
    pool.apply(_client, (port, key, first, math.inf))
    began = time.perf_counter()
    asked = pool.starmap(_client, [(port, key, share, seconds) for share in shares])
    took = time.perf_counter() - began
    times = [one for client in asked for one in client]
    return percentiles([times]) | {
        "clients": CLIENTS,
        "workers": 1,
        "requests": len(times),
        "requests_per_second": round(len(times) / took, 1),
    }


def _client(port: int, key: str, requests: Sequence[Any], seconds: float) -> list[float]:
    """Seconds of each request, until the time or the requests are over."""
    times: list[float] = []
    bodies = [json.dumps(request) for request in requests]
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    end = time.perf_counter() + seconds
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
        for body in bodies:
            began = time.perf_counter()
            if began > end:
                break
            answer = client.post("/v1/eligibility", content=body)
            times.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise RuntimeError(f"the service answered {answer.status_code}: {answer.text}")
    return times


def _command(environment: Mapping[str, str], *arguments: str) -> str:
    command = [*_GOVERNANCE, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"governance {arguments[0]} failed: {done.stderr[-1000:]}")
    return done.stdout.strip()


@contextmanager
def _service(
    folder: Path, files: Mapping[str, str], policies: Path
) -> Iterator[tuple[int, str, int]]:
    """A service with a folder of its own: its port, a key for it, its process id."""
    rulesets, log = folder / "rulesets", folder / "log"
    for name, text in files.items():
        file = rulesets / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    environment = os.environ | {
        "GOVERNANCE_DATA_DIR": str(folder / "var"),
        "GOVERNANCE_RULESETS_DIR": str(rulesets),
        "GOVERNANCE_POLICIES_DIR": str(policies),
    }
    for left in ("GOVERNANCE_DATABASE_URL", "GOVERNANCE_POLICY_ENGINE", "GOVERNANCE_SECRET_KEY"):
        environment.pop(left, None)
    key = _command(environment, "keys", "create", "--role", "portal", "--name", "benchmark")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [*_GOVERNANCE, "serve", "--port", str(port)]
    with (
        log.open("w") as said,
        subprocess.Popen(command, env=environment, stdout=said, stderr=said) as server,
    ):
        try:
            _wait(server, f"http://127.0.0.1:{port}/readyz", log)
            yield port, key, server.pid
        finally:
            server.terminate()


def _wait(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"the service did not start: {log.read_text()[-1000:]}")
