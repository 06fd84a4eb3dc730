"""Benchmark: how good the parts of a drop plan are, on public data and published optima.

A part is a module with `measured(data, step)`, its figures as plain data; `targets(figures)`, a row
for each target; and `show(figures, console)`. Add it to `PARTS`; only what is run is imported.
"""

import json
import os
import platform
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

PARTS = {
    "demand": "planning_demand",
    "newsvendor": "planning_newsvendor",
    "or-library": "planning_or_library",
    "placement": "planning_placement",
    "plan": "planning_plan",
}

_err = Console(stderr=True)
_BESIDE_THE_PROJECT = Path(__file__).resolve().parents[2] / "shared" / "data"


def planning(
    part: Annotated[
        list[str] | None, typer.Argument(help=f"Of {', '.join(PARTS)}; all unless told.")
    ] = None,
    data: Annotated[
        Path, typer.Option(envvar="GOVERNANCE_BENCH_DATA", help="Folder of the public data.")
    ] = _BESIDE_THE_PROJECT,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of tables.")
    ] = False,
) -> None:
    """Measure every part and compare with peers, published optima and simpler plans.

    Exit code 1 where a target is not met, 2 where data is absent or there is no such part.
    """
    chosen = part or list(PARTS)
    if unknown := [name for name in chosen if name not in PARTS]:
        _err.print(f"There is no part {unknown[0]!r}; there are {', '.join(PARTS)}")
        raise typer.Exit(2)
    modules = {name: import_module(PARTS[name]) for name in chosen}
    figures: dict[str, Any] = {
        "machine": {"processors": os.cpu_count(), "python": platform.python_version()}
    }
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=_err, transient=True) as progress:
        task = progress.add_task("Reading …")
        for name, module in modules.items():
            try:
                figures[name] = module.measured(
                    data, lambda what: progress.update(task, description=what)
                )
            except FileNotFoundError as absent:
                _err.print(
                    f"No data for {name}: {absent} (set GOVERNANCE_BENCH_DATA)", soft_wrap=True
                )
                raise typer.Exit(2) from absent
    figures["targets"] = [
        row for name, module in modules.items() for row in module.targets(figures[name])
    ]
    if as_json:
        typer.echo(json.dumps(figures, indent=2))
    else:
        _show(figures, modules, Console())
    if not all(row["met"] for row in figures["targets"]):
        raise typer.Exit(1)


def _show(figures: dict[str, Any], modules: dict[str, ModuleType], console: Console) -> None:
    for name, module in modules.items():
        module.show(figures[name], console)
    table = Table("Target", "Wanted", "Found", "", title="Targets")
    for row in figures["targets"]:
        met = "[green]met[/]" if row["met"] else "[red]not met[/]"
        table.add_row(row["target"], row["wanted"], str(row["found"]), met)
    console.print(table)


if __name__ == "__main__":
    typer.run(planning)
