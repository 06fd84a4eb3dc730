"""The `statements` command: the statements of reasons of a span of days, for submission."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

import typer
from sqlmodel import select

from governance.audit.statements.dsa_export import dsa_export
from governance.audit.statements.schemas import Statement
from governance.audit.statements.statements import statements
from governance.audit.terminal import opened
from governance.db import transaction
from governance.decisions.models import Decision
from governance.errors import FieldError, InvalidRequest
from governance.gates.pipeline import Pipeline

_AT_ONCE = 100  # decisions in memory


def export_statements(
    start: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of decision, UTC.")
    ],
    end: Annotated[
        datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day of decision, UTC.")
    ],
) -> None:
    """Print what is owed to the EU DSA Transparency Database: one JSON object a line.

    A statement keeps its puid, so the database refuses one that was submitted before.
    """
    with opened() as pipeline:
        owed = statements_between(pipeline, start.date(), end.date())
        for row in dsa_export(owed):
            typer.echo(json.dumps(row, ensure_ascii=False))


def statements_between(pipeline: Pipeline, first: date, last: date) -> Iterator[Statement]:
    """The statements owed for the decisions of these days (UTC, both included), in their order.

    Raises InvalidRequest where the last day lies before the first.
    """
    if last < first:
        wrong = FieldError("--to", f"{last} lies before {first}", "name the earlier day as --from")
        raise InvalidRequest("The span of days ends before it begins", errors=[wrong])
    begin = datetime.combine(first, time.min, UTC)
    end = datetime.combine(last, time.min, UTC) + timedelta(days=1)
    query = (
        select(Decision)
        .where(Decision.gate == "sale", Decision.timestamp >= begin, Decision.timestamp < end)
        .order_by(Decision.sequence)  # type: ignore[arg-type]  # SQLModel types it as its value
    )
    with transaction(pipeline.engine) as session:
        for decision in session.exec(query, execution_options={"yield_per": _AT_ONCE}):
            library = pipeline.gates_of(session, decision.release).library
            yield from statements(decision, library, pipeline.settings)
