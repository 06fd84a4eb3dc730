"""Reading a provider's YAML, JSON and CSV files strictly: every fault named by file and field."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from governance.errors import GovernanceError
from governance.rules.yaml_text import Entries, Items, Node, Scalar, parse

MAX_FILE_BYTES = 10_000_000
# Whoever mends these looks again anyway.
_MOST_FAULTS = 20
_Row = TypeVar("_Row")


class UnreadableFile(GovernanceError):
    """A provider's file is not what the files connector reads; `faults` are sentences."""

    status = 422
    code = "unreadable-provider-file"
    title = "A provider's file cannot be read"

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


def read_rows(path: Path, row: type[_Row]) -> tuple[_Row, ...]:
    """The rows of a file, by its suffix.

    CSV has a header with exactly the fields of `row`. YAML and JSON have one key, the name of the
    file, and a list of mappings below it. Text is UTF-8. Raises UnreadableFile with every fault,
    up to 20; one row at fault spoils the file, for what is left could be taken for all there is.
    """
    text = _text(path)
    records = _READERS[path.suffix](path, text)
    adapter = TypeAdapter(row)
    rows, faults = [], []
    for place, record in records:
        try:
            if path.suffix == ".json":
                rows.append(adapter.validate_json(json.dumps(record), strict=True))
            else:
                rows.append(adapter.validate_strings(record, strict=True))
        except ValidationError as invalid:
            faults += [_fault(path.name, place, one) for one in invalid.errors(include_url=False)]
        if len(faults) >= _MOST_FAULTS:
            raise UnreadableFile(faults[:_MOST_FAULTS])
    if faults:
        raise UnreadableFile(faults)
    return tuple(rows)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UnreadableFile([f"{path.name}: cannot be read ({error.strerror})"]) from None
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableFile([f"{path.name}: has more than {MAX_FILE_BYTES:,} bytes"])
    try:
        # Spreadsheets put a byte order mark before it.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile([f"{path.name}: is not UTF-8 at byte {error.start}"]) from None


def _csv(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if len(set(header)) != len(header) or not header:
            raise UnreadableFile([f"{path.name}, line 1: name each field once"])
        for cells in reader:
            place = f"line {reader.line_num}"
            if not cells:
                continue
            if len(cells) != len(header):
                fault = f"has {len(cells)} cells, and the header has {len(header)}"
                raise UnreadableFile([f"{path.name}, {place}: {fault}"])
            yield place, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise UnreadableFile([f"{path.name}, line {reader.line_num}: {error}"]) from None


def _yaml(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    root, problems = parse(path.name, text)
    if root is None or problems:
        raise UnreadableFile(
            [
                f"{path.name}, line {problem.place.line}: {problem.message}; {problem.hint}"
                for problem in problems[:_MOST_FAULTS]
            ]
        )
    for place, entry in _listed(path, _plain(root)):
        yield place, {field: _words(value) for field, value in entry.items()}


def _json(path: Path, text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        if len(set(keys)) != len(keys):
            raise ValueError(f"a key stands twice among {', '.join(keys)}")
        return dict(pairs)

    try:
        root = json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile([f"{path.name}: is not JSON ({error})"]) from None
    yield from _listed(path, root)


_READERS = {".csv": _csv, ".yaml": _yaml, ".json": _json}


def _listed(path: Path, root: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The entries of `{"<name of the file>": [{…}, …]}`."""
    key = path.stem
    if not isinstance(root, dict) or list(root) != [key] or not isinstance(root[key], list):
        raise UnreadableFile([f"{path.name}: has one key, {key!r}, and a list below it"])
    for number, entry in enumerate(root[key], start=1):
        if not isinstance(entry, dict):
            raise UnreadableFile([f"{path.name}, entry {number}: is not a mapping of fields"])
        yield f"entry {number}", entry


def _plain(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Items):
        return [_plain(item) for item in node.items]
    assert isinstance(node, Entries)
    return {key: _plain(value) for key, value in node.values.items()}


def _words(value: Any) -> Any:
    """A list of words as CSV has it, in one text: what types text takes no lists."""
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        return " ".join(value)
    return value


def _fault(file: str, place: str, error: Any) -> str:
    field = ".".join(map(str, error["loc"]))
    message: str = error["msg"].removeprefix("Value error, ")
    return f"{file}, {place}" + (f", field {field!r}: " if field else ": ") + message
