"""The benchmark of vetting counts shipments, not lines, and says which target is missed."""

import csv
import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from serving import SOAK

_SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "vetting.py"
_COLUMNS = (
    "ID", "ASN/DN #", "Country", "Vendor", "Scheduled Delivery Date", "Delivered to Client Date",
)  # fmt: skip


def run(folder: Path | None, *options: str) -> subprocess.CompletedProcess[str]:
    data = [] if folder is None else ["--data", str(folder)]
    command = [sys.executable, str(_SCRIPT), *data, "--events", "4000", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Two years of a shipment a day in turn by three vendors; one vendor's second line is late."""
    folder = tmp_path_factory.mktemp("deliveries")
    with (folder / "scms_delivery_history.csv").open("w", encoding="utf-8-sig") as file:
        lines = csv.writer(file)
        lines.writerow(_COLUMNS)
        for day in range(720):
            due = date(2010, 1, 1) + timedelta(days=day)
            vendor = ("prompt", "early", "late")[day % 3]
            for line in range(2):
                days = {"prompt": 0, "early": -4, "late": 3 * line}[vendor]
                dates = (f"{one:%d-%b-%y}" for one in (due, due + timedelta(days=days)))
                lines.writerow([2 * day + line, f"ASN-{day}", "Vietnam", vendor, *dates])
    done = run(folder, "--json")
    assert done.returncode in (0, 1), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_shipment_is_counted_once_and_late_with_its_latest_line(figures: dict[str, Any]) -> None:
    assert figures["read"]["shipments"] == 720
    assert figures["read"]["vendors"] == 3
    assert figures["read"]["on_time"] == pytest.approx(2 / 3)


def test_every_grouping_is_scored_with_every_half_life(figures: dict[str, Any]) -> None:
    assert set(figures["deliveries"]) == {"vendor", "country", "vendor, then country"}
    for by_half_life in figures["deliveries"].values():
        assert set(by_half_life) == {"180", "none", "90", "365"}


def test_the_first_year_only_teaches(figures: dict[str, Any]) -> None:
    assert figures["deliveries"]["vendor"]["180"]["shipments"] == 720 - 365


def test_who_is_prompt_and_who_is_late_is_told_apart(figures: dict[str, Any]) -> None:
    losses = figures["deliveries"]["vendor"]["180"]["log_loss"]
    assert losses["empirical Bayes"] < 0.1 < losses["pooled, faded, add ½"]
    assert figures["labels"]["assessed_at_the_end"] == {"meets": 2, "breaches": 1}
    assert figures["labels"]["fewest_clean_shipments_of_a_labelled_vendor"] >= 52


def test_without_the_data_it_says_what_is_missing(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 2
    assert "scms_delivery_history.csv" in done.stderr


@pytest.mark.soak
@pytest.mark.skipif(not SOAK, reason="Set GOVERNANCE_SOAK=1 for the real deliveries")
def test_every_target_is_met_on_the_real_deliveries() -> None:
    done = run(None, "--json")
    if done.returncode == 2:
        pytest.skip(done.stderr)
    assert [row for row in json.loads(done.stdout)["targets"] if not row["met"]] == []
