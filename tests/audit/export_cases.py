"""What the tests of exports share: a log of many decisions with personal values, and its export."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
from tiny_library import ask, paper

from governance.access.caller import Caller, at_the_shell
from governance.audit.exports.export import Export, begin, ndjson
from governance.audit.exports.lines import read_record
from governance.audit.exports.manifest import Manifest, Tally, read_header, signed
from governance.audit.exports.verification import Verified, verify_export
from governance.audit.log.keys import ensure_key, signer
from governance.db import transaction
from governance.decisions.filters import Filters
from governance.decisions.personal import take_out
from governance.gates.filing import SALE
from governance.gates.pipeline import Pipeline, open_pipeline
from governance.settings import Settings
from governance.transparency.checkpoint import Checkpoint, open_checkpoint
from governance.transparency.note_keys import Signer, Verifier

_QUESTIONS = [
    ask(*markets, attributes=attributes, category=category, evidence=evidence)
    for markets in (("DE", "FR", "AU"), ("US",), ("DE",))
    for attributes in ({"colour": "red"}, {"radio": True})
    for category in ("gadgets", "lasers")
    for evidence in ([], [paper("de.register"), paper("eu.declaration")])
]


@dataclass
class Log:
    """A log of its own, to be filled and exported."""

    pipeline: Pipeline

    @property
    def signer(self) -> Signer:
        with transaction(self.pipeline.engine, write=True) as session:
            ensure_key(self.pipeline.settings, session)
            return signer(self.pipeline.settings, session)

    @property
    def verifier(self) -> Verifier:
        return self.signer.verifier

    def fill(self, count: int, caller: str = "key_1", seller: str = "creator") -> None:
        """Put decisions on the record: few evaluations, and personal values of their own each."""
        gates = at_the_shell(self.pipeline).gates
        evaluated = [(asked, gates.evaluate("sale", asked)) for asked in _QUESTIONS[:count]]
        assert SALE.personal
        for start in range(0, count, 1_000):
            with transaction(self.pipeline.engine, write=True) as session:
                for number in range(start, min(start + 1_000, count)):
                    asked, evaluation = evaluated[number % len(evaluated)]
                    asked = copy.deepcopy(asked)
                    asked["seller"]["id"] = f"{seller}-{number}"
                    recorded, personal = take_out(asked, SALE.personal)
                    one = replace(evaluation, request=recorded, personal=personal)
                    one.record(session, caller)

    def caller(self, role: str = "admin") -> Caller:
        return at_the_shell(self.pipeline, role)

    def begin(
        self, filters: Filters | None = None, *, role: str = "admin", from_index: int = 0
    ) -> Export:
        return begin(self.pipeline, self.caller(role), filters or Filters(), from_index)

    def export(self, out: Path, filters: Filters | None = None, **how: Any) -> Path:
        """Export into a file."""
        pieces = ndjson(self.pipeline.engine, self.begin(filters, **how))
        out.write_bytes(b"".join(pieces))
        return out

    def verify(self, export: Path, workers: int = 1) -> Verified:
        return verify_export(export, [self.verifier], workers)


@contextmanager
def open_log(settings: Settings, rulesets: Path) -> Iterator[Log]:
    """A log over an empty database and the tiny library."""
    pipeline = open_pipeline(settings.model_copy(update={"rulesets_dir": rulesets}))
    try:
        yield Log(pipeline)
    finally:
        pipeline.engine.dispose()


def records(export: Path) -> list[dict[str, Any]]:
    """The records of an export, parsed."""
    return [msgspec.json.decode(line) for line in export.read_bytes().splitlines()[1:-1]]


def resigned(
    lines: list[bytes], signer: Signer, change: Callable[[Manifest], Manifest] = lambda same: same
) -> list[bytes]:
    """Header and records under a new manifest, as one who has the key could sign it."""
    header = read_header(lines[0])
    checkpoint: Checkpoint = open_checkpoint(header.checkpoint, [signer.verifier], signer.name)
    tally = Tally(1_000)
    for line in lines[1:-1]:
        try:
            record = read_record(line)
            tally.add(record.index, msgspec.json.decode(record.gate), line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            tally.add(0, "sale", line)
    manifest = tally.manifest(header, checkpoint, "2026-11-22T00:00:00Z")
    return [*lines[:-1], signed(change(manifest), signer)]
