"""Personal fields: the record holds a commitment to each, the value stands where it can be erased.

The commitment is SHA-256 over 32 random bytes and the value, so that nobody can guess the value
from the record; who is shown salt and value can check them against it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from governance.transparency.commitment import commit


@dataclass(frozen=True)
class PersonalFields:
    """Which fields of a request are personal: JSON pointers, where `*` is every item of a list.

    `subject` points to the id of the person whom all of them are about.
    """

    subject: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Personal:
    """What was taken out of a request: `opened` is `{pointer: {"salt": hex, "value": …}}`."""

    subject: str
    opened: Mapping[str, Mapping[str, Any]]

    def as_json(self) -> str:
        """The text that is stored: ASCII, so that it has as many bytes as characters."""
        return json.dumps(self.opened, sort_keys=True, separators=(",", ":"))


def bucket(subject: str) -> int:
    """One of 65,536 buckets by which a subject's rows are found without storing who it is.

    An index would keep the name: SQLite leaves old copies of what it held when its pages split.
    """
    return int.from_bytes(sha256(subject.encode()).digest()[:2])


def take_out(
    request: Mapping[str, Any], personal: PersonalFields
) -> tuple[dict[str, Any], Personal]:
    """A copy of the request with commitments in place of its personal values, and the values.

    A field that is absent or null stays as it is. Raises `KeyError` where there is no subject.
    """
    subject: Any = request
    for segment in _segments(personal.subject):
        subject = subject[segment]
    opened: dict[str, dict[str, Any]] = {}
    taken: Any = request
    for pointer in personal.fields:
        taken = _replaced(taken, _segments(pointer), "", opened)
    return taken, Personal(str(subject), opened)


def put_back(recorded: Any, opened: Mapping[str, Mapping[str, Any]]) -> Any:
    """The recorded input with the values that may be shown in place of their commitments."""
    for pointer, opening in opened.items():
        recorded = _put(recorded, _segments(pointer), opening["value"])
    return recorded


def matching(pointer: str, fields: Sequence[str]) -> bool:
    """Whether a pointer into a document is one of the fields, which may hold `*`."""
    segments = _segments(pointer)
    return any(
        len(pattern) == len(segments)
        and all(p in ("*", s) for p, s in zip(pattern, segments, strict=True))
        for pattern in map(_segments, fields)
    )


def pointers(recorded: Any, fields: Sequence[str]) -> list[str]:
    """The pointers of the commitments that a recorded input holds, in the order of `fields`."""
    found: list[str] = []
    for field in fields:
        _walk(recorded, _segments(field), "", found)
    return found


def _segments(pointer: str) -> list[str]:
    return pointer.split("/")[1:]


def _replaced(
    node: Any, segments: Sequence[str], at: str, opened: dict[str, dict[str, Any]]
) -> Any:
    if not segments:
        salt, commitment = commit(node)
        opened[at] = {"salt": salt.hex(), "value": node}
        return commitment
    head, *rest = segments
    if head == "*":
        return [_replaced(item, rest, f"{at}/{n}", opened) for n, item in enumerate(node)]
    if node.get(head) is None:
        return node
    return {**node, head: _replaced(node[head], rest, f"{at}/{head}", opened)}


def _put(node: Any, segments: Sequence[str], value: Any) -> Any:
    if not segments:
        return value
    head, *rest = segments
    if isinstance(node, list):
        return [_put(item, rest, value) if n == int(head) else item for n, item in enumerate(node)]
    return {**node, head: _put(node[head], rest, value)}


def _walk(node: Any, segments: Sequence[str], at: str, found: list[str]) -> None:
    if not segments:
        found.append(at)
        return
    head, *rest = segments
    if head == "*":
        for number, item in enumerate(node):
            _walk(item, rest, f"{at}/{number}", found)
    elif node.get(head) is not None:
        _walk(node[head], rest, f"{at}/{head}", found)
