"""A comparison for people to read: a column a provider, the best of each line in green."""

from collections.abc import Callable, Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from governance.providers.comparison.schemas import ComparedMetric, ComparisonOut, ProviderRow
from governance.providers.schemas import in_words
from governance.providers.words import METRICS

_UNKNOWN = "[dim]not known[/]"


def print_comparison(found: ComparisonOut, console: Console) -> None:
    """Print the comparison as a table, and below it what is not known and why."""
    goods = f" of {', '.join(found.goods)}" if found.goods else ""
    start = f" from {found.from_country}" if found.from_country else ""
    title = f"{found.service.value} to {found.market}{start}, {found.weight_grams:,} g{goods}"
    table = Table("", title=escape(title), title_justify="left", box=None, padding=(0, 2, 0, 0))
    for row in found.providers:
        table.add_column(escape(row.id), overflow="fold")
    for name, cell in _lines(found):
        table.add_row(name, *(cell(row) for row in found.providers))
    console.print(table)
    for row in found.providers:
        for one in row.not_known:
            console.print(f"{row.id}: {one.field}: {one.why}", markup=False, style="dim")
        for message in row.quote.messages if row.quote else ():
            console.print(f"{row.id}: {message.sentence}", markup=False)
    if found.note:
        console.print(found.note, markup=False)


def _lines(found: ComparisonOut) -> Iterator[tuple[str, Callable[[ProviderRow], str]]]:
    yield "name", lambda row: escape(row.name) + (" (sample)" if row.sample else "")
    yield "standing", lambda row: f"{row.standing.value} since {row.standing_since.date()}"
    for currency in sorted({one.cost.currency for row in found.providers for one in row.cheapest}):
        yield f"cheapest in {currency}", _cheapest(currency)
    yield "fastest", _fastest
    yield "quoted now", _quoted
    if found.goods:
        yield "refuses of it", _refuses
    counted = {one.name for row in found.providers for one in row.metrics}
    for name in (name for name in METRICS if name in counted):
        yield name, _metric(name)
    promised = {one.metric for row in found.providers for one in row.slas}
    for name in (name for name in METRICS if name in promised):
        yield f"promised {name}", _promised(name)
    yield f"units in {found.market}", _capacity


def _cheapest(currency: str) -> Callable[[ProviderRow], str]:
    def cell(row: ProviderRow) -> str:
        offers = [in_words(one) for one in row.cheapest if one.cost.currency == currency]
        return _best(row, f"cheapest.{currency}", *offers) if row.cheapest else _UNKNOWN

    return cell


def _fastest(row: ProviderRow) -> str:
    return _UNKNOWN if row.fastest is None else _best(row, "fastest", in_words(row.fastest))


def _quoted(row: ProviderRow) -> str:
    if row.quote is None or row.quote.rates is None:
        return _UNKNOWN
    return "\n".join(escape(in_words(one)) for one in row.quote.rates) or "does not take it"


def _refuses(row: ProviderRow) -> str:
    if "refuses" in {one.field for one in row.not_known}:
        return _UNKNOWN
    return "\n".join(escape(f"{one.word}: {', '.join(one.lanes)}") for one in row.refuses) or "none"


def _metric(name: str) -> Callable[[ProviderRow], str]:
    def cell(row: ProviderRow) -> str:
        figures = [_figure(one) for one in row.metrics if one.name == name]
        return _best(row, name, *figures) if figures else _UNKNOWN

    return cell


def _figure(metric: ComparedMetric) -> str:
    if metric.estimate is not None:
        one = metric.estimate
        return f"{one.mean:.1%} ({one.p10:.1%} to {one.p90:.1%}, {one.shipments:,} seen)"
    if metric.duration is not None:
        took = metric.duration
        return f"{took.median:.1f}, P90 {took.p90:.1f} ({took.shipments:,} seen)"
    return "none in 90 days"


def _promised(name: str) -> Callable[[ProviderRow], str]:
    def cell(row: ProviderRow) -> str:
        values = (f"{one.value:g}" for one in row.slas if one.metric == name)
        return next(values, _UNKNOWN)

    return cell


def _capacity(row: ProviderRow) -> str:
    places = [f"{node.capacity_units:,} {node.name}" for node in row.nodes]
    return "\n".join(map(escape, places)) or _UNKNOWN


def _best(row: ProviderRow, column: str, *cells: str) -> str:
    text = escape("\n".join(cells))
    return f"[green]{text}[/]" if text and column in row.best else text
