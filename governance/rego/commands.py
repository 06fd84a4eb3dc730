"""`governance policies`: checks and tests the policies in a folder."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from governance.errors import GovernanceError
from governance.rego.capabilities import PolicyProblem, check_policies
from governance.rego.opa_command import OpaCommand, OpaMissing, find_opa
from governance.rego.policy_tests import PolicyTest, run_policy_tests
from governance.settings import settings

policies = typer.Typer(help="Check and test the policies (Rego).", no_args_is_help=True)

_PoliciesDir = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the policies; GOVERNANCE_POLICIES_DIR where it is not given.",
        exists=True,
        file_okay=False,
    ),
]

_TAB = " " * 4


@policies.command("check")
def run_checks(policies_dir: _PoliciesDir = None) -> None:
    """Say what is wrong with the policies: syntax, builtins, recursion, decimals, format.

    Where `opa` is installed, `opa check --strict` and `opa fmt` are asked too.
    """
    folder = policies_dir or settings().policies_dir
    console = Console(soft_wrap=True)
    texts = _read(folder)
    problems = check_policies(texts)
    for problem in problems:
        _show(console, problem, texts[problem.path])
    complaints: list[str] = []
    if (opa := _opa(console)) is not None:
        complaints = opa.check(folder)
        for complaint in complaints:
            console.print(f"[red]opa[/red] {escape(complaint)}")
    if problems or complaints:
        raise typer.Exit(1)
    console.print(f"[green]{len(texts)} policy files are good[/green]")


@policies.command("test")
def run_tests(policies_dir: _PoliciesDir = None) -> None:
    """Run the tests of the policies, in the embedded engine and, where it is installed, in opa.

    Both must agree on every test.
    """
    folder = policies_dir or settings().policies_dir
    console = Console(soft_wrap=True)
    texts = _read(folder)
    if problems := check_policies(texts):
        for problem in problems:
            _show(console, problem, texts[problem.path])
        raise typer.Exit(1)
    try:
        results = run_policy_tests(texts)
        failures = [f"{result.name}: {result.failure}" for result in results if result.failure]
        if (opa := _opa(console)) is not None:
            failures += _disagreements(results, opa.test(folder))
    except GovernanceError as error:
        console.print(f"[red]failed[/red] {escape(error.detail)}")
        raise typer.Exit(1) from error
    for failure in failures:
        console.print(f"[red]failed[/red] {escape(failure)}")
    if failures:
        raise typer.Exit(1)
    console.print(f"[green]{len(results)} tests of policies passed[/green]")


def _disagreements(results: list[PolicyTest], in_opa: dict[str, bool]) -> list[str]:
    embedded = {result.name: result.failure is None for result in results}
    return [
        f"{name}: the embedded engine says {embedded.get(name)}, opa says {in_opa.get(name)}"
        for name in sorted(embedded.keys() | in_opa.keys())
        if embedded.get(name) != in_opa.get(name)
    ]


def _read(folder: Path) -> dict[str, str]:
    texts = {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.rego"))
    }
    if not texts:
        raise typer.BadParameter(f"there is no policy in {folder}", param_hint="--policies-dir")
    return texts


def _opa(console: Console) -> OpaCommand | None:
    try:
        opa = find_opa()
    except OpaMissing as error:
        console.print(f"[red]{error.title}.[/red] {error.detail}")
        raise typer.Exit(1) from error
    if opa is None:
        console.print("[yellow]opa is not installed, so only the embedded engine was asked[/]")
    return opa


def _show(console: Console, problem: PolicyProblem, text: str) -> None:
    """The problem, its line with a caret below the column, and how to mend it."""
    lines = text.splitlines()
    console.print(f"[red]{escape(str(problem))}[/red]")
    if 0 < problem.line <= len(lines):
        line = lines[problem.line - 1]
        before = line[: problem.column - 1].replace("\t", _TAB)
        whole = line.replace("\t", _TAB)
        shown = f"    {whole}\n    {' ' * len(before)}^"
        console.print(escape(shown), highlight=False)
    if problem.hint is not None:
        console.print(f"    hint: {escape(problem.hint)}", highlight=False)
