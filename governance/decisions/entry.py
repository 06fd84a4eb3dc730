"""A decision as an entry of the transparency log: the event with digests for input and result.

The entry is what the tree hashes. It stands for the whole decision and stays far below the 65,535
bytes that an entry may have (https://c2sp.org/tlog-tiles).
"""

import json
from hashlib import sha256
from typing import Any

from governance.decisions.models import Decision

FORMAT = "governance.decision/v1"


def entry(decision: Decision) -> bytes:
    """The entry: canonical JSON (RFC 8785), the same bytes for the same decision for ever."""
    return entry_of(fields(decision), decision.input.encode(), decision.result.encode())


def entry_of(fields: dict[str, str], recorded: bytes, result: bytes) -> bytes:
    """The entry from the JSON texts of its `fields` and the exact bytes of input and result."""
    texts = fields | {"input": _digest(recorded), "result": _digest(result)}
    return "{{{}}}".format(",".join(f'"{key}":{texts[key]}' for key in sorted(texts))).encode()


def fields(decision: Decision) -> dict[str, str]:
    """The fields of an entry other than input and result, each as its canonical JSON text."""
    return {
        "bundles": _text({"governance": {"revision": decision.release}}),
        "decision_id": _text(decision.decision_id),
        "format": _text(FORMAT),
        "gate": _text(decision.gate),
        "labels": _text(decision.labels),
        "metrics": _text(decision.metrics),
        "path": _text(decision.path),
        "requested_by": _text(decision.requested_by),
        "timestamp": _text(timestamp(decision)),
        "trace_id": _text(decision.trace_id),
    }


def timestamp(decision: Decision) -> str:
    """When it was recorded: RFC 3339, UTC, microseconds."""
    return decision.timestamp.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _digest(text: bytes) -> str:
    return f'"sha256:{sha256(text).hexdigest()}"'


def _text(value: Any) -> str:
    # RFC 8785 for what stands here: names in ASCII, texts and integers, no fractions.
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
