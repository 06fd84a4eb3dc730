"""The benchmark runs at its small size; what it measures is no test."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "decide.py"


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    """What `--quick --json` prints on stdout: one JSON object and nothing else."""
    command = [sys.executable, str(_SCRIPT), "--quick", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_every_engine_gives_the_same_answers(figures: dict[str, Any]) -> None:
    assert figures["peers"]["same_answers"] is True
    compared = [side["name"].partition(":")[0] for side in figures["peers"]["sides"]]
    assert compared.count("zen-engine") == 4
    assert ("OPA alone" in compared) is not bool(figures["peers"]["skipped"])


def test_the_answers_that_agree_are_of_every_verdict_and_state(figures: dict[str, Any]) -> None:
    assert set(figures["answers"]["verdicts"]) == {
        "prohibited", "unknown", "needs_review", "needs_facts", "needs_evidence", "allowed",
    }  # fmt: skip
    assert set(figures["answers"]["findings_a_request"]) == {"fires", "undetermined"}


def test_our_time_is_told_with_and_without_what_is_remembered(figures: dict[str, Any]) -> None:
    ours = [side["name"] for side in figures["peers"]["sides"][:2]]
    assert ours == ["governance", "governance, nothing remembered"]
    found = figures["remembered"]
    assert 0 < found["judged"] < found["judged_anew"] <= found["cases"]


def test_the_figures_are_complete(figures: dict[str, Any]) -> None:
    assert set(figures) == {
        "machine", "library", "answers", "memory", "peers", "remembered", "import_mode_open",
        "growth", "real_library", "http", "http_import_mode_open", "targets",
    }  # fmt: skip
    times = {"p50_ms", "p90_ms", "p99_ms", "lowest_ms"}
    series = [
        *figures["peers"]["sides"],
        *figures["growth"].values(),
        figures["import_mode_open"],
        figures["http"],
        figures["http_import_mode_open"],
    ]
    assert all(times <= set(one) for one in series)
    assert set(figures["growth"]) == {"base", "specific", "naive"}
    assert all(set(row) == {"target", "wanted", "found", "met"} for row in figures["targets"])
    assert {"requests", "requests_per_second", "worker_rss_mb"} <= set(figures["http"])
