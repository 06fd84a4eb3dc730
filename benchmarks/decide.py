"""Benchmark: the same rules and the same facts through this service, OPA alone and zen-engine.

A generated library of 2,000 rules over 38 markets and 24 categories; the answers of all must be the
same, or the run fails. Then ten times the rules, the real library, and the service over HTTP.
"""

import json
import os
import platform
from contextlib import ExitStack
from datetime import date
from typing import Annotated, Any

import facts
import growth
import report
import typer
from generate import Generator
from http_load import load
from measure import Side, percentiles, ratio, ratio_of_best, resident_mb, take_turns
from ours import POLICIES, Pipeline, real_library
from peers.opa import find_opa, opa_server
from peers.rules import Answer, covered_cells, peer_request, peer_rules
from peers.zen import LAYOUTS, ZenPeer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from words import AS_OF, CATEGORIES, MARKETS

from governance.rules.library import load_library
from governance.rules.model import Library

_err = Console(stderr=True)


def decide(
    quick: Annotated[
        bool, typer.Option("--quick", help="A tenth of the rules, few rounds: tries the script.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of tables.")
    ] = False,
) -> None:
    """Compare this service with OPA alone and zen-engine: same rules, same facts, same answers.

    Ratios are medians over rounds in which all take turns; they hold on a busy machine, absolute
    figures do not. Exit code 1 where answers differ. OPA is taken from OPA_BINARY or PATH and left
    out with a message where there is none. A full run takes some three minutes and 2 GB.
    """
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=_err, transient=True) as progress:
        figures = _figures(quick, _Steps(progress))
    if as_json:
        typer.echo(json.dumps(figures, indent=2))
    else:
        report.show(figures, Console())


class _Steps:
    """Says on stderr what is going on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("Generating …")

    def __call__(self, what: str) -> None:
        self._progress.update(self._task, description=what)

    def tick(self) -> None:
        self._progress.advance(self._task)


def _figures(quick: bool, step: _Steps) -> dict[str, Any]:
    rules, rounds, seconds = (200, 1, 1.0) if quick else (2_000, 9, 10.0)
    generator = Generator()
    before = resident_mb()
    library = load_library(generator.files(rules))
    count = len(CATEGORIES) * (1 if quick else 4)
    requests = facts.requests(generator, library, count, "commercial")
    open_mode = facts.requests(generator, library, count, None)
    pipeline = Pipeline(library)
    step("Compiling the rules of every category …")
    answers = [pipeline.answer(pipeline.ask(request)) for request in requests]
    after = resident_mb()
    figures: dict[str, Any] = {
        "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
        "library": {
            "rules": rules, "markets": len(MARKETS), "categories": len(CATEGORIES),
            "requests": len(requests), "rounds": rounds,
        },
        "answers": report.described(answers),
        "memory": {"before_mb": before, "with_library_mb": after},
    }  # fmt: skip
    step("Judging through this service, OPA and zen-engine in turn …")
    figures["peers"] = _compared(library, pipeline, answers, requests, rounds, step)
    step("Judging every way in …")
    every_mode = Side("governance", pipeline.ask, open_mode)
    take_turns([every_mode], rounds, step.tick)
    figures["import_mode_open"] = percentiles(every_mode.wall)
    step("Loading ten times the rules …")
    figures["growth"] = growth.measured(generator, rules, pipeline, requests, rounds, step)
    step("Judging the demo drop by the real library …")
    figures["real_library"] = real_library(rounds)
    step("Serving over HTTP …")
    series = {"http": requests, "http_import_mode_open": open_mode}
    figures |= load(generator.files(rules), POLICIES, series, seconds)
    figures["memory"]["at_the_end_mb"] = resident_mb()
    figures["targets"] = report.targets(figures)
    return figures


def _compared(
    library: Library, pipeline: Pipeline, answers: list[Answer],
    requests: list[dict[str, Any]], rounds: int, step: _Steps,
) -> dict[str, Any]:  # fmt: skip
    """Each peer's time and how many times as long it is as ours; ends the run if answers differ."""
    rules = peer_rules(library, date.fromisoformat(AS_OF))
    covered = covered_cells(library)
    asked = [peer_request(request) for request in requests]
    ours = Side(pipeline.name, pipeline.ask, requests)
    sides, skipped, memory = [ours], list[str](), dict[str, float | None]()
    with ExitStack() as stack:
        for layout in LAYOUTS:
            peer = ZenPeer(rules, covered, layout)
            side = Side(peer.name, peer.ask, [peer.prepare(request) for request in asked])
            _must_agree(side, [peer.ask(one) for one in side.requests], answers)
            sides.append(side)
        program = find_opa()
        if program is None:
            skipped.append("OPA alone: there is no `opa` on PATH (or in OPA_BINARY)")
        else:
            opa, pid = stack.enter_context(opa_server(program, rules, covered, MARKETS))
            side = Side(opa.name, opa.ask, [opa.prepare(request) for request in asked], opa.seconds)
            _must_agree(side, [opa.answer(opa.ask(one)) for one in side.requests], answers)
            sides.append(side)
            memory["opa_server_mb"] = resident_mb(pid)
        take_turns(sides, rounds, step.tick)
    return {
        "same_answers": True,  # or the run would have ended
        "skipped": skipped,
        "memory": memory,
        "sides": [
            {
                "name": side.name,
                "ratio": round(ratio(side, ours), 2),
                "ratio_of_best": round(ratio_of_best(side, ours), 2),
            }
            | percentiles(side.counted)
            | {"wall_p50_ms": percentiles(side.wall)["p50_ms"]}
            for side in sides
        ],
    }


def _must_agree(side: Side, theirs: list[Answer], answers: list[Answer]) -> None:
    for number, (their, our) in enumerate(zip(theirs, answers, strict=True)):
        for market in our:
            if their.get(market) != our[market]:
                _err.print(f"[red]{side.name} differs[/] on request {number} in {market}:")
                _err.print(f"  {side.name}: {their.get(market)}\n  governance: {our[market]}")
                raise typer.Exit(1)


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(decide)
    app()
