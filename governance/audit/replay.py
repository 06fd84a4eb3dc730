"""Replays a range of decisions: every recorded input again, under the release that judged it."""

import json
import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field

from sqlmodel import Session, col, func, select

from governance.db import open_engine, transaction
from governance.decisions.filters import Filters, conditions
from governance.decisions.models import Decision
from governance.errors import GovernanceError
from governance.gates.pipeline import Pipeline, canonical
from governance.settings import Settings

_CHUNK = 500  # decisions for one worker at a time
_WORTH_A_PROCESS = 2_000  # each takes seconds to start and to load the release


@dataclass(frozen=True)
class Difference:
    """A decision whose result is another today, or that could not be replayed at all."""

    decision_id: str
    release: str
    recorded: str
    replayed: str


@dataclass
class Replayed:
    """How many decisions were replayed, and every one that came out differently."""

    count: int = 0
    differences: list[Difference] = field(default_factory=list)


def replay(
    pipeline: Pipeline,
    filters: Filters,
    workers: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Replayed:
    """Replay every decision that the filters mean, on up to `workers` processes.

    `progress` is told how many are done of how many. Decisions made meanwhile are left out.
    """
    total, chunks = _chunks(pipeline, filters)
    report = Replayed()
    if workers == 1 or total < _WORTH_A_PROCESS:
        for chunk in chunks:
            _add(report, replay_chunk(pipeline, filters, *chunk))
            progress(report.count, total)
        return report
    # Not forked: the rule engine and the policy engine are bound to the threads that made them.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _open, (pipeline.settings,)) as pool:
        for done in as_completed([pool.submit(_replay_chunk, filters, *chunk) for chunk in chunks]):
            _add(report, done.result())
            progress(report.count, total)
    report.differences.sort(key=lambda difference: difference.decision_id)
    return report


def replay_chunk(pipeline: Pipeline, filters: Filters, first: int, last: int) -> Replayed:
    """Replay the decisions that the filters mean among these numbers of the record."""
    report = Replayed()
    with transaction(pipeline.engine) as session:
        for decision in _between(session, filters, first, last):
            report.count += 1
            replayed = _again(pipeline, session, decision)
            if replayed != decision.result:
                report.differences.append(
                    Difference(decision.decision_id, decision.release, decision.result, replayed)
                )
    return report


def _again(pipeline: Pipeline, session: Session, decision: Decision) -> str:
    try:
        gates = pipeline.gates_of(session, decision.release)
        return canonical(gates.again(decision.gate, json.loads(decision.input)))
    except GovernanceError as error:
        return f"{error.title}: {error.detail}"


def _chunks(pipeline: Pipeline, filters: Filters) -> tuple[int, list[tuple[int, int]]]:
    """How many decisions there are, and spans of their numbers with about as many each."""
    with transaction(pipeline.engine) as session:
        query = select(
            func.count(), func.min(Decision.sequence), func.max(Decision.sequence)
        ).where(*conditions(filters))
        total, first, last = session.exec(query).one()
    if not total:
        return 0, []
    span = max(1, (last - first + 1) * _CHUNK // total)
    return total, [(start, min(start + span - 1, last)) for start in range(first, last + 1, span)]


def _between(session: Session, filters: Filters, first: int, last: int) -> Iterator[Decision]:
    query = (
        select(Decision)
        .where(col(Decision.sequence).between(first, last), *conditions(filters))
        .order_by(col(Decision.sequence))
    )
    return iter(session.exec(query, execution_options={"yield_per": 100}))


def _add(report: Replayed, part: Replayed) -> None:
    report.count += part.count
    report.differences.extend(part.differences)


_pipeline: Pipeline  # of a worker process


def _open(settings: Settings) -> None:
    global _pipeline
    _pipeline = Pipeline(open_engine(settings), settings)


def _replay_chunk(filters: Filters, first: int, last: int) -> Replayed:
    return replay_chunk(_pipeline, filters, first, last)
