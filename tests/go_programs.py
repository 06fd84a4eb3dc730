"""Builds the small Go programs that judge our log with packages that others wrote."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn


def build_go(source: Path, program: Path, require_part: Callable[[str], NoReturn]) -> Path:
    """Build the program in a folder, or say which part is missing for it."""
    go = shutil.which("go") or require_part("Go is not installed")

    def with_go(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"GOTOOLCHAIN": "local", "GOWORK": "off"}
        return subprocess.run(
            [go, *arguments], cwd=source, env=environment, capture_output=True, text=True
        )

    fetched = with_go("mod", "download")
    if fetched.returncode:
        require_part(f"The Go modules cannot be had: {fetched.stderr}")
    built = with_go("build", "-o", str(program), ".")
    assert built.returncode == 0, built.stderr
    return program
