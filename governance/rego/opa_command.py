"""The `opa` command, where it is installed: the second opinion on policies."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from governance.errors import GovernanceError
from governance.rego.builtins import ALLOWED, OPERATORS


class OpaMissing(GovernanceError):
    """All parts are required, and `opa` is not installed."""

    code = "opa-missing"
    title = "The opa command is not installed"


class OpaCommand:
    """The `opa` executable at `binary`."""

    def __init__(self, binary: str) -> None:
        self._binary = binary

    def check(self, folder: Path) -> list[str]:
        """The complaints of `opa check --strict`, by our allow-list, and of `opa fmt`."""
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(self.capabilities(), file)
            file.flush()
            done = self._run("check", "--strict", "--capabilities", file.name, str(folder))
        if done.returncode:
            return (done.stdout + done.stderr).splitlines()
        done = self._run("fmt", "--list", str(folder))
        if done.returncode:
            return done.stderr.splitlines()
        return [f"{path}: `opa fmt --write` would change it" for path in done.stdout.splitlines()]

    def test(self, folder: Path) -> dict[str, bool]:
        """Whether each test in `folder` passed, by its name, dotted and without `data.`.

        Raises GovernanceError when the tests could not be run.
        """
        done = self._run("test", "--format", "json", str(folder))
        # `opa test` ends with 2 when a test fails, and says null when there is none.
        if done.returncode not in {0, 2}:
            raise GovernanceError(f"opa test failed: {done.stdout}{done.stderr}")
        return {
            f"{result['package'].removeprefix('data.')}.{result['name']}": not (
                result.get("fail") or result.get("error") or result.get("skip")
            )
            for result in json.loads(done.stdout) or []
        }

    def capabilities(self) -> dict[str, object]:
        """The capabilities of this OPA, without the builtins that a policy may not call."""
        everything = json.loads(self._run("capabilities", "--current").stdout)
        builtins = [
            builtin
            for builtin in everything["builtins"]
            if builtin["name"] in ALLOWED or builtin["name"] in OPERATORS
        ]
        return {**everything, "builtins": builtins, "allow_net": []}

    def _run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603
            [self._binary, *arguments], capture_output=True, text=True, check=False, timeout=120
        )


def find_opa() -> OpaCommand | None:
    """The `opa` of OPA_BINARY or on PATH, or None.

    Raises OpaMissing instead where GOVERNANCE_REQUIRE_ALL_PARTS is 1.
    """
    binary = os.environ.get("OPA_BINARY") or shutil.which("opa")
    if binary is not None:
        return OpaCommand(binary)
    if os.environ.get("GOVERNANCE_REQUIRE_ALL_PARTS") == "1":
        raise OpaMissing("Install opa, or name it in OPA_BINARY.")
    return None
