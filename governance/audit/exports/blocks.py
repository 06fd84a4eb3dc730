"""Checks the records of an export, a block of lines at a time: what a verifying process does."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import msgspec

from governance.audit.exports import filter_agreement
from governance.audit.exports.lines import FORMAT_TEXT, Record, encode, entry_of_record, read_record
from governance.audit.exports.openings import WrongOpenings, check_openings
from governance.transparency.inclusion_checker import InclusionChecker
from governance.transparency.tree import ProofInvalid

_FORMAT = FORMAT_TEXT.encode()
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True)
class Terms:
    """What every record of an export must agree with: its checkpoint, and what its manifest says.

    `personal` and `masks` are lists of fields by gate.
    """

    size: int
    root: bytes
    from_index: int
    filter: Mapping[str, str]
    personal: Mapping[str, Sequence[str]]
    masks: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Block:
    """Lines of records in a file, from byte `start` to `end`; `records` is how many stand before.

    Its first line has the number `records` + 2: the header is line 1.
    """

    path: Path
    start: int
    end: int
    records: int


@dataclass
class Checked:
    """What was found in a block: digest (hex), leaf hashes, first and last index, records by gate.

    `broken` says which is the first line that does not hold, and why; later ones are not checked.
    """

    digest: str = ""
    leaf_hashes: list[bytes] = field(default_factory=list)
    first_index: int = -1
    last_index: int = -1
    gates: Counter[str] = field(default_factory=Counter)
    broken: str | None = None


class _Broken(ValueError):
    pass


def check_block(block: Block, terms: Terms) -> Checked:
    """Check each line of a block by itself, and that their indexes ascend."""
    found = Checked()
    digest = sha256()
    inclusion = InclusionChecker(terms.size, terms.root)
    agreements = filter_agreement.tests(terms.filter)
    due = None if terms.filter else terms.from_index + block.records
    gates: Counter[bytes] = Counter()
    for number, line in enumerate(_lines(block)):
        digest.update(line)
        try:
            record = _read(line)
            index = record.index
            if due is not None and index != due + number:
                raise _Broken(f"index {due + number} is due: a record is missing, added or moved")
            if index < terms.from_index:
                raise _Broken(f"the export begins at index {terms.from_index}")
            leaf_hash = sha256(b"\x00" + entry_of_record(record)).digest()
            inclusion.check(index, leaf_hash, record.proof)
            gate = bytes(record.gate)
            _check_contents(record, gate, terms)
            for name, agrees in agreements:
                _require_agreement(record, name, agrees)
        except (_Broken, ProofInvalid, WrongOpenings) as error:
            found.broken = f"{_named(line, block.records + number + 2)} does not hold: {error}"
            break
        if not number:
            found.first_index = index
        found.last_index = index
        found.leaf_hashes.append(leaf_hash)
        gates[gate] += 1
    found.digest = digest.hexdigest()
    found.gates.update({msgspec.json.decode(gate): count for gate, count in gates.items()})
    return found


def _lines(block: Block) -> Iterator[bytes]:
    """The lines of a block with their ends, one at a time: all at once would not be faster."""
    with block.path.open("rb") as file:
        file.seek(block.start)
        left = block.end - block.start
        while left:
            line = file.readline()
            left -= len(line)
            yield line


def _read(line: bytes) -> Record:
    try:
        record = read_record(line)
    except _UNREADABLE as error:
        raise _Broken(f"it is no record of an export: {error}") from error
    # So a name that stands twice, a space between, and another way to write a value are all seen.
    if encode(record) != line[:-1]:
        raise _Broken("it is written otherwise than an export writes it")
    return record


def _check_contents(record: Record, gate: bytes, terms: Terms) -> None:
    if bytes(record.format) != _FORMAT:
        raise _Broken(f"this version knows no format {bytes(record.format)!r}")
    name = msgspec.json.decode(gate)
    try:
        check_openings(record, terms.personal.get(name, ()), terms.masks.get(name, ()))
    except _UNREADABLE as error:
        raise _Broken(f"its input cannot be read: {error}") from error


def _require_agreement(record: Record, name: str, agrees: filter_agreement.Test) -> None:
    try:
        if agrees(record):
            return
    except (LookupError, TypeError, ValueError, RecursionError) as error:
        raise _Broken(f"whether the filter ({name}) means it cannot be told: {error!r}") from error
    raise _Broken(f"the filter ({name}) does not mean it")


def _named(line: bytes, number: int) -> str:
    """The line's number, with index and decision id as far as they can be read."""
    try:
        record = msgspec.json.decode(line)
        index, decision_id = record["index"], record["decision_id"]
    except (*_UNREADABLE, LookupError, TypeError):
        return f"Line {number:,}"
    return f"Line {number:,} (index {index!r}, decision {decision_id!r})"
