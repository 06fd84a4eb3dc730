"""Ten times the rules: more specific ones, and (naively) just more of the same."""

import statistics
from collections.abc import Sequence
from typing import Any, Protocol

from generate import Generator
from measure import Side, percentiles, ratio, take_turns
from ours import Pipeline

from governance.rules.library import load_library


class Steps(Protocol):
    """Says what is going on."""

    def __call__(self, what: str) -> None: ...

    def tick(self) -> None: ...


def measured(
    generator: Generator,
    rules: int,
    pipeline: Pipeline,
    requests: Sequence[dict[str, Any]],
    rounds: int,
    step: Steps,
) -> dict[str, Any]:
    """Time with ten times the rules over time with `rules`, for both ways to grow.

    `specific`: nine rules in ten name a variety, a substance or a weight that few products have, as
    a library that grows gets more specific; findings stay about the same. `naive`: ten times as
    many rules of the same make, so ten times the findings. No verdict is remembered.
    """
    base = Side("as it was", pipeline.ask, requests)
    found = {"rules": rules, "findings": _findings(pipeline, requests)}
    grown = {}
    for name, files in (
        ("specific", generator.files(rules, 9 * rules)),
        ("naive", generator.files(10 * rules)),
    ):
        step(f"Loading and compiling {10 * rules:,} rules ({name}) …")
        larger = Pipeline(load_library(files), remembers=False)
        findings = _findings(larger, requests)
        side = Side(name, larger.ask, requests)
        base.wall.clear()
        step(f"Judging by {10 * rules:,} rules ({name}) and by {rules:,} in turn …")
        take_turns([base, side], rounds, step.tick)
        grown[name] = {
            "rules": 10 * rules,
            "findings": findings,
            "ratio": round(ratio(side, base), 2),
        } | percentiles(side.wall)
    return {"base": found | percentiles(base.wall), **grown}


def _findings(pipeline: Pipeline, requests: Sequence[dict[str, Any]]) -> float:
    """Findings a request, on average."""
    answers = [pipeline.answer(pipeline.ask(request)) for request in requests]
    counts = [sum(len(found) for _, found in answer.values()) for answer in answers]
    return round(statistics.mean(counts), 1)
