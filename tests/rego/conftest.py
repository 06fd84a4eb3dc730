"""What the tests of the policy engines share: a real OPA server, and the policies we ship."""

import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from serving import free_port

from governance.settings import Settings


@pytest.fixture(scope="session")
def opa_binary(require_part: Callable[[str], NoReturn]) -> str:
    """The `opa` to test with: OPA_BINARY, or the one on PATH."""
    binary = os.environ.get("OPA_BINARY") or shutil.which("opa")
    return binary or require_part("there is no opa on PATH, and OPA_BINARY is not set")


@pytest.fixture(scope="session")
def opa_server(opa_binary: str) -> Iterator[str]:
    """The address of a running OPA server that holds nothing at first."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [opa_binary, "run", "--server", "--log-level=error", f"--addr=127.0.0.1:{port}"]
    with subprocess.Popen(command) as process:
        try:
            _wait_until_healthy(url, process)
            yield url
        finally:
            process.kill()


def _wait_until_healthy(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=1):
                return
        except OSError:
            assert process.poll() is None, "opa ended before it was healthy"
            assert time.monotonic() < deadline, "opa was not healthy within 30 seconds"
            time.sleep(0.05)


@pytest.fixture
def opa_settings(opa_server: str) -> Settings:
    """Settings of a service that judges by the OPA server."""
    return Settings(policy_engine="opa", opa_url=opa_server, opa_timeout_seconds=5)


@pytest.fixture(scope="session")
def shipped_policies() -> dict[str, str]:
    """The policies of the first release, tests too, by path."""
    folder = Settings().policies_dir
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.rego")
    }


@pytest.fixture(params=["embedded", "opa"])
def engine_settings(request: pytest.FixtureRequest) -> Settings:
    """Settings of each kind of engine in turn."""
    if request.param == "embedded":
        return Settings(policy_engine="embedded")
    settings: Settings = request.getfixturevalue("opa_settings")
    return settings
