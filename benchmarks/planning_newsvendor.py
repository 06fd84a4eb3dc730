"""The newsvendor against stockpyl on the instances of its textbook, and against simulation."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table
from stockpyl.instances import load_instance
from stockpyl.newsvendor import newsvendor_discrete, newsvendor_normal, newsvendor_normal_explicit

from governance.planning.newsvendor import (
    UnitTerms,
    best_normal_quantity,
    expected_normal_profit,
    profit,
    stock_for_futures,
)

_FUTURES = 200_000
_SEED = 4
_MOST_OFF = 1e-6
_MOST_SIMULATED_OFF = 0.01
_MINOR = 100
_COSTS = ("example_4_1", "problem_4_1")  # instances that give costs of too many and too few
_PRICES = ("example_4_2", "problem_4_3b")  # and those that give prices
_DISCRETE = "problem_4_7b"


def _terms(underage: float, overage: float) -> UnitTerms:
    """Terms with these costs in whole currency units, on some price and cost."""
    cost = round(overage * _MINOR)
    return UnitTerms(price=cost + round(underage * _MINOR), cost=cost, salvage=0)


def _normal_instances() -> Iterator[tuple[str, UnitTerms, float, float, float, float]]:
    """Name, terms, mean, deviation, and stockpyl's quantity and profit in minor units."""
    for name in _COSTS:
        one = load_instance(name)
        terms = _terms(one["stockout_cost"], one["holding_cost"])
        quantity, cost = newsvendor_normal(**one)
        mean, deviation = one["demand_mean"], one["demand_sd"]
        yield (
            name,
            terms,
            mean,
            deviation,
            float(quantity),
            float(terms.margin * mean - cost * _MINOR),
        )
    for name in _PRICES:
        one = load_instance(name)
        terms = UnitTerms(
            price=round(one["revenue"] * _MINOR),
            cost=round(one["purchase_cost"] * _MINOR),
            salvage=round(one["salvage_value"] * _MINOR),
        )
        quantity, earned = newsvendor_normal_explicit(**one)
        yield (
            name,
            terms,
            one["demand_mean"],
            one["demand_sd"],
            float(quantity),
            float(earned) * _MINOR,
        )


def measured(data: Path, step: Callable[[str], None]) -> dict[str, Any]:
    """`{"normal": [{instance, quantity, profit, …}], "discrete": {…}}`; needs no data."""
    step("Stocking for the instances of a textbook …")
    rows = []
    for name, terms, mean, deviation, theirs, their_profit in _normal_instances():
        quantity = best_normal_quantity(terms, mean, deviation)
        earned = expected_normal_profit(terms, quantity, mean, deviation)
        demand = np.random.default_rng(_SEED).normal(mean, deviation, _FUTURES)
        simulated = float(profit(terms, quantity, demand).mean())
        rows.append(
            {
                "instance": name, "quantity": quantity, "profit": earned, "simulated": simulated,
                "quantity_off": abs(quantity / theirs - 1),
                "profit_off": abs(earned / their_profit - 1),
                "simulated_off": abs(simulated / earned - 1),
            }
        )  # fmt: skip
    return {"normal": rows, "discrete": _discrete()}


def _discrete() -> dict[str, Any]:
    """A distribution of few values, as futures of which each value has its share."""
    one = load_instance(_DISCRETE)
    odds = {int(units): share for units, share in one["demand_pmf"].items()}
    theirs, cost = newsvendor_discrete(one["holding_cost"], one["stockout_cost"], demand_pmf=odds)
    terms = _terms(one["stockout_cost"], one["holding_cost"])
    futures = np.repeat(list(odds), [round(100 * share) for share in odds.values()])
    ours = stock_for_futures(terms, futures)
    return {
        "instance": _DISCRETE, "quantity": ours.quantity, "stockpyl": int(theirs),
        "cost_off": abs(ours.expected_cost / (float(cost) * _MINOR) - 1),
    }  # fmt: skip


def targets(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each target with its figure."""
    rows = figures["normal"]
    exact = max(
        *(max(row["quantity_off"], row["profit_off"]) for row in rows),
        figures["discrete"]["cost_off"],
        abs(figures["discrete"]["quantity"] / figures["discrete"]["stockpyl"] - 1),
    )
    simulated = max(row["simulated_off"] for row in rows)
    return [
        {
            "target": "Newsvendor: furthest from stockpyl, relatively",
            "wanted": f"at most {_MOST_OFF:g}", "found": float(f"{exact:.2g}"),
            "met": exact <= _MOST_OFF,
        },
        {
            "target": "Newsvendor: simulated profit furthest from the formula's, relatively",
            "wanted": f"at most {_MOST_SIMULATED_OFF:g}", "found": float(f"{simulated:.2g}"),
            "met": simulated <= _MOST_SIMULATED_OFF,
        },
    ]  # fmt: skip


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Print a row for every instance."""
    right = ("quantity", "off", "profit", "off", "simulated", "off")
    table = Table(
        "Instance", *(Column(one, justify="right") for one in right),
        title="Newsvendor: stockpyl's instances, money in minor units", box=SIMPLE,
        padding=(0, 1, 0, 0), pad_edge=False,
    )  # fmt: skip
    for row in figures["normal"]:
        table.add_row(
            row["instance"], f"{row['quantity']:,.4f}", f"{row['quantity_off']:.0e}",
            f"{row['profit']:,.2f}", f"{row['profit_off']:.0e}",
            f"{row['simulated']:,.2f}", f"{row['simulated_off']:.2%}",
        )  # fmt: skip
    console.print(table)
    one = figures["discrete"]
    console.print(
        f"{one['instance']}, of few values: {one['quantity']} units, stockpyl {one['stockpyl']}; "
        f"cost off by {one['cost_off']:.0e}.",
        highlight=False,
    )
