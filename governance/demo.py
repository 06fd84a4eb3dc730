"""The demo: a US creator's drop of five products, asked for every covered market."""

import json
import tempfile
from pathlib import Path
from typing import Any

import uvicorn
from rich.console import Console
from rich.padding import Padding
from rich.progress import track
from rich.table import Table
from rich.text import Text

from governance.access import keys
from governance.access.caller import Caller
from governance.access.models import Role
from governance.app import create_app, open_pipeline
from governance.db import transaction
from governance.eligibility import service
from governance.eligibility.schemas import EligibilityRequest
from governance.eligibility.table import lines_of, verdict_cell, verdict_text, verdicts_of
from governance.gates.pipeline import Pipeline
from governance.markets.countries import place_name
from governance.settings import Settings, settings

_LONGEST_WORD = len("prohibited")
_DROP = Path(__file__).parent / "demo_drop.json"
OFFER = {"units_per_consignment": 1, "shipped_by": "express"}
SELLER = {"id": "creator-1", "established_in": "US", "kind": "creator"}


def run_demo(out: Console, *, port: int | None) -> None:
    """Judge the drop, print the verdicts, and serve the API on `port` (None: do not serve).

    It works in a folder of its own, so that it never mixes with a real decision log.
    """
    folder = Path(tempfile.mkdtemp(prefix="governance-demo-"))
    configured = settings().model_copy(update={"data_dir": folder, "database_url": None})
    pipeline = open_pipeline(configured)
    with transaction(pipeline.engine) as session:
        caller = Caller("demo", "portal", pipeline.gates(session))
    answers = [
        json.loads(service.check(pipeline, request, caller))
        for request in track(_requests(), "Judging the drop", console=out, transient=True)
    ]
    _print_matrix(answers, out)
    for request, answer in zip(_requests(), answers, strict=True):
        _print_reasons(request.product.title, answer, out)
    out.print(f"\nrelease {answers[0]['release']}", style="bright_black")
    again = f"GOVERNANCE_DATA_DIR={folder} governance replay {answers[0]['decision_id']}"
    out.print(f"Decide one of them again: {again}", style="bright_black", soft_wrap=True)
    out.print(
        "Nothing here is legal advice: every rule names its source; read it before you rely on it.",
        style="bright_black",
    )
    if port is not None:
        _serve(pipeline, configured, port, out)


def _requests() -> list[EligibilityRequest]:
    drop: list[dict[str, Any]] = json.loads(_DROP.read_text("utf-8"))
    return [
        EligibilityRequest.model_validate(
            {
                "as_of": "2026-11-22",
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


def _serve(pipeline: Pipeline, configured: Settings, port: int, out: Console) -> None:
    with transaction(pipeline.engine, write=True) as session:
        _, key = keys.create(session, keys.load_secret(configured), name="demo", role=Role.ADMIN)
    pipeline.engine.dispose()
    out.print(f"\nDocumentation page: http://127.0.0.1:{port}/docs  (Ctrl-C ends it)")
    out.print(f"API key of this demo: {key}", soft_wrap=True)
    uvicorn.run(create_app(configured), host="127.0.0.1", port=port, log_level="warning")
