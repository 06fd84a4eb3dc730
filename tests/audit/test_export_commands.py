"""`governance audit export` and `verify` as a shell runs them: files, words, exit codes."""

import re
import subprocess
from pathlib import Path

import pytest
from export_cases import open_log, records
from shell import PROGRAM, Run, environment, governance, shell

from governance.audit.exports.commands import verify
from governance.errors import GovernanceError
from governance.settings import Settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_rulesets: Path) -> Path:
    """A folder with a log of some decisions."""
    folder = tmp_path_factory.mktemp("shell")
    with open_log(Settings(data_dir=folder / "var"), tiny_rulesets) as log:
        log.fill(600)
    return folder


@pytest.fixture(scope="module")
def variables(folder: Path, tiny_rulesets: Path) -> dict[str, str]:
    """The environment in which the commands run."""
    return environment(data_dir=str(folder / "var"), rulesets_dir=str(tiny_rulesets))


@pytest.fixture(scope="module")
def run(folder: Path, variables: dict[str, str]) -> Run:
    """`run(*arguments)`: `governance audit …` in the folder, and how it ended."""
    return shell(folder, variables, "audit")


@pytest.fixture(scope="module")
def key(run: Run) -> str:
    """The verifier key, which an export tells with the command that verifies it."""
    done = run("export", "first.ndjson")
    assert done.returncode == 0, done.stderr
    told = re.search(r"governance audit verify first.ndjson --key '([^']+)'", done.stderr)
    assert told, done.stderr
    return told[1]


def test_export_verify_tamper_and_see_it_caught(run: Run, folder: Path, key: str) -> None:
    out = folder / "log.ndjson"
    assert run("export", "log.ndjson").returncode == 0
    good = run("verify", "log.ndjson", "--key", key)
    assert good.returncode == 0, good.stderr
    count = len(records(out))
    assert f"verified    {count:,} records, the whole log" in good.stdout
    assert "signed by   " + "+".join(key.split("+")[:2]) in good.stdout
    assert good.stderr == ""
    out.write_bytes(out.read_bytes().replace(b'"verdict":"prohibited"', b'"verdict":"allowed"', 1))
    caught = run("verify", "log.ndjson", "--key", key)
    assert caught.returncode == 1
    assert caught.stdout == ""
    assert re.search(r"Line \d+ \(index \d+, decision '\w{26}'\) does not hold: ", caught.stderr)


def test_verify_needs_no_database_and_no_settings(folder: Path, key: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [PROGRAM, "audit", "verify", str(folder / "first.ndjson"), "--key", key],
        env={"HOME": str(tmp_path), "GOVERNANCE_DATABASE_URL": "nowhere://at/all"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_filtered_export_is_called_one(run: Run, key: str) -> None:
    assert run("export", "us.ndjson", "--market", "US", "--from", "2020-01-01").returncode == 0
    done = run("verify", "us.ndjson", "--key", key)
    assert done.returncode == 0, done.stderr
    assert "market US" in done.stdout
    assert "The filter hides other records" in done.stdout


def test_what_an_auditor_gets_can_be_made(run: Run, folder: Path, key: str) -> None:
    assert run("export", "auditor.ndjson", "--as-role", "auditor").returncode == 0
    done = run("verify", "auditor.ndjson", "--key", key)
    assert (
        "withheld    drop /input/drop/creator; sale /input/seller/id, /input/evidence/*/reference"
        in done.stdout
    )
    assert b'"creator-' not in (folder / "auditor.ndjson").read_bytes()


def test_an_export_that_was_cut_off_goes_on(run: Run, folder: Path, key: str) -> None:
    whole = (folder / "first.ndjson").read_bytes()
    (folder / "cut.ndjson.part").write_bytes(whole[: len(whole) // 2])
    refused = run("export", "cut.ndjson")
    assert refused.returncode == 1
    assert "--resume" in refused.stderr
    assert run("export", "cut.ndjson", "--resume").returncode == 0
    done = run("verify", "cut.ndjson", "--key", key)
    assert done.returncode == 0, done.stderr
    lines = (folder / "cut.ndjson").read_bytes().splitlines()
    assert lines[:-1] == whole.splitlines()[:-1]


def test_tables_and_standard_output(
    run: Run, folder: Path, key: str, variables: dict[str, str]
) -> None:
    assert run("export", "log.csv", "--format", "csv").returncode == 0
    assert (folder / "log.csv").read_text().startswith("index,decision_id,")
    assert run("export", "log.parquet", "--format", "parquet").returncode == 0
    assert (folder / "log.parquet").read_bytes()[:4] == b"PAR1"
    words = "audit", "export", "-", "--gate", "sale"
    piped = governance(*words, folder=folder, environment=variables)
    (folder / "piped.ndjson").write_bytes(piped.stdout)
    assert run("verify", "piped.ndjson", "--key", key).returncode == 0


@pytest.mark.parametrize(
    ("export", "log", "keys", "reason"),
    [
        ("first.ndjson", False, None, "--key"),
        ("first.ndjson", False, [], "--key"),
        ("first.ndjson", False, ["nonsense"], "A verifier key is"),
        ("nothing.ndjson", False, ["KEY"], "cannot be read"),
        (".", False, ["KEY"], "cannot be read"),
        ("var/governance.db", False, ["KEY"], "no manifest"),
        (None, False, ["KEY"], "Name an export, or say --log"),
        ("first.ndjson", True, ["KEY"], "Name an export, or say --log"),
    ],
)
def test_wrong_words_are_told(
    folder: Path, key: str, export: str | None, log: bool, keys: list[str] | None, reason: str
) -> None:
    path = None if export is None else folder / export
    given = None if keys is None else [key if one == "KEY" else one for one in keys]
    with pytest.raises(GovernanceError, match=re.escape(reason)):
        verify(path, log, given, workers=1)
