"""A file of past drops at the shell: what landed, what did not, and what there is."""

import json
from pathlib import Path
from typing import Any

import pytest
from past_drop_cases import figures, ndjson, past_drop
from shell import Run, environment, shell


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return shell(tmp_path, environment(data_dir=str(tmp_path / "var")), "past-drops")


def written(folder: Path, *lines: Any) -> str:
    file = folder / "past.ndjson"
    file.write_bytes(ndjson(lines))
    return str(file)


def test_a_file_is_taken_in_again_without_a_change_and_newer_figures_win(
    run: Run, tmp_path: Path
) -> None:
    file = written(tmp_path, past_drop("a"), past_drop("b"))
    done = run("import", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "New: 2, unchanged: 0, given newer figures: 0, refused: 0\n"
    assert "New: 0, unchanged: 2, given newer figures: 0" in run("import", file).stdout
    newer = written(tmp_path, past_drop("a"), past_drop("b", markets=[figures("FR")]))
    assert "New: 0, unchanged: 1, given newer figures: 1" in run("import", newer).stdout


def test_bad_lines_are_named_and_the_exit_code_says_so(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, past_drop("a"), past_drop("b", markets=[figures("UK")]), 7)
    done = run("import", file)
    assert done.returncode == 1
    assert "New: 1, unchanged: 0, given newer figures: 0, refused: 2" in done.stdout
    assert "line 2, /markets/0/country: unknown country `UK`" in done.stdout
    assert "(did you mean `GB`?)" in done.stdout
    assert "line 3, /: It must be an object" in done.stdout


def test_of_many_bad_lines_the_first_are_listed(run: Run, tmp_path: Path) -> None:
    done = run("import", written(tmp_path, *[7] * 130))
    assert done.stdout.count("  line ") == 100
    assert "… and 30 lines more" in done.stdout


def test_the_list_is_filtered_and_says_how_much_there_is(run: Run, tmp_path: Path) -> None:
    assert "No past drop is like that" in run("list").stdout
    sent = past_drop("a"), past_drop("b", sample=True), past_drop("c", creator="[red]c-2")
    run("import", written(tmp_path, *sent))
    every = run("list", "--limit", "2").stdout
    assert "b (sample)" in every
    assert "1,000" in every  # reached in two countries
    assert "2 of 3 past drops; creators: 2, made up: 1" in every
    own = run("list", "--creator", "[red]c-2", "--country", "DE", "--category", "toys").stdout
    assert "[red]c-2" in own
    assert "1 of 1 past drops; creators: 1, made up: 0" in own
    wrong = run("list", "--country", "UK")
    assert wrong.returncode == 1
    assert "did you mean GB?" in wrong.stderr


def test_the_example_is_a_line_that_is_taken_in_and_every_field_is_explained(
    run: Run, tmp_path: Path
) -> None:
    shown = run("example")
    (line,) = shown.stdout.splitlines()
    for name in (*json.loads(line), *json.loads(line)["markets"][0]):
        assert name in shown.stderr
    file = tmp_path / "example.ndjson"
    file.write_text(line)
    assert "New: 1," in run("import", str(file)).stdout


def test_a_file_that_is_not_there_is_told(run: Run) -> None:
    done = run("import", "absent.ndjson")
    assert done.returncode == 1
    assert "There is no file absent.ndjson" in done.stderr
