"""The sale gate for a long time and by many threads: memory stays flat, no finding is lost."""

import gc
import os
import random
import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from test_engine_agreement import request

from governance.gates.pipeline import canonical
from governance.gates.sale import SaleGate
from governance.releases.content import read_tree
from governance.releases.loaded import load_release
from governance.settings import Settings

EVALUATIONS = 1_000_000 if os.environ.get("GOVERNANCE_SOAK") == "1" else 20_000
THREADS = 8


@pytest.fixture(scope="module")
def gate() -> SaleGate:
    """The sale gate over the shipped rulesets."""
    settings = Settings()
    release = load_release(read_tree(settings.rulesets_dir, settings.policies_dir), settings)
    return SaleGate(release.library, release.policies)


@pytest.fixture(scope="module")
def questions(gate: SaleGate) -> list[dict[str, Any]]:
    """Requests about products of every category, each for one market."""
    chance = random.Random(8)
    asked = [request(gate.library, chance) for _ in range(300)]
    markets = gate.library.covered_markets
    for question in asked:
        question.setdefault("as_of", "2026-11-22")
        question["markets"] = [chance.choice(markets)]
    return asked


def _resident_bytes() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def _cycle(questions: list[dict[str, Any]], count: int) -> Iterator[dict[str, Any]]:
    return (questions[number % len(questions)] for number in range(count))


@pytest.mark.soak
def test_a_million_evaluations_leave_memory_where_it_was(
    gate: SaleGate, questions: list[dict[str, Any]]
) -> None:
    for question in _cycle(questions, 10_000):
        gate.evaluate(question)
    before = _resident_bytes()
    for question in _cycle(questions, EVALUATIONS - 10_000):
        gate.evaluate(question)
    assert _resident_bytes() - before < 20_000_000


def test_eight_threads_lose_no_finding(gate: SaleGate, questions: list[dict[str, Any]]) -> None:
    alone = [canonical(gate.evaluate(question)) for question in questions]
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(3):
            together = list(pool.map(lambda q: canonical(gate.evaluate(q)), questions * 4))
            assert together == alone * 4
