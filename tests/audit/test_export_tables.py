"""Exports as tables: a row a decision and market, nothing that is withheld, no formula."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from export_cases import Log, open_log, records
from pyarrow import BufferReader, parquet

from governance.audit.erasure import erase_subject
from governance.audit.exports.tables import TABLES
from governance.decisions.filters import Filters
from governance.settings import Settings


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory, tiny_rulesets: Path) -> Iterator[Log]:
    with open_log(Settings(data_dir=tmp_path_factory.mktemp("log")), tiny_rulesets) as opened:
        opened.fill(600)
        opened.fill(1, seller="=HYPERLINK(1)")
        erase_subject(opened.pipeline, opened.caller(), "creator-2", "asked for by the person")
        yield opened


def table(log: Log, as_format: str, filters: Filters | None = None, **how: Any) -> bytes:
    export = log.begin(filters, **how)
    pieces = TABLES[as_format](log.pipeline.engine, export, lambda index: None)
    return b"".join(pieces)


def read_csv(content: bytes) -> list[dict[str, str | None]]:
    rows = csv.DictReader(io.StringIO(content.decode(), newline=""))
    return [{name: cell or None for name, cell in row.items()} for row in rows]


def read_parquet(content: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = parquet.read_table(BufferReader(content)).to_pylist()
    return rows


def test_there_is_a_row_for_each_decision_and_market(log: Log, tmp_path: Path) -> None:
    rows = read_csv(table(log, "csv"))
    found = {(row["decision_id"], row["market"]): row for row in rows}
    assert len(found) == len(rows)
    for one in records(log.export(tmp_path / "out"))[:601]:
        for at in one["result"]["markets"]:
            row = found[one["decision_id"], at["market"]]
            assert row["index"] == str(one["index"])
            assert row["timestamp"] == one["timestamp"]
            assert row["category"] == one["input"]["product"]["category"]
            assert (row["verdict"], row["import_mode"]) == (at["verdict"], at["import_mode"])
            assert row["release"] == one["bundles"]["governance"]["revision"]
    erasure = [row for row in rows if row["gate"] == "erasure"]
    assert [(row["market"], row["verdict"]) for row in erasure] == [(None, "allowed")]


def test_both_tables_say_the_same(log: Log) -> None:
    whole = {name: table(log, name, Filters(gate="sale")) for name in TABLES}
    typed = read_parquet(whole["parquet"])
    plain = [{**row, "index": int(row["index"] or "")} for row in read_csv(whole["csv"])]
    for row in plain:
        row["seller_id"] = row["seller_id"] and row["seller_id"].removeprefix("'")
    assert typed == plain


def test_personal_values_stand_in_it_unless_withheld_or_erased(log: Log) -> None:
    rows = read_csv(table(log, "csv"))
    sellers = {row["index"]: row["seller_id"] for row in rows}
    assert (sellers["1"], sellers["2"], sellers["3"]) == ("creator-1", None, "creator-3")
    assert {row["product_title"] for row in rows if row["index"] == "1"} == {"A gadget"}
    masked = table(log, "csv", role="auditor") + table(log, "parquet", role="auditor")
    assert b"creator-" not in masked


def test_only_the_markets_and_verdicts_that_are_meant_have_rows(log: Log) -> None:
    rows = read_csv(table(log, "csv", Filters(market="FR")))
    assert {row["market"] for row in rows} == {"FR"}
    rows = read_csv(table(log, "csv", Filters(verdict="prohibited")))
    assert {row["verdict"] for row in rows} == {"prohibited"}


def test_no_cell_is_a_formula_for_a_spreadsheet(log: Log) -> None:
    rows = read_csv(table(log, "csv"))
    cells = {row["seller_id"] for row in rows}
    assert "'=HYPERLINK(1)-0" in cells
    assert not [cell for row in rows for cell in row.values() if cell and cell[0] in "=+-@\t\r"]


def test_a_table_of_nothing_has_its_columns(log: Log) -> None:
    nothing = Filters(caller="nobody")
    assert read_csv(table(log, "csv", nothing)) == []
    assert table(log, "csv", nothing).startswith(b"index,decision_id,timestamp,")
    empty = parquet.read_table(BufferReader(table(log, "parquet", nothing)))
    assert (empty.num_rows, empty.column_names[:2]) == (0, ["index", "decision_id"])
