"""A plan on a terminal: verdicts, forecast, stock by location, landed cost, providers."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from governance.drops.report import costs as plan_costs
from governance.drops.report import markets as plan_markets
from governance.drops.report import stock as plan_stock
from governance.drops.report.forecast import forecast
from governance.drops.report.words import (
    GATE,
    VERDICTS,
    capital,
    change_words,
    count,
    days,
    listed,
    money,
    percent,
)
from governance.eligibility.table import COLOURS

_NOT_SERVED_COLOUR = "blue"


def print_plan(plan: Mapping[str, Any], decision: Mapping[str, Any] | None, out: Console) -> None:
    """The plan in tables; `decision` is the drop gate's (as in `view.report`) or None."""
    out.print()
    out.print(Text(f"{plan['title']}: the plan", style="bold"))
    _print_gate(decision, out)
    _print_markets(plan_markets.markets(plan, decision), out)
    _print_forecast(plan, out)
    _print_stock(plan, out)
    _print_landed(plan, out)
    _print_providers(plan, out)
    out.print(f"plan {plan['digest']}", style="bright_black", soft_wrap=True)


def _print_gate(decision: Mapping[str, Any] | None, out: Console) -> None:
    if decision is None:
        out.print("The drop gate has not judged it yet.")
        return
    verdict = decision["verdict"]
    out.print(Text(f"It {GATE[verdict]}.", style=COLOURS[verdict]))
    for one in decision["reasons"]:
        out.print(Text(f"  • {one['message']}"))
    for one in decision["changes"]:
        out.print(Text(f"  would pass with: {change_words(one)}"))


def _print_markets(markets: Sequence[plan_markets.Market], out: Console) -> None:
    table = Table(title="Where may it be sold?", header_style="bold")
    table.add_column("verdict", no_wrap=True)
    table.add_column("markets", justify="right")
    table.add_column("which", ratio=1)
    for verdict, many in plan_markets.tally(markets).items():
        style = COLOURS.get(verdict, _NOT_SERVED_COLOUR)
        names = [one.name for one in markets if one.verdict == verdict]
        table.add_row(Text(VERDICTS[verdict], style=style), str(many), Text(", ".join(names)))
    out.print(table)


def _print_forecast(plan: Mapping[str, Any], out: Console) -> None:
    found = forecast(plan)
    table = Table(title="What is to be expected?", header_style="bold")
    table.add_column("the whole drop")
    for name in ("P10", "P50", "P90"):
        table.add_column(name, justify="right", no_wrap=True)
    for stage in found.stages:
        table.add_row(stage.title, *map(count, stage.figures))
    out.print(table)
    if found.best and found.worst:
        out.print(
            f"Visits become orders best in {found.best.name} ({percent(found.best.conversion[1])}),"
            f" worst in {found.worst.name} ({percent(found.worst.conversion[1])})."
        )


def _print_stock(plan: Mapping[str, Any], out: Console) -> None:
    currency, totals = plan["currency"], plan["totals"]
    table = Table(title="How much, and where?", header_style="bold")
    table.add_column("location")
    table.add_column("provider")
    table.add_column("units", justify="right", no_wrap=True)
    table.add_column("capacity used", justify="right", no_wrap=True)
    table.add_column("serves", ratio=1)
    for one in plan_stock.locations(plan):
        served = ", ".join(f"{market} {count(units)}" for market, units in one.serves[:6])
        more = f" and {len(one.serves) - 6} more" if len(one.serves) > 6 else ""
        table.add_row(
            Text(f"{one.name}, {one.country}"),
            Text(one.provider),
            count(one.units),
            percent(one.used),
            served + more,
        )
    out.print(table)
    out.print(
        f"{count(totals['units'])} units for {money(totals['stock_cost'], currency)} of "
        f"{money(totals['budget'], currency)}; expected profit "
        f"{money(totals['expected_profit'], currency)} (P10 "
        f"{money(totals['profit_p10'], currency)}, P90 {money(totals['profit_p90'], currency)})."
    )


def _print_landed(plan: Mapping[str, Any], out: Console) -> None:
    table = Table(title="What does a unit cost on arrival?", header_style="bold")
    table.add_column("product")
    table.add_column("cheapest", justify="right")
    table.add_column("dearest", justify="right")
    table.add_column("slowest, days", justify="right")
    for product in plan["products"]:
        rows = sorted(plan_costs.landed(product), key=lambda one: one.total)
        if rows:
            slow = max(rows, key=lambda one: one.days[2])
            table.add_row(
                Text(product["title"]),
                *(
                    f"{money(one.total, plan['currency'])}\n{one.market}"
                    for one in (rows[0], rows[-1])
                ),
                f"{days(slow.days[2])}\n{slow.market}",
            )
    out.print(table)
    for how, share in plan_costs.clearance(plan):
        out.print(f"  {percent(share)} of units: {capital(how)}", highlight=False, markup=False)


def _print_providers(plan: Mapping[str, Any], out: Console) -> None:
    table = Table(title="Who makes it happen?", header_style="bold")
    table.add_column("chain")
    table.add_column("to")
    table.add_column("units", justify="right", no_wrap=True)
    table.add_column("cost a unit", justify="right", no_wrap=True)
    table.add_column("days, P90", justify="right", no_wrap=True)
    for one in plan_costs.chains(plan):
        table.add_row(
            Text(" → ".join(f"{link.service} {link.provider}" for link in one.links)),
            Text(listed(one.markets, 6)),
            count(one.units),
            "\n".join(money(cost, plan["currency"]) for cost in dict.fromkeys(one.costs)),
            days(one.days[2]),
        )
    out.print(table)
