"""Takes events in: in batches, each one transaction that keeps the events and folds them."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from governance.db import transaction
from governance.providers.events import store
from governance.providers.events.lines import BATCH_LINES, MOST_BYTES, Line, TooLong, batches
from governance.providers.events.observation import Observation, Reason, Refused, microseconds
from governance.providers.events.reading import read
from governance.providers.events.report import Report, SetAside, refused, too_long
from governance.providers.vetting.due import mark_due

_Key = tuple[str, str]


def ingest(
    engine: Engine,
    lines: Iterable[Line | TooLong],
    received_at: datetime,
    *,
    batch: int = BATCH_LINES,
    tell: Callable[[Report], None] = lambda report: None,
) -> Report:
    """Take events in, at most `batch` lines a transaction; what became of them.

    A bad event is set aside and stored with its reason; the rest lands. To send the same again, in
    any order and also from several processes at once, changes nothing. `tell` hears the report
    after each commit: what it counts as read is durable. Raises StorageUnavailable where the
    database fails; what was committed before stays, and sending all again is safe.
    """
    report = Report()
    for some in batches(lines, batch):
        take_in(engine, some, received_at, report)
        tell(report)
    return report


@dataclass
class _Read:
    """What was read from a batch: events by their key, and what is set aside."""

    events: dict[_Key, tuple[Line, Observation]] = field(default_factory=dict)
    aside: list[SetAside] = field(default_factory=list)
    repeated: int = 0

    def set_aside(self, key: _Key, why: Refused) -> None:
        line, _ = self.events.pop(key)
        self.aside.append(refused(line, why))


def take_in(
    engine: Engine, lines: Sequence[Line | TooLong], received_at: datetime, report: Report
) -> None:
    """Take in these lines in one transaction, and add what became of them to the report."""
    batch = _read(lines, microseconds(received_at))
    with transaction(engine, write=True) as session:
        store.prepare(session)
        known = store.lock_providers(session, {seen.provider for _, seen in batch.events.values()})
        for key, (_, seen) in list(batch.events.items()):
            if seen.provider not in known:
                batch.set_aside(key, _unknown_provider(seen))
        _leave_out_repeats(batch, store.bodies(session, list(batch.events)))
        taken = store.keep(session, batch.events.values(), received_at)
        if taken < len(batch.events):
            # Another sender gave an event of another provider the same source and id meanwhile.
            _leave_out_repeats(batch, _others(batch, store.bodies(session, list(batch.events))))
        store.fold_shipments(session, [seen for _, seen in batch.events.values()])
        store.keep_counts(session, [seen for _, seen in batch.events.values()])
        mark_due(session, {seen.provider for _, seen in batch.events.values()}, received_at)
        aside = sorted(batch.aside, key=lambda one: one.line)
        store.keep_set_aside(session, aside, received_at)
    report.add(len(lines), len(batch.events), batch.repeated, aside)


def _read(lines: Sequence[Line | TooLong], received: int) -> _Read:
    batch = _Read()
    for line in lines:
        if isinstance(line, TooLong):
            batch.aside.append(too_long(line, MOST_BYTES))
            continue
        try:
            seen = read(line.body, received)
        except Refused as why:
            batch.aside.append(refused(line, why))
            continue
        key = seen.source, seen.id
        if key not in batch.events:
            batch.events[key] = line, seen
        elif _same(batch.events[key][0].body, line.body):
            batch.repeated += 1
        else:
            batch.aside.append(refused(line, _other_content(seen)))
    # All senders keep events in the same order, and keys that are near each other together.
    batch.events = dict(sorted(batch.events.items()))
    return batch


def _leave_out_repeats(batch: _Read, kept: dict[_Key, str]) -> None:
    """Of events that are kept already, the same is a repeat; another is set aside."""
    for key, body in kept.items():
        line, seen = batch.events[key]
        if _same(body.encode(), line.body):
            del batch.events[key]
            batch.repeated += 1
        else:
            batch.set_aside(key, _other_content(seen))


def _others(batch: _Read, kept: dict[_Key, str]) -> dict[_Key, str]:
    return {
        key: body
        for key, body in kept.items()
        if not _same(body.encode(), batch.events[key][0].body)
    }


def _same(one: bytes, other: bytes) -> bool:
    """Whether two texts of JSON say the same, however they spell it."""
    try:
        return one == other or json.loads(one) == json.loads(other)
    except (RecursionError, ValueError):  # nested too deep, or a number of too many digits
        return False


def _unknown_provider(seen: Observation) -> Refused:
    return Refused(
        Reason.UNKNOWN_PROVIDER,
        "/data/provider" if seen.type.startswith("governance.") else "/provider",
        f"There is no provider {seen.provider!r}",
        "register it first; GET /v1/providers lists those that are",
    )


def _other_content(seen: Observation) -> Refused:
    return Refused(
        Reason.OTHER_CONTENT,
        "/id",
        f"Another event of {seen.source} with the id {seen.id} is there already, and it stays",
        "give every event an id of its own; send a correction as a new event",
    )
