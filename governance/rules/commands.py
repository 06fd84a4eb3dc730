"""`governance rules`: lint the rulesets, run their cases, list the rules."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from governance.rules.cases import run_cases
from governance.rules.library import read_library, read_tree
from governance.rules.model import Library, Rule
from governance.rules.problems import Problem
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
    _out.print(f"{len(files)} files, {count} rules, {len(library.coverage)} coverage rows: clean")


@rules.command()
def test(rulesets_dir: RulesetsDir = None) -> None:
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
    day = date.fromisoformat(as_of) if as_of else None
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


def select_rules(
    library: Library,
    *,
    gate: str = "sale",
    market: str | None = None,
    category: str | None = None,
    day: date | None = None,
) -> list[Rule]:
    """The rules of a gate that bind a market (or region), hold for a category, are in force."""
    on = day or datetime.now(UTC).date()
    jurisdictions = library.vocabulary.jurisdictions(market, on) if market else frozenset()
    lineage = library.vocabulary.lineage(category) if category else ()
    return [
        rule
        for rule in library.rules[gate]
        if (market is None or rule.binds(market, jurisdictions))
        and (category is None or not set(lineage).isdisjoint(rule.categories))
        and (day is None or rule.in_force_on(day))
    ]


def summary(rule: Rule) -> dict[str, Any]:
    """A rule in brief, as JSON."""
    return {
        "rule": rule.id,
        "title": rule.title,
        "effect": rule.effect,
        "status": rule.status,
        "from": rule.start.isoformat(),
        "to": rule.end.isoformat() if rule.end else None,
        "imposed_by": rule.jurisdiction,
        "categories": list(rule.categories),
        "evidence": list(rule.evidence),
        "source": source_json(rule),
    }


def source_json(rule: Rule) -> dict[str, str]:
    """A rule's source as JSON."""
    return {key: str(value) for key, value in asdict(rule.source).items()}


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
