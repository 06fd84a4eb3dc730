"""The `past-drops` commands: import, list, example."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from governance.db import migrated, transaction
from governance.drops.past.endpoints import read_filters
from governance.drops.past.schemas import EXAMPLE, PastDropLine, PastMarketLine
from governance.drops.past.store import markets_of, search, totals
from governance.drops.past.taking_in import LISTED, Report, ingest
from governance.errors import InvalidRequest
from governance.providers.events.lines import lines_of, pieces_of
from governance.settings import settings

past_drops = typer.Typer(
    name="past-drops",
    help="Drops that are over: what forecasts learn from.",
    no_args_is_help=True,
)
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False)


@past_drops.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="NDJSON: a past drop a line; see `example`.")],
) -> None:
    """Take in a file of past drops; to take it in again changes nothing, the newest figures win.

    Bad lines are told with their number and what is wrong, and the rest lands; exit code 1 where
    there are any.
    """
    if not file.is_file():
        raise InvalidRequest(f"There is no file {file}")
    columns = BarColumn(), DownloadColumn(), TextColumn("{task.description}"), TimeRemainingColumn()
    progress = Progress(*columns, console=_err, transient=True, disable=not _err.is_terminal)
    with migrated(settings()) as engine, progress, file.open("rb") as stream:
        task = progress.add_task("", total=os.fstat(stream.fileno()).st_size)

        def tell(report: Report) -> None:
            done = f"{report.read:,} lines"
            progress.update(task, completed=stream.tell(), description=done)

        report = ingest(engine, lines_of(pieces_of(stream)), datetime.now(UTC), tell=tell)
    _out.print(
        f"New: {report.accepted:,}, unchanged: {report.unchanged:,}, "
        f"given newer figures: {report.replaced:,}, refused: {report.refused_total:,}"
    )
    for refusal in report.refused:
        for one in refusal.errors:
            hint = f" ({one.hint})" if one.hint else ""
            where = f"  line {refusal.line}, {one.field or '/'}"
            _out.print(f"{where}: {one.message}{hint}", markup=False)
    if report.refused_total > LISTED:
        _out.print(f"  … and {report.refused_total - LISTED:,} lines more")
    if report.refused_total:
        raise typer.Exit(1)


@past_drops.command("list")
def list_past_drops(
    creator: Annotated[str | None, typer.Option(help="Only this creator's.")] = None,
    category: Annotated[str | None, typer.Option(help="As in apparel.")] = None,
    country: Annotated[str | None, typer.Option(help="With figures of it, as in FR.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
) -> None:
    """Past drops in the order of their ids, their figures added up over the countries."""
    filters = read_filters(creator, category, country)
    with migrated(settings()) as engine, transaction(engine) as session:
        found = search(session, filters, limit=limit)
        counted = totals(session, filters)
    if not found:
        _out.print("No past drop is like that")
        return
    table = Table("drop", "creator", "category", "launched on", box=None)
    for name in ("countries", "reached", "visits", "orders", "returns"):
        table.add_column(name, justify="right")
    for one in found:
        markets = markets_of(one)
        name = f"{one.id} (sample)" if one.sample else one.id
        figures = [
            len(markets),
            sum(market.reached for market in markets),
            sum(market.visits for market in markets),
            sum(market.orders for market in markets),
            sum(market.returns for market in markets),
        ]
        words = map(escape, (name, one.creator, one.category))
        table.add_row(*words, one.launched_on.isoformat(), *(f"{figure:,}" for figure in figures))
    _out.print(table)
    _out.print(
        f"{len(found):,} of {counted.drops:,} past drops; creators: {counted.creators:,}, "
        f"made up: {counted.sample_drops:,}"
    )


@past_drops.command()
def example() -> None:
    """A line as `import` reads it; what each field means goes to standard error."""
    fields = Table("field", "what it is", box=None)
    for name, one in PastDropLine.model_fields.items():
        fields.add_row(name, one.description)
    for name, one in PastMarketLine.model_fields.items():
        fields.add_row(escape(f"markets[].{name}"), one.description)
    _err.print(fields)
    typer.echo(json.dumps(EXAMPLE))
