"""`governance providers ingest`: take in a file of events, one a line."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from governance.db import migrated
from governance.errors import InvalidRequest
from governance.providers.events.ingest import ingest
from governance.providers.events.lines import lines_of, pieces_of
from governance.providers.events.report import Report
from governance.settings import settings

_SHOWN = 10
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False)


def ingest_file(
    file: Annotated[Path, typer.Argument(help="NDJSON: a CloudEvent a line.")],
) -> None:
    """Take in a file of providers' events; to take it in again changes nothing.

    Bad events are set aside with their line and the reason, and the rest lands; exit code 1 where
    there are any.
    """
    if not file.is_file():
        raise InvalidRequest(f"There is no file {file}")
    columns = BarColumn(), DownloadColumn(), TextColumn("{task.description}"), TimeRemainingColumn()
    progress = Progress(*columns, console=_err, transient=True, disable=not _err.is_terminal)
    with migrated(settings()) as engine, progress, file.open("rb") as stream:
        task = progress.add_task("", total=os.fstat(stream.fileno()).st_size)

        def tell(report: Report) -> None:
            done = f"{report.read:,} events"
            progress.update(task, completed=stream.tell(), description=done)

        report = ingest(engine, lines_of(pieces_of(stream)), datetime.now(UTC), tell=tell)
    _out.print(
        f"Taken in: {report.accepted:,}, there already: {report.repeated:,}, "
        f"set aside: {report.set_aside_total:,}"
    )
    for one in report.set_aside[:_SHOWN]:
        hint = f" ({one.hint})" if one.hint else ""
        _out.print(f"  line {one.line}, {one.pointer or '/'}: {one.message}{hint}", markup=False)
    if report.set_aside_total > _SHOWN:
        _out.print(f"  … and {report.set_aside_total - _SHOWN:,} more")
    if report.set_aside_total:
        raise typer.Exit(1)
