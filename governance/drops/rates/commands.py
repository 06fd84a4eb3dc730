"""The `exchange-rates` commands: import, show."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from governance.db import migrated, transaction
from governance.drops.rates import store
from governance.drops.rates.endpoints import read_day
from governance.drops.rates.reading import read_file
from governance.settings import settings

exchange_rates = typer.Typer(
    name="exchange-rates",
    help="Exchange rates by day: what plans convert money by.",
    no_args_is_help=True,
)
_out = Console(highlight=False, soft_wrap=True)


@exchange_rates.command("import")
def import_file(
    file: Annotated[
        Path,
        typer.Argument(
            help='JSON: {"day", "base", "source", "rates": {"USD": "1.1553"}}, or a list of these.'
        ),
    ],
) -> None:
    """Write the rates of each day of a file, or none: every error is told with its place."""
    now = datetime.now(UTC)
    days = read_file(file, now.date())
    with migrated(settings()) as engine, transaction(engine, write=True) as session:
        for day, document in sorted(days.items()):
            done = "new" if store.put(session, day, document, now) else "replaced"
            _out.print(f"{done} {day}: {len(document.rates)} currencies for one {document.base}")


@exchange_rates.command()
def show(
    on: Annotated[str | None, typer.Option(help="A day, YYYY-MM-DD; unset: today (UTC).")] = None,
) -> None:
    """The rates that hold on a day: those of the latest day up to it."""
    today = datetime.now(UTC).date()
    day = today if on is None else read_day("on", on)
    with migrated(settings()) as engine, transaction(engine) as session:
        stored = store.latest(session, day)
    made_up = ", made up" if stored.sample else ""
    age = (day - stored.day).days
    _out.print(f"{stored.day} ({age:,} days before {day}), {stored.source}{made_up}", markup=False)
    table = Table("currency", box=None)
    table.add_column(f"for one {stored.base}", justify="right")
    for currency, rate in stored.rates.items():
        table.add_row(escape(currency), rate)
    _out.print(table)
