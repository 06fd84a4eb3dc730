"""The `governance` command as a shell runs it: what it prints, where, and its exit code."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import replay_all
from shell import Done, Run, environment, shell, started
from tiny_library import ask

from governance.settings import Settings

DECISION = re.compile(r"decision ([0-9A-HJKMNP-TV-Z]{26})\b")

YAML = """\
as_of: 2026-11-22
seller: {id: s-1, established_in: "NO"}
product:
  id: "1"
  title: A gadget
  category: gadgets
  hs: "851762"
  origin: NO
  attributes:
    radio: false
    cells: 0
    colour: green
    materials: []
offer: {import_mode: commercial}
markets: [NO, DE]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the decisions that the tests of this module make."""
    return tmp_path_factory.mktemp("cli")


@pytest.fixture(scope="module")
def variables(folder: Path, tiny_rulesets: Path) -> dict[str, str]:
    """The environment in which the commands run."""
    return environment(data_dir=str(folder / "var"), rulesets_dir=str(tiny_rulesets))


@pytest.fixture(scope="module")
def run(folder: Path, tiny_rulesets: Path, variables: dict[str, str]) -> Iterator[Run]:
    """`run(*arguments, said=…)`: the command with `said` on its standard input.

    At the end every decision is replayed.
    """
    yield shell(folder, variables)
    replay_all(Settings(data_dir=folder / "var", rulesets_dir=tiny_rulesets))


def refused(done: Done, *words: str) -> None:
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr


def test_help_names_every_command(run: Run) -> None:
    done = run("--help")
    assert done.returncode == 0
    for name in ("serve", "check", "replay", "demo", "rules", "policies", "keys"):
        assert name in done.stdout


def test_a_command_that_does_not_exist_is_a_usage_error(
    folder: Path, variables: dict[str, str]
) -> None:
    done = started("chekc", folder=folder, environment=variables)
    assert done.returncode == 2
    assert "chekc" in done.stderr


def test_a_key_is_made_listed_and_revoked(run: Run) -> None:
    made = json.loads(run("keys", "create", "--role", "portal", "--name", "shop", "--json").stdout)
    assert made["key"].startswith("gov_")
    listed = json.loads(run("keys", "list", "--json").stdout)
    assert [key["revoked_at"] for key in listed if key["id"] == made["id"]] == [None]
    assert run("keys", "revoke", made["id"]).returncode == 0
    listed = json.loads(run("keys", "list", "--json").stdout)
    assert all(key["revoked_at"] for key in listed if key["id"] == made["id"])
    refused(run("keys", "revoke", "key_nothing"), "key_nothing")


def test_a_request_in_yaml_is_answered_and_replayed(
    folder: Path, variables: dict[str, str]
) -> None:
    (folder / "request.yaml").write_text(YAML)
    done = started("check", "--file", "request.yaml", folder=folder, environment=variables)
    assert done.returncode == 0, done.stderr
    assert "NO Norway" in done.stdout
    assert "DE Germany" in done.stdout
    assert "allowed" in done.stdout
    decision = DECISION.search(done.stdout)[1]
    again = started("replay", decision, folder=folder, environment=variables)
    assert again.returncode == 0
    assert "same result" in again.stdout


def test_norway_without_quotes_is_norway(run: Run) -> None:
    done = run("check", "--file", "-", "--json", said=YAML)
    answer = json.loads(done.stdout)
    assert [market["market"] for market in answer["markets"]] == ["NO", "DE"]
    assert answer["markets"][0]["verdict"] == "allowed"


def test_yaml_and_json_of_one_request_get_the_same_verdicts(run: Run) -> None:
    request = ask("NO", "DE")
    by_yaml = json.loads(run("check", "--file", "-", "--json", said=YAML).stdout)
    by_json = json.loads(run("check", "--file", "-", "--json", said=json.dumps(request)).stdout)
    verdicts = [
        [market["verdict"] for market in answer["markets"]] for answer in (by_yaml, by_json)
    ]
    assert verdicts[0] == verdicts[1] == ["allowed", "allowed"]


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_any_json_file_is_read(run: Run, folder: Path, indent) -> None:
    request = ask("FR", category="lasers", attributes={"power_mw": 1e-05})
    request["product"]["title"] = 'Фанат 🎤 / \\ " \u2028'
    (folder / "request.json").write_text(json.dumps(request, indent=indent))
    done = run("check", "--file", "request.json", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["markets"][0]["verdict"] == "allowed"


def test_the_day_of_the_command_line_goes_before_that_of_the_file(run: Run) -> None:
    done = run("check", "--file", "-", "--json", "--as-of", "2029-01-01", said=YAML)
    answer = json.loads(done.stdout)
    assert answer["as_of"] == "2029-01-01"
    assert answer["markets"][1]["verdict"] == "needs_review"
    refused(run("check", "--file", "-", "--as-of", "tomorrow", said=YAML), "/as_of", "YYYY-MM-DD")


def test_a_file_that_is_not_there_is_told(run: Run) -> None:
    refused(run("check", "--file", "nothing.yaml"), "nothing.yaml", "No such file")


def test_a_folder_is_no_file(run: Run, folder: Path) -> None:
    refused(run("check", "--file", str(folder)), str(folder))


UNREADABLE = {
    "a bracket that is not closed": ("markets: [", "line"),
    "a tab": ("seller:\n\tid: x", "line 2"),
    "nothing": ("", "object"),
    "a list": ("- 1", "object"),
    "a word": ("hello", "object"),
    "bytes that are not UTF-8": (b"seller: \xff\xfe", "UTF-8"),
    "a Python object": ("seller: !!python/object/apply:os.system [id]", "line"),
    "5,000 brackets": ("[" * 5000, "nested"),
    "5,000 digits": ("seller: " + "9" * 5000, ""),
    "a circle": ("seller: &a [*a]", "/seller"),
    "a date of another type": ("as_of: !!timestamp 2026-11-22", "/as_of"),
    "numbers as names": ("1: 2", ""),
    "a name twice": ("markets: [DE]\nmarkets: [FR]", "markets"),
    "two documents": ("a: 1\n---\nb: 2", "line"),
    "an escape": ("seller: \x1b[31mred", ""),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_file_that_is_no_request_is_told_in_words(run: Run, case: str) -> None:
    said, word = UNREADABLE[case]
    done = run("check", "--file", "-", said=said)
    refused(done, word)
    assert "\x1b" not in done.stderr


def test_every_wrong_field_is_listed_with_its_hint(run: Run) -> None:
    said = YAML.replace("radio: false", 'radio: "false"').replace("[NO, DE]", "[NO, UK]")
    refused(
        run("check", "--file", "-", said=said),
        "/product/attributes/radio",
        "true or false",
        "/markets/1",
        "did you mean GB?",
    )
    refused(run("check", "--file", "-", said="seller: {id: x}"), "/product", "/markets", "missing")


def test_an_unknown_decision_cannot_be_replayed(run: Run) -> None:
    refused(run("replay", "01M80W19C15W9N4JD4AM3T6GHA"), "01M80W19C15W9N4JD4AM3T6GHA")
    refused(run("replay", "a\nb"), "There is no decision")


def test_the_shipped_rules_are_linted_tested_and_listed(tmp_path: Path) -> None:
    run = shell(tmp_path, environment())

    def governance(*arguments: str) -> str:
        done = run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "clean" in governance("rules", "lint")
    assert "passed" in governance("rules", "test")
    listed = json.loads(
        governance("rules", "list", "--market", "FR", "--category", "cosmetics", "--json")
    )
    assert listed
    assert {rule["imposed_by"] for rule in listed} <= {"EU", "FR"}
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_filter_of_the_list_is_told(run: Run) -> None:
    for arguments in (
        ("--market", "UK"),
        ("--category", "gadget"),
        ("--as-of", "2026-02-30"),
    ):
        done = run("rules", "list", *arguments)
        assert done.returncode in (1, 2), arguments
        assert arguments[1] in done.stdout + done.stderr


def test_lint_tells_the_place_and_a_hint(run: Run, tmp_path: Path, tiny_rulesets: Path) -> None:
    file = tmp_path / "vocabulary" / "words.yaml"
    file.parent.mkdir()
    file.write_text((tiny_rulesets / "vocabulary/words.yaml").read_text().replace("of:", "off:", 1))
    done = run("rules", "lint", "--rulesets-dir", str(tmp_path))
    assert done.returncode == 1
    assert re.search(r"vocabulary/words.yaml:\d+:\d+", done.stdout + done.stderr)
    assert "of" in done.stdout + done.stderr
