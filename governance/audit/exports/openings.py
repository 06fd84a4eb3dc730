"""What an export says of personal values: which are opened, withheld, erased; written and checked.

Pointers and the fields that they match are those of the event, as in `masks`: `/input/seller/id`,
`/input/evidence/*/reference`.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from governance.audit.exports.lines import Opening, Record, write_json
from governance.transparency.commitment import PREFIX, Scalar, opens

_COMMITMENT = re.compile(re.escape(PREFIX) + "[0-9a-f]{64}")
_NONE = ("[]", "[]", "{}")
_read = msgspec.json.Decoder().decode
_read_openings = msgspec.json.Decoder(dict[str, Opening]).decode


class WrongOpenings(ValueError):
    """What a line says of personal values does not fit its record; the message says how."""


def disclosed(
    recorded: str, kept: str | None, fields: Sequence[str], withheld: Sequence[str]
) -> tuple[str, str, str]:
    """The JSON texts of `erased`, `masked` and `opened` for one record.

    `recorded` is its input, `kept` what is kept of its personal values (both JSON texts), `fields`
    are the personal fields of its gate, `withheld` those that the reader is not shown.
    """
    if not fields and not kept:
        return _NONE
    openings, found, opened = _split(recorded, kept, fields, withheld)
    erased = [pointer for pointer in found if pointer not in openings]
    masked = [pointer for pointer in openings if pointer not in opened]
    return write_json(erased), write_json(masked), write_json(opened)


def shown_values(
    recorded: str, kept: str | None, fields: Sequence[str], withheld: Sequence[str]
) -> dict[str, Scalar]:
    """The personal values that the reader is shown, by pointer; parameters as for `disclosed`."""
    opened = _split(recorded, kept, fields, withheld)[2] if kept else {}
    return {pointer: opening.value for pointer, opening in opened.items()}


def _split(
    recorded: str, kept: str | None, fields: Sequence[str], withheld: Sequence[str]
) -> tuple[dict[str, Opening], dict[str, tuple[str, str]], dict[str, Opening]]:
    """What is kept, what is committed to, and what of both may be shown."""
    openings = {f"/input{name}": one for name, one in _read_openings(kept or "{}").items()}
    found = commitments({"input": _read(recorded)}, fields)
    opened = {
        pointer: opening
        for pointer, opening in openings.items()
        if pointer in found and found[pointer][0] not in withheld
    }
    return openings, found, opened


def check_openings(record: Record, fields: Sequence[str], withheld: Sequence[str]) -> None:
    """Every commitment of a line is opened, withheld or erased, and what is opened opens it.

    Raises WrongOpenings; also where a field of `withheld` is opened, or another one withheld.
    """
    if not (fields or record.opened or record.masked or record.erased):
        return
    event = {"input": _read(record.input)}
    found = commitments(event, fields)
    listed = [*record.opened, *record.masked, *record.erased]
    for pointer in listed:
        if pointer not in found:  # such as a field that was personal once: it may be listed
            found |= commitments(event, (pointer,))
            if pointer not in found:
                raise WrongOpenings(f"{pointer} is listed, and no commitment stands there")
    if not len(set(listed)) == len(listed) == len(found):
        raise WrongOpenings(_miscounted(listed, found))
    for pointer, opening in record.opened.items():
        field, commitment = found[pointer]
        if field in withheld:
            raise WrongOpenings(f"{pointer} is opened, though the export withholds it")
        if not _opens(opening, commitment):
            raise WrongOpenings(f"salt and value at {pointer} do not open its commitment")
    for pointer in record.masked:
        field = found[pointer][0]
        if field in fields and field not in withheld:
            raise WrongOpenings(f"{pointer} is withheld, though the export does not say so")


def commitments(event: Mapping[str, Any], fields: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The commitments at the personal fields of an event: by pointer its field and the text."""
    found: dict[str, tuple[str, str]] = {}
    for field in fields:
        if "*" in field:
            _find(event, _segments(field), field, field, found)
            continue
        node: Any = event
        try:  # most fields are in objects alone: an auditor's time goes by here
            for name in _segments(field):
                node = node[name]
        except (LookupError, TypeError):
            _find(event, _segments(field), field, field, found)
            continue
        if isinstance(node, str) and _COMMITMENT.fullmatch(node):
            found[field] = field, node
    return found


def _find(
    node: Any,
    segments: Sequence[str],
    pointer: str,
    field: str,
    found: dict[str, tuple[str, str]],
) -> None:
    """Add the commitments below a node; `pointer` still has a `*` for each list to come."""
    for depth, name in enumerate(segments):
        if isinstance(node, dict):
            node = node.get(name)
        elif isinstance(node, list) and name == "*":
            for number, item in enumerate(node):
                at = pointer.replace("*", str(number), 1)
                _find(item, segments[depth + 1 :], at, field, found)
            return
        elif isinstance(node, list) and name.isdecimal() and int(name) < len(node):
            node = node[int(name)]
        else:
            return
    if isinstance(node, str) and _COMMITMENT.fullmatch(node):
        found[pointer] = field, node


@lru_cache(maxsize=4096)
def _segments(pointer: str) -> tuple[str, ...]:
    return tuple(pointer.split("/")[1:])


def _opens(opening: Opening, commitment: str) -> bool:
    try:
        salt = bytes.fromhex(opening.salt)
        return salt.hex() == opening.salt and opens(commitment, salt, opening.value)
    except ValueError:
        return False


def _miscounted(listed: Sequence[str], found: Mapping[str, Any]) -> str:
    for pointer in found:
        if pointer not in listed:
            return f"{pointer} is in none of `opened`, `masked`, `erased`"
    return "a personal field is listed twice in `opened`, `masked`, `erased`"
