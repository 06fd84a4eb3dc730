"""The `governance` command as a shell runs it, but within the process of the tests.

Most of what a process of its own takes are its imports, two seconds of them. That the program is
installed and starts is shown by those tests that do start it.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from governance.cli import main
from governance.settings import settings

PROGRAM = str(Path(sys.executable).parent / "governance")

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


def environment(**settings: str) -> dict[str, str]:
    """The environment of a command: ours, with these settings and no others, on a wide page."""
    others = {k: v for k, v in os.environ.items() if not k.startswith("GOVERNANCE_")}
    ours = {f"GOVERNANCE_{name.upper()}": value for name, value in settings.items()}
    return others | {"COLUMNS": "200", "NO_COLOR": "1"} | ours


def governance(
    *arguments: str, folder: Path, environment: Mapping[str, str], said: bytes = b""
) -> "subprocess.CompletedProcess[bytes]":
    """Run the command in a folder with `said` on its standard input: its exit code and output."""
    out, err = BytesIO(), BytesIO()
    streams = (
        TextIOWrapper(BytesIO(said), encoding="utf-8"),
        TextIOWrapper(out, encoding="utf-8", write_through=True),
        TextIOWrapper(err, encoding="utf-8", write_through=True),
    )
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ.keys() - environment.keys():
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["governance", *arguments])
        for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
            patch.setattr(sys, name, stream)
        settings.cache_clear()
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            settings.cache_clear()
    done = subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())
    for stream in streams:
        stream.close()
    return done


def shell(folder: Path, environment: Mapping[str, str], *first: str) -> Run:
    """`run(*arguments, said=…)`: the command in the folder, its words decoded."""

    def run(*arguments: str, said: str | bytes = "") -> Done:
        given = said.encode() if isinstance(said, str) else said
        done = governance(*first, *arguments, folder=folder, environment=environment, said=given)
        out, err = done.stdout.decode(), done.stderr.decode()
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    return run


def started(*arguments: str, folder: Path, environment: Mapping[str, str]) -> Done:
    """The installed program in a process of its own: its exit code and output."""
    command = [PROGRAM, *arguments]
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done
