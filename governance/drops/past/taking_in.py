"""Takes past drops in: in batches, each one transaction, and a report of what became of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from governance.db import sole_writer, transaction
from governance.drops.past import store
from governance.drops.past.models import StoredPastDrop
from governance.drops.past.reading import RefusedLine, read
from governance.errors import FieldError
from governance.planning.history import PastDrop
from governance.providers.events.lines import BATCH_LINES, MOST_BYTES, Line, TooLong, batches

LISTED = 100
"""So many of the lines that were refused are listed in a report."""


@dataclass(frozen=True)
class Refusal:
    """A line, by its number from 1, that was not taken in, and what is wrong with it."""

    line: int
    errors: Sequence[FieldError]


@dataclass
class Report:
    """How many drops were new, known with these figures, given other figures; and refused lines.

    `read` is how many lines were dealt with and committed.
    """

    read: int = 0
    accepted: int = 0
    unchanged: int = 0
    replaced: int = 0
    refused_total: int = 0
    refused: list[Refusal] = field(default_factory=list)


def ingest(
    engine: Engine,
    lines: Iterable[Line | TooLong],
    received_at: datetime,
    *,
    batch: int = BATCH_LINES,
    tell: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Take past drops in, at most `batch` lines a transaction; what became of them.

    A bad line is told in the report, and the rest lands. To send the same again changes nothing.
    `tell` hears the report after each commit: what it counts as read is durable. Raises
    StorageUnavailable where the database fails; what was committed before stays.
    """
    report = Report()
    for some in batches(lines, batch):
        take_in(engine, some, received_at, report)
        tell(report)
    return report


def take_in(
    engine: Engine, lines: Sequence[Line | TooLong], received_at: datetime, report: Report
) -> None:
    """Take in these lines in one transaction, and add what became of them to the report.

    Of several lines of one drop the last counts: the others are reported as it was then. One sender
    at a time writes: of two that send the same drop, one is told what the other left.
    """
    drops, refused = _read(lines, received_at)
    kept: dict[str, store.Kept] = {}
    written: dict[str, PastDrop] = {}
    counts = {"accepted": 0, "unchanged": 0, "replaced": 0}
    with transaction(engine, write=True) as session:
        sole_writer(session, StoredPastDrop)
        kept = store.kept(session, {drop.drop for _, drop in drops})
        for line, drop in drops:
            known = kept.get(drop.drop)
            now = store.Kept(drop.creator, store.digest_of(drop))
            if known is None:
                counts["accepted"] += 1
            elif known == now:
                counts["unchanged"] += 1
                continue
            elif known.creator != now.creator:
                refused.append(Refusal(line, [_of_another(drop)]))
                continue
            else:
                counts["replaced"] += 1
            kept[drop.drop], written[drop.drop] = now, drop
        store.keep(session, written.values(), received_at)
    report.read += len(lines)
    report.accepted += counts["accepted"]
    report.unchanged += counts["unchanged"]
    report.replaced += counts["replaced"]
    report.refused_total += len(refused)
    refused.sort(key=lambda one: one.line)
    report.refused += refused[: LISTED - len(report.refused)]


def _read(
    lines: Sequence[Line | TooLong], received_at: datetime
) -> tuple[list[tuple[int, PastDrop]], list[Refusal]]:
    drops: list[tuple[int, PastDrop]] = []
    refused: list[Refusal] = []
    for line in lines:
        if isinstance(line, TooLong):
            refused.append(Refusal(line.number, [_too_long(line)]))
            continue
        try:
            drops.append((line.number, read(line.body, received_at.date())))
        except RefusedLine as why:
            refused.append(Refusal(line.number, why.errors))
    return drops, refused


def _too_long(line: TooLong) -> FieldError:
    message = f"The line has {line.length:,} bytes, and at most {MOST_BYTES:,} are read"
    return FieldError("", message, "send one past drop a line")


def _of_another(drop: PastDrop) -> FieldError:
    # Not told whose it is: the sender may not know that creator.
    message = f"The drop {drop.drop} of another creator is there already, and it stays"
    return FieldError("/creator", message, "give every drop an id of its own")
