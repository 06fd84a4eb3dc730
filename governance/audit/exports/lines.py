"""The line of an export that holds one record, written and read: NDJSON, one spelling for each.

A line has the fields of the log entry, with the exact texts of input and result where the entry has
their digests, and what proves it: index, inclusion proof, salts and values of the commitments. So
the entry can be rebuilt from the line to the byte.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Raw

from governance.decisions.entry import FORMAT, Recorded, fields

FORMAT_TEXT = f'"{FORMAT}"'


class Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What a commitment was made of: the salt in hex, and the value."""

    salt: str
    value: str | int | bool | None


class Record(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A line as it is read: of the entry's fields the exact bytes, all else decoded."""

    bundles: Raw
    decision_id: Raw
    erased: list[str]
    format: Raw
    gate: Raw
    index: int
    input: Raw
    labels: Raw
    masked: list[str]
    metrics: Raw
    opened: dict[str, Opening]
    path: Raw
    proof: list[str]
    requested_by: Raw
    result: Raw
    timestamp: Raw
    trace_id: Raw


read_record = msgspec.json.Decoder(Record).decode
"""The record of a line; raises msgspec.DecodeError for a field too many, too few or of no use."""

encode = msgspec.json.Encoder(order="sorted").encode
"""JSON with sorted names and without spaces: of a record, the line that it is written as."""


def record_line(
    row: Recorded, index: int, proof: Sequence[str], erased: str, masked: str, opened: str
) -> bytes:
    """The line of a record, its line end included.

    `proof` is in base64; `erased`, `masked` and `opened` are JSON texts. Input and result stand in
    it as they are stored.
    """
    at = fields(row)
    hashes = '["{}"]'.format('","'.join(proof)) if proof else "[]"
    return (
        f'{{"bundles":{at["bundles"]},"decision_id":{at["decision_id"]},"erased":{erased},'
        f'"format":{at["format"]},"gate":{at["gate"]},"index":{index},"input":{row.input},'
        f'"labels":{at["labels"]},"masked":{masked},"metrics":{at["metrics"]},"opened":{opened},'
        f'"path":{at["path"]},"proof":{hashes},"requested_by":{at["requested_by"]},'
        f'"result":{row.result},"timestamp":{at["timestamp"]},"trace_id":{at["trace_id"]}}}\n'
    ).encode()


def write_json(value: Any) -> str:
    """The canonical JSON text (RFC 8785) of names in ASCII, texts, whole numbers, lists of them."""
    return encode(value).decode()


def entry_of_record(record: Record) -> bytes:
    """The log entry (`governance.decisions.entry`) that a line says it is.

    One expression over the exact bytes, since an auditor's time goes by in it.
    """
    return (
        b'{"bundles":%b,"decision_id":%b,"format":%b,"gate":%b,"input":"sha256:%b","labels":%b,'
        b'"metrics":%b,"path":%b,"requested_by":%b,"result":"sha256:%b","timestamp":%b,'
        b'"trace_id":%b}'
        % (
            record.bundles,
            record.decision_id,
            record.format,
            record.gate,
            sha256(record.input).hexdigest().encode(),
            record.labels,
            record.metrics,
            record.path,
            record.requested_by,
            sha256(record.result).hexdigest().encode(),
            record.timestamp,
            record.trace_id,
        )
    )
