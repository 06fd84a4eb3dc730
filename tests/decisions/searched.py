"""A record of generated decisions, and a plain reference for which of them a filter means."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import insert

from governance.db import transaction
from governance.decisions.filters import Filters
from governance.decisions.models import Decision, DecisionVerdict, PersonalValues

FIRST = datetime(2026, 11, 20, tzinfo=UTC)
MARKETS = ("DE", "FR", "JP", "US")
CATEGORIES = ("gadgets", "lasers", "paper")
VERDICTS = ("prohibited", "needs_review", "allowed")
CALLERS = ("key_1", "key_2", "anonymous")
RELEASES = ("sha256:" + "1" * 64, "sha256:" + "2" * 64)


@dataclass(frozen=True)
class Row:
    """What a generated decision is found by; `opened` is the text of its personal values."""

    sequence: int
    timestamp: datetime
    gate: str
    category: str | None
    release: str
    requested_by: str
    verdicts: dict[str, str]
    opened: str | None


def generated(count: int, chance: random.Random) -> list[Row]:
    """Decisions over four days; their instants go astray a little, as those of many hosts do."""
    rows = []
    for sequence in range(1, count + 1):
        stray = timedelta(microseconds=chance.randint(0, 3_600_000_000))
        sale = chance.random() < 0.8
        markets = chance.sample(MARKETS, chance.randint(1, len(MARKETS)))
        rows.append(
            Row(
                sequence=sequence,
                timestamp=FIRST + timedelta(days=4) * sequence / count + stray,
                gate="sale" if sale else chance.choice(["access", "erasure"]),
                category=chance.choice(CATEGORIES) if sale else None,
                release=chance.choice(RELEASES),
                requested_by=chance.choice(CALLERS),
                verdicts={market: chance.choice(VERDICTS) for market in markets if sale}
                or {"": chance.choice(["allowed", "prohibited"])},
                opened=chance.choice(['{"/seller/id":{"salt":"00","value":"s"}}', "{}   ", None])
                if sale
                else None,
            )
        )
    return rows


def put_on_record(engine: Engine, rows: Sequence[Row]) -> None:
    """Insert them as they are, instants too."""
    with transaction(engine, write=True) as session:
        connection = session.connection()
        connection.execute(insert(Decision), [_decision(row) for row in rows])
        verdicts = [
            {"sequence": row.sequence, "market": market, "verdict": verdict}
            for row in rows
            for market, verdict in row.verdicts.items()
        ]
        connection.execute(insert(DecisionVerdict), verdicts)
        kept = [
            {"sequence": row.sequence, "bucket": 1, "opened": row.opened}
            for row in rows
            if row.opened is not None
        ]
        if kept:
            connection.execute(insert(PersonalValues), kept)


def _decision(row: Row) -> dict[str, object]:
    return {
        "sequence": row.sequence,
        "decision_id": f"{row.sequence:026d}",
        "timestamp": row.timestamp,
        "gate": row.gate,
        "labels": {},
        "release": row.release,
        "path": "",
        "input": "{}",
        "result": "{}",
        "requested_by": row.requested_by,
        "metrics": {},
        "category": row.category,
    }


def means(filters: Filters, row: Row) -> bool:
    """Whether a filter means a decision, by the definition."""
    if filters.since is not None and row.timestamp < filters.since:
        return False
    if filters.until is not None and row.timestamp >= filters.until:
        return False
    for wanted, value in (
        (filters.category, row.category),
        (filters.gate, row.gate),
        (filters.caller, row.requested_by),
        (filters.release, row.release),
    ):
        if wanted is not None and wanted != value:
            return False
    return (filters.market is None and filters.verdict is None) or bool(answers(filters, row))


def answers(filters: Filters, row: Row) -> list[tuple[str, str]]:
    """The answers (market, verdict) of a decision that a filter means."""
    return [
        (market, verdict)
        for market, verdict in row.verdicts.items()
        if filters.market in (None, market) and filters.verdict in (None, verdict)
    ]


def counted(filters: Filters, rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """The facets of what a filter means, by the definition."""
    meant = [row for row in rows if means(filters, row)]
    given = [answer for row in meant for answer in answers(filters, row)]
    return {
        "gate": Counter(row.gate for row in meant),
        "category": Counter(row.category for row in meant if row.category is not None),
        "release": Counter(row.release for row in meant),
        "day": Counter(row.timestamp.date().isoformat() for row in meant),
        "market": Counter(market for market, _ in given if market),
        "verdict": Counter(verdict for _, verdict in given),
    }


def every_filter(rows: Sequence[Row], chance: random.Random, count: int) -> list[Filters]:
    """No filter, every filter alone, all together for some decision, and `count` by chance."""
    single = [Filters()]
    for field in fields(Filters):
        single += [Filters(**{field.name: value}) for value in _values(field.name, rows)]
    whole = []
    for row in chance.sample(list(rows), 5):
        market, verdict = chance.choice(list(row.verdicts.items()))
        one_more = row.timestamp + timedelta(microseconds=1)
        about = (market or None, row.category, verdict, row.gate, row.requested_by, row.release)
        whole.append(Filters(row.timestamp, one_more, *about))
    mixed = [
        Filters(
            **{
                field.name: chance.choice(_values(field.name, rows))
                for field in fields(Filters)
                if chance.random() < 0.35
            }
        )
        for _ in range(count)
    ]
    return single + whole + mixed


def _values(name: str, rows: Sequence[Row]) -> list[object]:
    if name in ("since", "until"):
        instants = [row.timestamp for row in rows]
        return [FIRST, FIRST + timedelta(days=2), min(instants), instants[len(rows) // 3]]
    return {
        "market": [*MARKETS, "BR"],
        "category": [*CATEGORIES, "stamps"],
        "verdict": [*VERDICTS, "unknown"],
        "gate": ["sale", "access", "erasure"],
        "caller": [*CALLERS, "nobody"],
        "release": [*RELEASES, "sha256:" + "3" * 64],
    }[name]
