"""`governance rules`: lint the rulesets, run their cases, list rules and clearance schemes."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from governance.errors import InvalidRequest
from governance.rules.cases import run_cases
from governance.rules.clearance_listing import in_words, scheme_json
from governance.rules.library import read_library, read_tree
from governance.rules.listing import check_filters, select_rules, summary
from governance.rules.model import Library
from governance.rules.problems import Problem
from governance.rules.values import WrongValue, parse_date
from governance.settings import settings

rules = typer.Typer(no_args_is_help=True, help="Lint, test and list the rulesets.")
_out = Console(highlight=False, soft_wrap=True)

RulesetsDir = Annotated[
    Path | None,
    typer.Option(help="Folder of the rulesets; default: GOVERNANCE_RULESETS_DIR or ./rulesets."),
]


@rules.command()
def lint(rulesets_dir: RulesetsDir = None) -> None:
    """Check every file: exit code 1 and the place, the line and a hint for each problem."""
    files, library, problems = _read(rulesets_dir)
    _report(problems, files)
    count = sum(len(found) for found in library.rules.values()) + len(library.classification)
    _out.print(
        f"{len(files)} files, {count} rules, {len(library.coverage)} coverage rows, "
        f"{len(library.clearance)} clearance rows: clean"
    )


@rules.command(name="test")
def run_tests(rulesets_dir: RulesetsDir = None) -> None:
    """Run the cases that stand beside the rules: exit code 1 and the place of each failure."""
    files, library, problems = _read(rulesets_dir)
    _report(problems, files)
    results = list(run_cases(library))
    _report([result.problem() for result in results if not result.passed], files)
    _out.print(f"{len(results)} cases of {len(library.rules_by_id)} rules: passed")


@rules.command(name="list")
def list_rules(
    market: Annotated[str | None, typer.Option(help="Only rules that bind this market.")] = None,
    category: Annotated[str | None, typer.Option(help="Only rules for this category.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Only rules in force on this day.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    rulesets_dir: RulesetsDir = None,
) -> None:
    """List the rules, by market, category and day."""
    files, library, problems = _read(rulesets_dir)
    _report(problems, files)
    check_filters(library, market, category)
    try:
        day = parse_date(as_of) if as_of else None
    except WrongValue as wrong:
        raise InvalidRequest(str(wrong)) from wrong
    found = select_rules(library, market=market, category=category, day=day)
    if as_json:
        typer.echo(json.dumps([summary(rule) for rule in found], indent=2, ensure_ascii=False))
        return
    table = Table("rule", "effect", "from", "to", "status", "title", header_style="bold")
    for rule in found:
        table.add_row(
            rule.id, rule.effect, str(rule.start), str(rule.end or ""), rule.status, rule.title
        )
    _out.print(table)
    _out.print(f"{len(found)} rules")


@rules.command()
def clearance(
    market: Annotated[str, typer.Option(help="The market whose customs are asked.")],
    on: Annotated[str | None, typer.Option(help="The day of clearance; default: today.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    rulesets_dir: RulesetsDir = None,
) -> None:
    """List how goods can be cleared into a market on a day, with limits, tax, duty and source."""
    files, library, problems = _read(rulesets_dir)
    _report(problems, files)
    check_filters(library, market, None)
    try:
        day = parse_date(on) if on else datetime.now(UTC).date()
    except WrongValue as wrong:
        raise InvalidRequest(str(wrong)) from wrong
    found = library.schemes(market, day)
    if as_json:
        listed = [scheme_json(scheme) for scheme in found]
        typer.echo(json.dumps(listed, indent=2, ensure_ascii=False))
        return
    table = Table(
        "scheme", "way in", "limit", "tax", "duty", "registration", "source", "certainty",
        header_style="bold",
    )  # fmt: skip
    for scheme in found:
        table.add_row(*in_words(scheme))
    _out.print(table)
    _out.print(f"{len(found)} schemes in {market} on {day}")


def _read(rulesets_dir: Path | None) -> tuple[dict[str, str], Library, list[Problem]]:
    folder = rulesets_dir or settings().rulesets_dir
    if not folder.is_dir():
        _out.print(f"{folder} is no folder: name it with --rulesets-dir")
        raise typer.Exit(2)
    files = read_tree(folder)
    library, problems = read_library(files)
    return files, library, problems


def _report(problems: list[Problem], files: Mapping[str, str]) -> None:
    for problem in problems:
        _out.print(problem.render(files), markup=False)
    if problems:
        _out.print(f"{len(problems)} problem(s)")
        raise typer.Exit(1)
