"""An export as a table, one row a decision and market: CSV and Parquet, for reading.

They are views: nothing in them can be verified. The evidence is the NDJSON export.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Engine, Row

from governance.audit.exports.export import Export, Reached, pages
from governance.audit.exports.openings import shown_values
from governance.decisions.entry import timestamp
from governance.gates.filing import BY_GATE

_COLUMNS = (
    "index",
    "decision_id",
    "timestamp",
    "gate",
    "category",
    "market",
    "verdict",
    "import_mode",
    "requested_by",
    "release",
)
_LOOKS_LIKE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ROW_GROUP = 20_000

Record = tuple[Any, ...]
_read = msgspec.json.Decoder().decode


def columns(export: Export) -> list[str]:
    """The names of the columns: last those of the personal fields that are not lists."""
    return [*_COLUMNS, *(_column(field) for field in _single_fields(export))]


def csv_table(engine: Engine, export: Export, reached: Reached) -> Iterator[bytes]:
    """The table as CSV (RFC 4180, UTF-8) with a first line of names.

    A cell that a spreadsheet would take for a formula, since it begins with =, +, -, @ or a tab,
    has an apostrophe before it.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns(export))
    for rows in _rows(engine, export, reached):
        writer.writerows([[_harmless(cell) for cell in row] for row in rows])
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()
    yield text.getvalue().encode()


def parquet_table(engine: Engine, export: Export, reached: Reached) -> Iterator[bytes]:
    """The table as a Parquet file (https://parquet.apache.org), written front to back."""
    # Imported here: it takes half of the time that a command needs to start.
    import pyarrow as pa
    from pyarrow import parquet

    names = columns(export)
    schema = pa.schema(
        [(name, pa.int64() if name == "index" else pa.string()) for name in names],
        metadata={"export": export.header.line().decode()},
    )
    drain = _Drain()
    with parquet.ParquetWriter(pa.PythonFile(drain, mode="w"), schema, compression="zstd") as file:
        waiting: list[Record] = []
        for rows in _rows(engine, export, reached):
            waiting += rows
            if len(waiting) >= _ROW_GROUP:
                file.write_table(_arrow(waiting, schema))
                waiting = []
                yield drain.taken()
        if waiting:
            file.write_table(_arrow(waiting, schema))
    yield drain.taken()


def _arrow(rows: Sequence[Record], schema: Any) -> Any:
    import pyarrow as pa

    cells = zip(*rows, strict=True)
    arrays = [pa.array(one, field.type) for one, field in zip(cells, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _rows(engine: Engine, export: Export, reached: Reached) -> Iterator[list[Record]]:
    fields = _single_fields(export)
    filters = export.filters
    for end, page in pages(engine, export, export.header.from_index):
        rows: list[Record] = []
        for row in page:
            personal = _personal(row, export, fields)
            for market, verdict, import_mode in _answers(row):
                # A decision is meant as a whole, a row of it only by its own market and verdict.
                if filters.market in (None, market) and filters.verdict in (None, verdict):
                    answer = (market or None, verdict, import_mode)
                    rows.append((*_head(row), *answer, row.requested_by, row.release, *personal))
        yield rows
        reached(end)


def _head(row: Row[Any]) -> Record:
    return row.entry_index, row.decision_id, timestamp(row), row.gate, row.category


def _answers(row: Row[Any]) -> Iterator[tuple[str, str, str | None]]:
    result = _read(row.result)
    modes = {one["market"]: one.get("import_mode") for one in result.get("markets", ())}
    for market, verdict in BY_GATE[row.gate].verdicts(result).items():
        yield market, verdict, modes.get(market)


def _personal(row: Row[Any], export: Export, fields: Sequence[str]) -> list[Any]:
    masks: Mapping[str, Sequence[str]] = export.header.masks
    of_gate = export.header.personal.get(row.gate, ())
    values = shown_values(row.input, row.opened, of_gate, masks.get(row.gate, ()))
    return [None if field not in values else str(values[field]) for field in fields]


def _single_fields(export: Export) -> list[str]:
    named = {field for fields in export.header.personal.values() for field in fields}
    return sorted(field for field in named if "*" not in field)


def _column(field: str) -> str:
    return field.removeprefix("/input/").replace("/", "_")


def _harmless(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(_LOOKS_LIKE_A_FORMULA):
        return f"'{cell}"
    return cell


class _Drain(io.RawIOBase):
    """A file that is only written to, and given away as far as it is."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._position += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._position

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


TABLES: Mapping[str, Callable[[Engine, Export, Reached], Iterator[bytes]]] = {
    "csv": csv_table,
    "parquet": parquet_table,
}
