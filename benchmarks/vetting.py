"""Benchmark: how well providers' rates are foretold, and what a label on them rests on.

Real deliveries, vendors as providers, counted per shipment: each quarter is foretold from the
quarters before it. Nothing is tuned on them: the half-life of 180 days is fixed. And how fast
made-up events of providers are taken in.
"""

import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
import vetting_forecast
import vetting_ingest
import vetting_labels
import vetting_report
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from vetting_shipments import FILE, read_shipments

_err = Console(stderr=True)
_BESIDE_THE_PROJECT = Path(__file__).resolve().parents[2] / "shared" / "data"


def vetting(
    data: Annotated[
        Path, typer.Option(envvar="GOVERNANCE_BENCH_DATA", help="Folder of the public data.")
    ] = _BESIDE_THE_PROJECT,
    events: Annotated[
        int, typer.Option(min=4, help="So many made-up events are taken in, in a database.")
    ] = 1_000_000,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of tables.")
    ] = False,
) -> None:
    """Foretell every quarter's on-time deliveries; compare with raw and pooled past rates.

    Exit code 1 where a target is not met, 2 where the data is absent. A run takes four minutes.
    """
    if not (data / FILE).is_file():
        _err.print(f"Nothing to count: there is no {FILE} in {data} (set GOVERNANCE_BENCH_DATA)")
        raise typer.Exit(2)
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=_err, transient=True) as progress:
        task = progress.add_task("Reading …")
        figures = _figures(data, events, lambda what: progress.update(task, description=what))
    if as_json:
        typer.echo(json.dumps(figures, indent=2))
    else:
        vetting_report.show(figures, Console())
        vetting_ingest.show(figures["events"], Console())
    if not all(row["met"] for row in figures["targets"]):
        raise typer.Exit(1)


def _figures(data: Path, events: int, step: Callable[[str], None]) -> dict[str, Any]:
    shipments = read_shipments(data)
    figures: dict[str, Any] = {
        "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
        "read": {
            "shipments": len(shipments),
            "vendors": len({one.vendor for one in shipments}),
            "countries": len({one.country for one in shipments}),
            "from": shipments[0].scheduled.isoformat(),
            "to": shipments[-1].scheduled.isoformat(),
            "on_time": sum(one.on_time for one in shipments) / len(shipments),
        },
        "deliveries": vetting_forecast.measured(shipments, step),
        "labels": vetting_labels.labelled(shipments),
        "events": vetting_ingest.measured(events, step),
    }
    figures["targets"] = [
        *vetting_report.targets(figures),
        *vetting_ingest.targets(figures["events"]),
    ]
    return figures


if __name__ == "__main__":
    typer.run(vetting)
