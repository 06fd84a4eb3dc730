"""Shows an answer on a terminal: a coloured table, then the reasons."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from governance.markets.countries import place_name

COLOURS = {
    "allowed": "bold green",
    "needs_evidence": "yellow",
    "needs_facts": "cyan",
    "needs_review": "magenta",
    "unknown": "bright_black",
    "prohibited": "bold red",
}


def verdict_text(verdict: str) -> Text:
    """A verdict in its colour."""
    return Text(verdict.replace("_", " "), style=COLOURS[verdict])


def print_answer(answer: Mapping[str, Any], out: Console) -> None:
    """The verdict of every market, and what stands against it."""
    table = Table(header_style="bold")
    table.add_column("market")
    table.add_column("verdict", no_wrap=True)
    table.add_column("why, and what would change it", ratio=1, overflow="fold")
    for market in answer["markets"]:
        for code, verdict in verdicts_of(market):
            table.add_row(
                f"{code} {place_name(code)}", verdict_cell(verdict), "\n".join(lines_of(verdict))
            )
    out.print(table)
    out.print(
        f"decision {answer['decision_id']}  as of {answer['as_of']}  release {answer['release']}",
        style="bright_black",
    )


def verdict_cell(verdict: Mapping[str, Any]) -> Text:
    """A verdict over the way in that it is for."""
    cell = verdict_text(verdict["verdict"])
    return cell.append(f"\n{verdict['import_mode'].replace('_', ' ')}", style="dim")


def verdicts_of(market: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The market's verdict and those of its regions that differ, each with its code."""
    return [(market["market"], market), *((r["region"], r) for r in market["regions"])]


def lines_of(verdict: Mapping[str, Any]) -> list[str]:
    """What stands against the sale by the way in that the verdict is for, a line each."""
    (mode,) = (
        mode for mode in verdict["import_modes"] if mode["import_mode"] == verdict["import_mode"]
    )
    lines = [
        reason["message"]
        for reason in mode["reasons"]
        if reason["code"] not in ("needs_facts", "needs_evidence")
    ]
    for heading, missing in (
        ("Please declare", mode["missing_facts"]),
        ("Needed before the sale", mode["missing_evidence"]),
    ):
        if missing:
            lines.append(f"{heading}: {'; '.join(one['title'] for one in missing)}.")
    return [f"• {line}" for line in lines]
