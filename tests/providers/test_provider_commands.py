"""`governance providers` as a shell runs it: import, list, show."""

import json
from pathlib import Path

import pytest
from provider_documents import small
from shell import Run, environment, shell

STARTER_SET = ["amazon-mcf", "cainiao", "flexport", "maersk", "shopify-fulfilment"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the commands of this module run, with the registry that they fill."""
    return tmp_path_factory.mktemp("providers")


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    """`run(*arguments)`: `governance providers …` over the rulesets that we ship."""
    return shell(folder, environment(data_dir=str(folder / "var")), "providers")


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
