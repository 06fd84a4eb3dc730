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
from measure import Side, percentiles, ratio, resident_mb, take_turns
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
    a_block = len(CATEGORIES) * (1 if quick else 4)
    asked_before = 2 * a_block if quick else 50 * a_block
    new = (rounds + 1) * a_block
    before_new = facts.requests(generator, library, asked_before + new, "commercial")
    requests = before_new[asked_before:]
    open_mode = facts.requests(generator, library, asked_before + new, None)[asked_before:]
    in_use, anew = (Pipeline(library, remembers=remembers) for remembers in (True, False))
    step("Compiling the rules of every category, and judging other requests …")
    for request in before_new[:asked_before]:
        in_use.ask(request)
    answers = [anew.answer(anew.ask(request)) for request in requests]
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
    ours = [Side(one.name, one.ask, requests, a_block=a_block) for one in (in_use, anew)]
    counted = in_use.engine.cases, anew.engine.cases
    figures["peers"] = _compared(library, ours, answers, requests, rounds, step)
    figures["remembered"] = {
        "cases": len(MARKETS),
        "asked_before": asked_before,
        "judged": round((in_use.engine.cases - counted[0]) / len(requests), 1),
        "judged_anew": round((anew.engine.cases - counted[1]) / len(requests), 1),
    }
    _must_agree(ours[0], [in_use.answer(in_use.ask(one)) for one in requests], answers)
    step("Judging every way in …")
    every_mode = Side("governance", in_use.ask, open_mode, a_block=a_block)
    take_turns([every_mode], rounds, step.tick)
    figures["import_mode_open"] = percentiles(every_mode.wall)
    step("Loading ten times the rules …")
    figures["growth"] = growth.measured(generator, rules, anew, requests[:a_block], rounds, step)
    step("Judging the demo drop by the real library …")
    figures["real_library"] = real_library(rounds)
    step("Serving over HTTP …")
    series = {
        "http": facts.requests(generator, library, 5 * new, "commercial"),
        "http_import_mode_open": facts.requests(generator, library, 10 * new, None)[5 * new :],
    }
    figures |= load(generator.files(rules), POLICIES, series, a_block, seconds)
    figures["memory"]["at_the_end_mb"] = resident_mb()
    figures["targets"] = report.targets(figures)
    return figures


def _compared(
    library: Library, ours: list[Side], answers: list[Answer],
    requests: list[dict[str, Any]], rounds: int, step: _Steps,
) -> dict[str, Any]:  # fmt: skip
    """Each peer's time and how many times as long it is as ours; ends the run if answers differ."""
    rules = peer_rules(library, date.fromisoformat(AS_OF))
    covered = covered_cells(library)
    asked = [peer_request(request) for request in requests]
    a_block = ours[0].a_block
    sides, skipped, memory = [*ours], list[str](), dict[str, float | None]()
    with ExitStack() as stack:
        for layout in LAYOUTS:
            zen = ZenPeer(rules, covered, layout)
            prepared = [zen.prepare(request) for request in asked]
            side = Side(zen.name, zen.ask, prepared, a_block=a_block)
            _must_agree(side, [zen.ask(one) for one in prepared], answers)
            sides.append(side)
        program = find_opa()
        if program is None:
            skipped.append("OPA alone: there is no `opa` on PATH (or in OPA_BINARY)")
        else:
            opa, pid = stack.enter_context(opa_server(program, rules, covered, MARKETS))
            bodies = [opa.prepare(request) for request in asked]
            side = Side(opa.name, opa.ask, bodies, opa.seconds, a_block)
            _must_agree(side, [opa.answer(opa.ask(one)) for one in bodies], answers)
            sides.append(side)
            memory["opa_server_mb"] = resident_mb(pid)
        take_turns(sides, rounds, step.tick)
    return {
        "same_answers": True,  # or the run would have ended
        "skipped": skipped,
        "memory": memory,
        "sides": [
            {"name": side.name, "ratio": round(ratio(side, ours[0]), 2)}
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
