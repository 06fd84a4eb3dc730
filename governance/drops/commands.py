"""The `drops` commands: list, show, changes, close."""

import json
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table
from sqlmodel import Session

from governance.access.caller import at_the_shell
from governance.audit.terminal import opened, out
from governance.db import transaction
from governance.drops import registry, service
from governance.drops.models import Drop
from governance.drops.search import Filters, read_filters, search
from governance.drops.states import changes_of, next_states
from governance.gates.pipeline import open_pipeline
from governance.settings import settings

drops = typer.Typer(
    name="drops",
    help="Drops: where each stands, which plan it has, and how it came there.",
    no_args_is_help=True,
)
DropId = Annotated[str, typer.Argument(help="The drop's id, drp_….")]
_PAGE = 200


@drops.command("list")
def list_drops(
    state: Annotated[list[str] | None, typer.Option(help="As in live; or several.")] = None,
    creator: Annotated[str | None, typer.Option(help="The creator's id.")] = None,
    market: Annotated[str | None, typer.Option(help="Country where it would be sold.")] = None,
    provider: Annotated[
        str | None, typer.Option(help="Without whom its plan cannot be carried out.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="Part of id or title.")] = None,
) -> None:
    """Drops with where they stand, the newest first."""
    filters = read_filters(
        state=state or (), creator=creator, market=market, provider=provider, text=text
    )
    table = _table("id", "title", "creator", "state", "version", "sale")
    with opened() as pipeline, transaction(pipeline.engine) as session:
        for one in _every(session, filters):
            sale = f"{one.sale_from} to {one.sale_to}"
            row = (one.id, one.title, one.creator_id, one.state.value, str(one.version), sale)
            table.add_row(*map(escape, row))
    out.print(table if table.row_count else "No drop is like that")


@drops.command()
def show(drop_id: DropId) -> None:
    """A drop's document as JSON, which a revision may begin with; where it stands is told above."""
    with opened() as pipeline, transaction(pipeline.engine) as session:
        drop = registry.get(session, drop_id)
        there = ", ".join(next_states(session, drop.state)) or "nowhere"
        planned = "no plan" if drop.plan_id is None else registry.plan_of(session, drop).digest
    typer.echo(
        f"{drop.id}, version {drop.version}, is {drop.state.value} since its last change on "
        f"{drop.updated_at.isoformat(timespec='seconds')}; steps lead to {there}; {planned}",
        err=True,
    )
    typer.echo(json.dumps(json.loads(drop.document), indent=2, ensure_ascii=False))


@drops.command()
def changes(drop_id: DropId) -> None:
    """The steps that a drop took, the first one first."""
    table = _table("number", "when", "from", "to", "who", "why", "decision")
    with opened() as pipeline, transaction(pipeline.engine) as session:
        drop = registry.get(session, drop_id)
        for one in changes_of(session, drop.id):
            when = one.changed_at.isoformat(timespec="seconds")
            decision = one.decision_id or ""
            row = (
                str(one.number), when, one.from_state, one.to_state, one.actor, one.reason, decision
            )  # fmt: skip
            table.add_row(*map(escape, row))
    out.print(table if table.row_count else f"{drop.id} is a draft and took no step yet")


@drops.command()
def close(
    drop_id: DropId,
    reason: Annotated[str, typer.Option(help="Why; it goes on the record.")],
) -> None:
    """Close a drop for good."""
    pipeline = open_pipeline(settings())
    closed = service.close(pipeline, drop_id, reason, at_the_shell(pipeline))
    typer.echo(f"closed {closed.id}")


def _table(*columns: str) -> Table:
    """Ids and instants whole, whatever the width: they are copied from here."""
    table = Table(box=None)
    for name in columns:
        table.add_column(name, no_wrap=name in ("id", "when", "decision"), overflow="fold")
    return table


def _every(session: Session, filters: Filters) -> Iterator[Drop]:
    after: str | None = None
    while page := search(session, filters, made_by=None, after=after, limit=_PAGE):
        yield from page
        after = page[-1].id
