"""`governance policies check` and `governance policies test`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from governance.rego.commands import policies

GOOD = "package a\n\np := 1\n"


def run(command: str, folder: Path) -> Result:
    return CliRunner().invoke(policies, [command, "--policies-dir", str(folder)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.rego").write_text(GOOD)
    return tmp_path


@pytest.fixture
def with_opa(opa_binary: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPA_BINARY", opa_binary)


@pytest.fixture
def without_opa(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OPA_BINARY", raising=False)
    monkeypatch.delenv("GOVERNANCE_REQUIRE_ALL_PARTS", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("with_opa")
@pytest.mark.parametrize("command", ["check", "test"])
def test_shipped_policies_are_good(command: str) -> None:
    result = CliRunner().invoke(policies, [command])
    assert result.exit_code == 0, result.output


@pytest.mark.usefixtures("without_opa")
def test_absence_of_opa_is_said_in_one_line(folder: Path) -> None:
    for command in ("check", "test"):
        result = run(command, folder)
        assert result.exit_code == 0
        assert "opa is not installed, so only the embedded engine was asked\n" in result.output


@pytest.mark.usefixtures("without_opa")
def test_absence_of_opa_fails_where_all_parts_are_required(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOVERNANCE_REQUIRE_ALL_PARTS", "1")
    for command in ("check", "test"):
        assert run(command, folder).exit_code == 1


@pytest.mark.usefixtures("without_opa")
def test_problem_is_shown_with_its_line_a_caret_and_a_hint(folder: Path) -> None:
    (folder / "a.rego").write_text("package a\n\np if {\n\tinput.x > 0.5\n}\n")
    result = run("check", folder)
    assert result.exit_code == 1
    assert "a.rego:4:12: no decimals in Rego: 0.5" in result.output
    assert (
        "        input.x > 0.5\n                  ^\n    hint: Use whole numbers" in result.output
    )


@pytest.mark.usefixtures("with_opa")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("package a\n\np   :=   1\n", "opa fmt --write"),
        ("package a\n\nimport data.b\n\np := 1\n", "import data.b unused"),
    ],
)
def test_opa_is_asked_too(folder: Path, text: str, said: str) -> None:
    (folder / "a.rego").write_text(text)
    result = run("check", folder)
    assert result.exit_code == 1
    assert said in result.output


@pytest.mark.usefixtures("with_opa")
def test_failing_test_and_disagreement_of_the_engines_fail(folder: Path) -> None:
    # The embedded engine fails on what OPA leaves undefined here.
    (folder / "a_test.rego").write_text(
        "package a_test\n\ntest_wrong if data.a.p == 2\n\ntest_good if data.a.p == 1\n\n"
        "test_null if not items with input as null\n\nitems if {\n\tsome x in input\n\tx\n}\n"
    )
    result = run("test", folder)
    assert result.exit_code == 1
    assert "a_test.test_wrong" in result.output
    assert "a_test.test_null: the embedded engine says False, opa says True" in result.output
    assert "a_test.test_good" not in result.output


def test_folder_without_policies_is_refused(tmp_path: Path) -> None:
    result = run("check", tmp_path)
    assert result.exit_code == 2
    assert "there is no policy" in result.output
