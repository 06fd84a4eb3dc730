"""The demo's drop: five products of a US creator, judged for every covered market."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.progress import track
from rich.table import Table
from rich.text import Text

from governance.access.caller import Caller
from governance.db import transaction
from governance.eligibility import service
from governance.eligibility.schemas import EligibilityRequest
from governance.eligibility.table import lines_of, verdict_cell, verdict_text, verdicts_of
from governance.gates.pipeline import Pipeline
from governance.markets.countries import place_name

DAY = "2026-11-22"
"""The day of the demo: the law of that day, and the history of providers up to it."""

OFFER = {"units_per_consignment": 1, "shipped_by": "express"}
SELLER = {"id": "creator-1", "established_in": "US", "kind": "creator"}
_LONGEST_WORD = len("prohibited")
_DROP = Path(__file__).parent / "drop.json"


def judge_drop(pipeline: Pipeline, out: Console) -> list[dict[str, Any]]:
    """The answers for the drop's products, each on the record."""
    with transaction(pipeline.engine) as session:
        caller = Caller("demo", "portal", pipeline.gates(session))
    return [
        json.loads(service.check(pipeline, request, caller))
        for request in track(_requests(), "Judging the drop", console=out, transient=True)
    ]


def print_drop(answers: list[dict[str, Any]], out: Console) -> None:
    """The verdict of every market and product, then what stands against the sales."""
    _print_matrix(answers, out)
    for request, answer in zip(_requests(), answers, strict=True):
        _print_reasons(request.product.title, answer, out)


def _requests() -> list[EligibilityRequest]:
    drop: list[dict[str, Any]] = json.loads(_DROP.read_text("utf-8"))
    return [
        EligibilityRequest.model_validate(
            {
                "as_of": DAY,
                "seller": SELLER | {"attributes": item["seller"]},
                "product": item["product"],
                "offer": OFFER | {"attributes": item["offer"]},
                "markets": "all",
                "evidence": item["evidence"],
            }
        )
        for item in drop
    ]


def _print_matrix(answers: list[dict[str, Any]], out: Console) -> None:
    table = Table(title="Where may it be sold, and how does it come in?", header_style="bold")
    table.add_column("market")
    for request in _requests():
        table.add_column(request.product.title, min_width=_LONGEST_WORD)
    for row in zip(*(answer["markets"] for answer in answers), strict=True):
        code = row[0]["market"]
        table.add_row(f"{code} {place_name(code)}", *(_cell(market) for market in row))
    out.print(table)


def _cell(market: dict[str, Any]) -> Text:
    cell = verdict_cell(market)
    for code, region in verdicts_of(market)[1:]:
        cell.append(f"\n{code}: ", style="dim").append_text(verdict_text(region["verdict"]))
    return cell


def _print_reasons(title: str, answer: dict[str, Any], out: Console) -> None:
    out.print(f"\n[bold]{title}[/]  [bright_black]decision {answer['decision_id']}[/]")
    for market in answer["markets"]:
        for code, verdict in verdicts_of(market):
            if verdict["verdict"] != "allowed":
                out.print("  ", verdict_text(verdict["verdict"]), f" in {place_name(code)}", sep="")
                for line in lines_of(verdict):
                    out.print(Padding(Text(line), (0, 0, 0, 4)))
