"""The benchmark of forecasts scores as its formula says, and meets its targets on real data."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from serving import SOAK

_FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(_FOLDER / "planning_demand.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


def test_loss_and_coverage_are_what_their_formula_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine levels all foretold as 10: of a count of 20 they lie 10 below, of 10 nowhere."""
    monkeypatch.syspath_prepend(str(_FOLDER))
    from planning_scores import Foretold, scored

    found = scored([Foretold(20, [10] * 9), Foretold(10, [10] * 9)])
    assert found == {
        "forecasts": 2,
        "wql": pytest.approx(2 * 0.5 * 10 / 30, abs=1e-4),
        "coverage": 0.5,
    }


def test_without_the_data_it_says_what_is_missing(tmp_path: Path) -> None:
    done = run("--data", str(tmp_path))
    assert done.returncode == 2
    assert "online_shoppers_intention.csv" in done.stderr


@pytest.mark.soak
@pytest.mark.skipif(not SOAK, reason="Set GOVERNANCE_SOAK=1 for the real sessions and posts")
def test_every_target_is_met_on_real_data() -> None:
    done = run("--json")
    if done.returncode == 2:
        pytest.skip(done.stderr)
    assert [row for row in json.loads(done.stdout)["targets"] if not row["met"]] == []
