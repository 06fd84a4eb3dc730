"""Benchmark: how well conversion, reach and split of a drop are foretold, and what futures cost.

Real sessions of a shop, real posts of a page, real shipments. Nothing is tuned on what is scored:
the way of foretelling reach was chosen on the first half of the posts, and both are reported.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import planning_conversion
import planning_funnel
import planning_reach
import planning_split
import typer
from planning_scores import at_least, at_most, within
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

_err = Console(stderr=True)
_BESIDE_THE_PROJECT = Path(__file__).resolve().parents[2] / "shared" / "data"
_FILES = (planning_conversion.FILE, planning_reach.FILE)


def missing(data: Path) -> list[str]:
    """The files that are not in the folder, and without which nothing can be measured."""
    return [one for one in _FILES if not (data / one).is_file()]


def measured(data: Path, step: Callable[[str], None]) -> dict[str, Any]:
    """The figures of all parts; `step` is told what is being done."""
    return {
        "conversion": planning_conversion.measured(data, step),
        "reach": planning_reach.measured(data, step),
        "split": planning_split.measured(data, step),
        "funnel": planning_funnel.measured(data, step),
    }


def targets(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each target with its figure. Of raw and pooled rates the better smoothing counts."""
    conversion, reach, funnel = figures["conversion"], figures["reach"], figures["funnel"]
    ways = conversion["halves"]["ways"]
    ours = ways["empirical Bayes"]
    rows = [
        at_most(f"Conversion: log-loss, {way}", _best(ways, way, "log_loss"), ours["log_loss"])
        for way in ("raw", "pooled")
    ]
    ratio = round(ours["wql"] / _best(ways, "raw", "wql"), 3)
    rows += [
        at_most("Conversion: WQL by that of raw rates", 0.95, ratio),
        within("Conversion: coverage of P10-P90", 0.74, 0.86, ours["coverage"]),
        within(
            "Conversion of unseen cells: coverage", 0.70, 0.92, conversion["unseen"]["coverage"]
        ),
    ]
    for part in ("all", "not_looked_at"):
        scores, name = reach[part], f"Reach, {part.replace('_', ' ')}"
        ratio = round(scores["corrected"]["wql"] / scores["climatology"]["wql"], 3)
        rows += [
            at_most(f"{name}: WQL by climatology", 1.0, ratio),
            at_least(f"{name}: coverage", 0.72, scores["corrected"]["coverage"]),
        ]
    for what, scores in figures["split"].items():
        rows.append(at_least(f"Split, {what}: coverage", 0.70, scores["dirichlet"]["coverage"]))
    rows += [
        within(f"Made-up drops, {name} by country: coverage", 0.70, 0.95, coverage["country"])
        for name, coverage in funnel["coverage"].items()
    ]
    size = f"{funnel['countries']} countries × {funnel['futures']:,} futures"
    rows += [
        at_most(f"{size}: seconds", 1.5, funnel["seconds"]),
        at_most(f"{size}: megabytes", 300, funnel["megabytes"]),
    ]
    return rows


def _best(ways: Mapping[str, Mapping[str, float]], way: str, score: str) -> float:
    return min(scores[score] for name, scores in ways.items() if name.startswith(way))


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Print the figures of all parts, to be read by a person."""
    conversion, funnel = figures["conversion"], figures["funnel"]
    halves, everything = conversion["halves"], conversion["halves_all_cells"]
    _table(f"Conversion, {halves['cells']} cells of region and month", halves["ways"], console)
    console.print(
        f"Coverage over random halves from {halves['least']} to {halves['most']}.", highlight=False
    )
    _table(f"The same, all {everything['cells']} cells", everything["ways"], console)
    _table("Cells that were hidden", {"empirical Bayes": conversion["unseen"]}, console)
    _table("Regions' conversion a month ahead", conversion["months_ahead"], console)
    _table("Reach of posts", figures["reach"]["all"], console)
    _table("Reach of the later half, not looked at", figures["reach"]["not_looked_at"], console)
    for what, scores in figures["split"].items():
        _table(f"Split of {what}", scores, console)
    table = Table("P10-P90 holds", "total", "country", title="Drops that were made up")
    for name, coverage in funnel["coverage"].items():
        table.add_row(name, *(f"{one:.3f}" for one in coverage.values()))
    console.print(table)
    console.print(
        f"{funnel['made_up_drops']} made-up drops; they show that the parts fit, no more. "
        f"{funnel['futures']:,} futures of {funnel['countries']} countries take "
        f"{funnel['seconds']} s and {funnel['megabytes']} MB.",
        highlight=False,
    )


def _table(title: str, ways: Mapping[str, Mapping[str, Any]], console: Console) -> None:
    names = list(next(iter(ways.values())))
    table = Table("", *(name.replace("_", "-") for name in names), title=title)
    for way, scores in ways.items():
        table.add_row(way, *(str(scores[name]) for name in names))
    console.print(table)


def planning_demand(
    data: Annotated[
        Path, typer.Option(envvar="GOVERNANCE_BENCH_DATA", help="Folder of the public data.")
    ] = _BESIDE_THE_PROJECT,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of tables.")
    ] = False,
) -> None:
    """Foretell real data from its past; exit code 1 where a target is not met, 2 without data."""
    if absent := missing(data):
        _err.print(f"There is no {absent[0]} in {data} (set GOVERNANCE_BENCH_DATA)")
        raise typer.Exit(2)
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=_err, transient=True) as progress:
        task = progress.add_task("Reading …")
        figures = measured(data, lambda what: progress.update(task, description=what))
    rows = targets(figures)
    if as_json:
        typer.echo(json.dumps(figures | {"targets": rows}, indent=2))
    else:
        show(figures, Console())
        table = Table("Target", "Wanted", "Found", "", title="Targets")
        for row in rows:
            met = "[green]met[/]" if row["met"] else "[red]not met[/]"
            table.add_row(row["target"], row["wanted"], str(row["found"]), met)
        Console().print(table)
    if not all(row["met"] for row in rows):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(planning_demand)
