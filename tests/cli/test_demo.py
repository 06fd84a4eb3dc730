"""The demo: a verdict for every covered market and product, and decisions that can be replayed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from serving import replay_all

from governance.db import transaction
from governance.drops.planner.served import served
from governance.gates.pipeline import open_pipeline
from governance.settings import Settings

PROGRAM = str(Path(sys.executable).parent / "governance")
STANDINGS = {
    "Amazon Multi-Channel Fulfillment": "active",
    "Maersk": "provisional",
    "Flexport": "probation",
    "Shopify fulfilment": "suspended",
    "Cainiao": "applicant",
}
VERDICT = re.compile(r"\b(allowed|prohibited|unknown|needs (?:facts|evidence|review))\b")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What the demo printed on a terminal of 80 columns, and the folder for temporary files."""
    folder = tmp_path_factory.mktemp("demo")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GOVERNANCE_")} | {
        "TMPDIR": str(folder),
        "COLUMNS": "80",
    }
    done = subprocess.run(
        [PROGRAM, "demo", "--no-serve"],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, folder


def test_the_demo_prints_a_verdict_for_every_covered_market(demo, tmp_path: Path) -> None:
    said, _ = demo
    pipeline = open_pipeline(Settings(data_dir=tmp_path))
    with transaction(pipeline.engine) as session:
        markets = pipeline.gates(session).library.covered_markets
    pipeline.engine.dispose()
    table = said.partition("decision ")[0]
    cells: dict[str, list[str]] = {}
    for line in table.splitlines():
        if line.startswith("│"):
            texts = [text.strip() for text in line.strip("│").split("│")]
            if texts[0][:3].strip() in markets:
                row = cells.setdefault(texts[0][:2], ["", "", "", "", "", ""])
            row[:] = [f"{whole} {text}".strip() for whole, text in zip(row, texts, strict=True)]
    assert list(cells) == markets
    for market, (_, *verdicts) in cells.items():
        for verdict in verdicts:
            assert VERDICT.match(verdict), (market, verdict)


def test_the_demo_fits_a_terminal_and_cuts_off_no_word(demo) -> None:
    said, _ = demo
    assert max(map(len, said.splitlines())) <= 80 or "release sha256:" in said
    assert "…" not in said


def test_every_decision_of_the_demo_can_be_replayed_as_it_says(demo) -> None:
    said, folder = demo
    ids = re.findall(r"decision ([0-9A-Z]{26})", said)
    assert len(ids) == len(set(ids)) == 5
    (data,) = folder.glob("governance-demo-*")
    decided = replay_all(Settings(data_dir=data))
    assert decided > 5 + len(STANDINGS)  # the drop's, and at least one vetting of each provider
    how = re.search(r"GOVERNANCE_DATA_DIR=(\S+) governance replay", said.replace("\n", " "))
    assert how is not None
    assert how[1] == str(data)
    done = subprocess.run(
        [PROGRAM, "replay", ids[0]],
        env=os.environ | {"GOVERNANCE_DATA_DIR": how[1]},
        capture_output=True,
        text=True,
    )
    assert "same result" in done.stdout


def test_it_says_where_every_sample_provider_stands_and_where_the_page_is(demo) -> None:
    said, folder = demo
    table = said.partition("Who may ship it?")[2]
    assert "made-up sample data" in table
    rows = [[text.strip() for text in line.split("│")[1:3]] for line in table.splitlines()]
    starts = [row for row in rows if len(row) == 2 and row[1] in STANDINGS.values()]
    assert [standing for _, standing in starts] == list(STANDINGS.values())
    for (name, _), whole in zip(starts, STANDINGS, strict=True):
        assert name
        assert whole.startswith(name)
    address = re.search(r"as a page: file://(\S+)", said)
    assert address is not None
    (page,) = folder.glob("governance-demo-*/providers.html")
    assert address[1] == str(page)
    assert all(name in page.read_text("utf-8") for name in STANDINGS)


def test_stock_can_be_cleared_by_one_and_kept_by_another(demo) -> None:
    _, folder = demo
    (data,) = folder.glob("governance-demo-*")
    pipeline = open_pipeline(Settings(data_dir=data))
    with transaction(pipeline.engine) as session:
        allowed = {
            (one.provider, service, market)
            for one in served(session).values()
            for (service, market), verdict in one.verdicts.items()
            if verdict == "allowed"
        }
    pipeline.engine.dispose()
    for market in ("US", "CA", "GB", "DE", "FR", "JP", "AU"):
        assert ("flexport", "customs_brokerage", market) in allowed
        assert ("amazon-mcf", "fulfilment", market) in allowed
