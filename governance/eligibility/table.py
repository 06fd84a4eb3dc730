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
_MOST_REASONS = 6


def verdict_text(verdict: str) -> Text:
    """A verdict in its colour."""
    return Text(verdict.replace("_", " "), style=COLOURS[verdict])


def print_answer(answer: Mapping[str, Any], out: Console) -> None:
    """The verdict of every market, and what stands against it."""
    table = Table(header_style="bold", show_lines=False)
    for heading in ("market", "verdict", "way in", "why, and what would change it"):
        table.add_column(heading, overflow="fold")
    for market in answer["markets"]:
        table.add_row(
            f"{market['market']} {place_name(market['market'])}",
            verdict_text(market["verdict"]),
            market["import_mode"].replace("_", " "),
            _reasons(market),
        )
        for region in market["regions"]:
            table.add_row(
                f"  {region['region']} {place_name(region['region'])}",
                verdict_text(region["verdict"]),
                region["import_mode"].replace("_", " "),
                _reasons(region),
            )
    out.print(table)
    out.print(
        f"decision {answer['decision_id']}  as of {answer['as_of']}  release {answer['release']}",
        style="bright_black",
    )


def reasons_of(verdict: Mapping[str, Any]) -> list[str]:
    """The reasons of the way in that the verdict is for."""
    for mode in verdict["import_modes"]:
        if mode["import_mode"] == verdict["import_mode"]:
            return [reason["message"] for reason in mode["reasons"]]
    return []


def _reasons(verdict: Mapping[str, Any]) -> str:
    found = reasons_of(verdict)
    shown = [f"• {message}" for message in found[:_MOST_REASONS]]
    if len(found) > _MOST_REASONS:
        shown.append(f"… and {len(found) - _MOST_REASONS} more (--json shows all)")
    return "\n".join(shown)
