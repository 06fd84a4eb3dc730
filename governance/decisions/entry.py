"""A decision as an entry of the transparency log: the event with digests for input and result.

The entry is what the tree hashes. It stands for the whole decision and stays far below the 65,535
bytes that an entry may have (https://c2sp.org/tlog-tiles).
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Row, Text, cast
from sqlmodel import col

from governance.decisions.models import Decision

FORMAT = "governance.decision/v1"

Recorded = Decision | Row[Any]
"""A decision, or a row with the columns `COLUMNS`: much faster to read, where there are many."""

COLUMNS: tuple[Any, ...] = (
    col(Decision.decision_id),
    col(Decision.timestamp),
    col(Decision.gate),
    # As texts: what decodes them here is faster than the driver.
    cast(Decision.labels, Text).label("labels"),
    cast(Decision.metrics, Text).label("metrics"),
    col(Decision.release),
    col(Decision.path),
    col(Decision.input),
    col(Decision.result),
    col(Decision.requested_by),
    col(Decision.trace_id),
)

# RFC 8785 for what stands here: names in ASCII, texts and integers, no fractions.
_canonical = msgspec.json.Encoder(order="sorted").encode


def entry(decision: Recorded) -> bytes:
    """The entry: canonical JSON (RFC 8785), the same bytes for the same decision for ever."""
    values = _values(decision)
    values["input"] = _digest(decision.input.encode())
    values["result"] = _digest(decision.result.encode())
    return _canonical(values)


def entry_of(fields: Mapping[str, str], recorded: bytes, result: bytes) -> bytes:
    """The entry from the JSON texts of its `fields` and the exact bytes of input and result."""
    digests = {"input": f'"{_digest(recorded)}"', "result": f'"{_digest(result)}"'}
    texts = {**fields, **digests}
    return "{{{}}}".format(",".join([f'"{name}":{texts[name]}' for name in sorted(texts)])).encode()


def fields(decision: Recorded) -> dict[str, str]:
    """The fields of an entry other than input and result, each as its canonical JSON text."""
    return {name: _canonical(value).decode() for name, value in _values(decision).items()}


def timestamp(decision: Recorded) -> str:
    """When it was recorded: RFC 3339, UTC, microseconds."""
    utc: str = decision.timestamp.isoformat(timespec="microseconds")
    return utc.removesuffix("+00:00") + "Z"


def _values(decision: Recorded) -> dict[str, Any]:
    return {
        "bundles": {"governance": {"revision": decision.release}},
        "decision_id": decision.decision_id,
        "format": FORMAT,
        "gate": decision.gate,
        "labels": _object(decision.labels),
        "metrics": _object(decision.metrics),
        "path": decision.path,
        "requested_by": decision.requested_by,
        "timestamp": timestamp(decision),
        "trace_id": decision.trace_id,
    }


def _object(value: dict[str, Any] | str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    decoded: dict[str, Any] = msgspec.json.decode(value)
    return decoded


def _digest(text: bytes) -> str:
    return f"sha256:{sha256(text).hexdigest()}"
