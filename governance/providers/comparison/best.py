"""The best of each column: where a figure is plain, or a difference certain."""

from collections.abc import Iterator, Sequence

from governance.providers.comparison.schemas import ProviderRow


def mark_best(rows: Sequence[ProviderRow]) -> None:
    """Write into each row's `best` where it is: `cheapest.EUR`, `fastest`, a metric.

    A cost or a time is best where no other is lower and one is higher. A rate is best where its
    interval (80 %) touches none of the others'. What only one row has is compared with nothing.
    """
    plain: dict[str, list[tuple[float, ProviderRow]]] = {}
    rates: dict[str, list[tuple[float, float, ProviderRow]]] = {}
    for row in rows:
        for column, figure in _figures(row):
            plain.setdefault(column, []).append((figure, row))
        for one in row.metrics:
            if one.estimate is not None:
                sign = 1 if one.lower_is_better else -1
                ends = sorted((sign * one.estimate.p10, sign * one.estimate.p90))
                rates.setdefault(one.name, []).append((ends[0], ends[1], row))
    for column, cells in plain.items():
        lowest = min(figure for figure, _ in cells)
        if any(figure > lowest for figure, _ in cells):
            for row in (row for figure, row in cells if figure == lowest):
                row.best.append(column)
    for column, intervals in rates.items():
        for _, high, row in intervals:
            others = [low for low, _, other in intervals if other is not row]
            if others and high < min(others):
                row.best.append(column)


def _figures(row: ProviderRow) -> Iterator[tuple[str, float]]:
    for offer in row.cheapest:
        yield f"cheapest.{offer.cost.currency}", offer.cost.minor_units
    if row.fastest is not None:
        yield "fastest", row.fastest.lead_days.p90
    quoted: dict[str, int] = {}
    for rate in (row.quote and row.quote.rates) or ():
        price = rate.cost.minor_units
        quoted[rate.cost.currency] = min(price, quoted.get(rate.cost.currency, price))
    for currency, price in quoted.items():
        yield f"quote.{currency}", price
