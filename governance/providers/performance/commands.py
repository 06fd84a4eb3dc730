"""`governance providers scorecard`: how a provider does, as a table a service and market."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from governance.db import migrated, transaction
from governance.markets.countries import place_name
from governance.providers.performance.counts import WINDOWS
from governance.providers.performance.priors import learn
from governance.providers.performance.scorecard import scorecard
from governance.providers.performance.scorecard_query import read_asked
from governance.providers.performance.scorecard_schemas import (
    ScorecardOut,
    ScoredCell,
    ScoredMetric,
    TrendOut,
)
from governance.providers.vetting.standing_text import standing_text
from governance.settings import settings

_out = Console(highlight=False)
_NOTHING = "[dim]nothing counted[/]"
_DIRECTIONS = {
    "better": "[green]better[/]",
    "worse": "[red]worse[/]",
    "steady": "steady",
    "unknown": "[dim]not known[/]",
}
_BARS = "▁▂▃▄▅▆▇█"
_GAP = "·"


def show_scorecard(
    provider: Annotated[str, typer.Argument(help="The provider's id.")],
    as_of: Annotated[
        str | None, typer.Option(help="A day, to its end, or an instant; unset: now.")
    ] = None,
    service: Annotated[str | None, typer.Option(help="Only this one, as in fulfilment.")] = None,
    market: Annotated[str | None, typer.Option(help="Only this one, as in DE.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """How a provider does by service and market: counts, estimates, promises and trends.

    Weeks are drawn from the worst of them to the best, the latest on the right; a dot is a week
    without anything.
    """
    asked = read_asked(datetime.now(UTC), as_of, service, market)
    with migrated(settings()) as engine, transaction(engine) as session:
        found = scorecard(session, provider, asked, learn(session, asked.as_of))
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        _print(found, every_cell=service is not None or market is not None)


def _print(found: ScorecardOut, *, every_cell: bool) -> None:
    of = found.provider
    sample = "  (sample data)" if of.sample else ""
    _out.print(
        f"[bold]{escape(of.id)}[/]  {escape(of.name)}  {standing_text(of.standing)} since "
        f"{of.standing_since:%Y-%m-%d}{sample}"
    )
    _out.print(f"As of {found.as_of:%Y-%m-%d %H:%M} UTC; estimates hold with 80 %", style="dim")
    shown = [cell for cell in found.cells if every_cell or any(m.shipments for m in cell.metrics)]
    for cell in shown:
        _out.print(_table(cell))
    if hidden := len(found.cells) - len(shown):
        _out.print(
            f"\nNothing was counted in {hidden} services in markets: "
            "--service and --market show what is promised there",
            style="dim",
        )
    if not found.cells:
        _out.print("It offers no such service, and was never counted at one")


def _table(cell: ScoredCell) -> Table:
    offered = "" if cell.offered else " (not among its services)"
    title = f"\n{cell.service.value} in {place_name(cell.market)}{offered}"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("metric", no_wrap=True)
    for days in WINDOWS:
        table.add_column(f"{days} days", no_wrap=True, justify="right")
    for name in ("estimate", "promised", "trend"):
        table.add_column(name)
    table.add_column("weeks", no_wrap=True)
    for one in cell.metrics:
        table.add_row(one.name, *_windows(one), _estimate(one), _promised(one), *_course(one))
    return table


def _windows(one: ScoredMetric) -> list[str]:
    if one.unit == "rate":
        return [f"{window.hits:,} of {window.trials:,}" for window in one.windows]
    found = {took.days: took for took in one.durations}
    return [f"{found[days].shipments:,}" if days in found else "0" for days in WINDOWS]


def _estimate(one: ScoredMetric) -> str:
    if one.estimate is not None:
        known = one.estimate
        low, high = (_percent(rate).removesuffix(" %") for rate in (known.p10, known.p90))
        return f"{_percent(known.mean)} ({low} to {high})"
    if not one.durations:
        return _NOTHING
    took = one.durations[-1]
    return f"{took.median:.1f} {one.unit}, 9 of 10 in {took.p90:.1f}"


def _promised(one: ScoredMetric) -> str:
    lines = []
    for promise in one.promises:
        value = _percent(promise.value) if one.unit == "rate" else f"{promise.value:g} {one.unit}"
        lines.append(f"[red]{value}, not kept[/]" if promise.contradicted else value)
    return "\n".join(lines)


def _course(one: ScoredMetric) -> tuple[str, str]:
    if one.trend is None:
        return "", ""
    return _DIRECTIONS[one.trend.direction], _weeks(one.trend, one.lower_is_better)


def _weeks(trend: TrendOut, lower_is_better: bool) -> str:
    """A bar a week: the lowest for its worst week, the highest for its best."""
    rates = [week.hits / week.trials if week.trials else None for week in trend.weeks]
    good = [None if rate is None else 1 - rate if lower_is_better else rate for rate in rates]
    known = [rate for rate in good if rate is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    if low == high:  # nothing to compare with but the rate itself
        low, high = 0.0, 1.0
    most = len(_BARS) - 1
    return "".join(
        _GAP if rate is None else _BARS[round(most * (rate - low) / (high - low))] for rate in good
    )


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f} %"
