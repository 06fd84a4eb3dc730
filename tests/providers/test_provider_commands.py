"""`governance providers` as a shell runs it: import, list, show."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from provider_documents import small

PROGRAM = str(Path(sys.executable).parent / "governance")
STARTER_SET = ["amazon-mcf", "cainiao", "flexport", "maersk", "shopify-fulfilment"]

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the commands of this module run, with the registry that they fill."""
    return tmp_path_factory.mktemp("providers")


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    """`run(*arguments)`: `governance providers …` over the rulesets that we ship."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GOVERNANCE_")} | {
        "GOVERNANCE_DATA_DIR": str(folder / "var"),
        "COLUMNS": "120",
        "NO_COLOR": "1",
    }

    def command(*arguments: str) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [PROGRAM, "providers", *arguments],
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    return command


def test_the_starter_set_is_imported_listed_and_shown(run: Run, folder: Path) -> None:
    done = run("import", "--sample")
    assert done.stdout == "".join(f"created {name}\n" for name in STARTER_SET), done.stderr
    lines = run("list", "--market", "NO", "--service", "fulfilment").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["cainiao", "shopify-fulfilment"]
    assert all("(sample)" in line and "applicant" in line for line in lines[1:])
    shown = run("show", "cainiao").stdout
    assert shown.startswith("# applicant since 20")
    (folder / "shown.yaml").write_text(shown)
    assert run("import", "shown.yaml").stdout == "replaced cainiao\n"
    assert run("show", "cainiao").stdout == shown


def test_nothing_is_imported_where_one_file_is_wrong(run: Run, folder: Path) -> None:
    (folder / "good.json").write_text(json.dumps(small("good")))
    (folder / "bad.yaml").write_text(
        "id: bad\nname: Bad\nservices:\n  - {service: last_mile, markets: [UK]}\n"
    )
    done = run("import", "good.json", "bad.yaml")
    assert (done.returncode, done.stdout) == (1, "")
    assert "bad.yaml:4:36: unknown country `UK`" in done.stderr
    assert "did you mean `GB`?" in done.stderr
    assert run("list", "--text", "good").stdout == "No provider is like that\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["import", "nothing.yaml"], "nothing.yaml: No such file"),
        (["show", "nobody"], "'nobody'"),
        (["list", "--market", "UK"], "did you mean GB?"),
    ],
)
def test_what_cannot_be_done_is_told(run: Run, arguments: list[str], says: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
