"""`governance drops` as a shell runs it: list, show, changes, close."""

import json
from pathlib import Path

import pytest
from shell import Run, environment, shell
from tiny_drop import document, lead, make, state_of

from governance.db import migrate, open_engine
from governance.drops.documents import DropDocument
from governance.drops.models import DropState
from governance.settings import Settings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drops")


@pytest.fixture(scope="module")
def run(folder: Path, tiny_rulesets: Path) -> Run:
    """`run(*arguments)`: `governance drops …` over the tiny library."""
    where = environment(data_dir=str(folder / "var"), rulesets_dir=str(tiny_rulesets))
    return shell(folder, where, "drops")


@pytest.fixture(scope="module")
def drops(folder: Path) -> list[str]:
    """Two drops: a draft, and one that is approved."""
    engine = open_engine(Settings(data_dir=folder / "var", database_url=None))
    migrate(engine)
    made = [make(engine), make(engine, title="[red] Paper", markets=["FR"])]
    lead(engine, made[1], DropState.PLANNED, DropState.APPROVED)
    engine.dispose()
    return made


def test_drops_are_listed_the_newest_first(run: Run, drops: list[str]) -> None:
    lines = run("list").stdout.splitlines()
    assert lines[0].split() == ["id", "title", "creator", "state", "version", "sale"]
    listed = [line.split()[0] for line in lines[1:]]
    assert listed == sorted(drops, reverse=True)
    approved = run("list", "--state", "approved", "--market", "FR").stdout
    assert "[red] Paper" in approved
    assert "2026-12-01 to 2026-12-07" in approved
    assert drops[0] not in approved
    assert run("list", "--text", "nothing").stdout == "No drop is like that\n"


def test_a_drop_is_shown_as_a_document_to_revise(run: Run, drops: list[str]) -> None:
    shown = run("show", drops[0])
    whole = DropDocument.model_validate(document()).model_dump()
    assert json.loads(shown.stdout) == whole
    assert f"{drops[0]}, version 1, is draft" in shown.stderr
    assert "steps lead to planned, closed; no plan" in shown.stderr
    assert "sha256:" in run("show", drops[1]).stderr


def test_the_steps_of_a_drop_are_listed(run: Run, drops: list[str]) -> None:
    lines = run("changes", drops[1]).stdout.splitlines()
    assert [line.split()[2:4] for line in lines[1:]] == [
        ["draft", "planned"],
        ["planned", "approved"],
    ]
    assert run("changes", drops[0]).stdout == f"{drops[0]} is a draft and took no step yet\n"


def test_a_drop_is_closed_with_a_reason(run: Run, drops: list[str], folder: Path) -> None:
    assert run("close", drops[1]).returncode != 0  # no reason
    blank = run("close", drops[1], "--reason", " ")
    assert (blank.returncode, "needs a reason" in blank.stderr) == (1, True)
    done = run("close", drops[1], "--reason", "a recall")
    assert done.stdout == f"closed {drops[1]}\n", done.stderr
    engine = open_engine(Settings(data_dir=folder / "var", database_url=None))
    assert state_of(engine, drops[1]) is DropState.CLOSED
    engine.dispose()
    last = run("changes", drops[1]).stdout.splitlines()[-1]
    assert "cli:" in last
    assert "a recall" in last
    again = run("close", drops[1], "--reason", "again")
    assert (again.returncode, again.stdout) == (1, "")
    assert "nowhere" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["show", "drp_none"], "'drp_none'"),
        (["changes", "drp_none"], "'drp_none'"),
        (["close", "drp_none", "--reason", "x"], "'drp_none'"),
        (["list", "--state", "lively"], "unknown state"),
    ],
)
def test_what_cannot_be_done_is_told(
    run: Run, drops: list[str], arguments: list[str], says: str
) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
