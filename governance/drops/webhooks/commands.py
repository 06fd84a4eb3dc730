"""The `webhooks` commands: list, add, rotate, remove, deliveries."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from governance.access.caller import at_the_shell
from governance.access.keys import load_secret
from governance.db import transaction
from governance.drops.webhooks import registry
from governance.drops.webhooks.addresses import check_url
from governance.drops.webhooks.models import DeliveryState
from governance.drops.webhooks.schemas import delivery_out
from governance.drops.webhooks.signing import storage_key
from governance.gates.pipeline import open_pipeline
from governance.settings import settings

webhooks = typer.Typer(
    name="webhooks", help="Who is told of what happens to drops.", no_args_is_help=True
)
_Id = Annotated[str, typer.Argument(metavar="WEBHOOK_ID", help="As in whk_…")]
_PAGE = 200
_KEEP = "Keep it now, it is not shown again."
_out = Console(highlight=False)


@webhooks.command("list")
def list_webhooks() -> None:
    """All webhooks, in the order in which they were added."""
    table = Table("id", "address", "kinds", "told of drops of", "state", box=None)
    pipeline = open_pipeline(settings())
    after: str | None = None
    with transaction(pipeline.engine) as session:
        while page := registry.endpoints(session, None, after=after, limit=_PAGE):
            for one in page:
                kinds = "all" if one.kinds is None else ", ".join(one.kinds)
                state = "on" if one.disabled_at is None else f"disabled: {one.disabled_why}"
                row = (one.id, one.url, kinds, one.audience or "everybody", state)
                table.add_row(*map(escape, row))
            after = page[-1].id
    _out.print(table if table.row_count else "There is no webhook")


@webhooks.command()
def add(
    url: Annotated[str, typer.Argument(help="As in https://hooks.example.com/governance")],
    kind: Annotated[
        list[str] | None, typer.Option(help="As in drop.live; or several. None: all.")
    ] = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
) -> None:
    """Have events of everybody's drops sent to an address; prints the secret, this once."""
    check_url(url, allow_private=settings().webhooks_allow_private)
    key = storage_key(load_secret(settings()))
    pipeline = open_pipeline(settings())
    who = at_the_shell(pipeline).id
    now = datetime.now(UTC)
    with transaction(pipeline.engine, write=True) as session:
        made, secret = registry.add(session, key, url, description, kind, who, None, now)
    typer.echo(secret)
    typer.echo(f"The secret of {made.id}: {_KEEP}", err=True)


@webhooks.command()
def rotate(webhook_id: _Id) -> None:
    """Print a new secret, this once; the one before signs beside it for 24 hours."""
    key = storage_key(load_secret(settings()))
    pipeline = open_pipeline(settings())
    with transaction(pipeline.engine, write=True) as session:
        endpoint = registry.endpoint_of(session, None, webhook_id, lock=True)
        secret, until = registry.rotate(session, key, endpoint, datetime.now(UTC))
    typer.echo(secret)
    ends = until.isoformat(timespec="seconds")
    typer.echo(f"{_KEEP} The secret before signs beside it until {ends}.", err=True)


@webhooks.command()
def remove(webhook_id: _Id) -> None:
    """Remove a webhook with its secrets and deliveries."""
    pipeline = open_pipeline(settings())
    with transaction(pipeline.engine, write=True) as session:
        endpoint = registry.endpoint_of(session, None, webhook_id, lock=True)
        registry.remove(session, endpoint)
    typer.echo(f"Removed {webhook_id}")


@webhooks.command()
def deliveries(
    webhook_id: _Id,
    state: Annotated[DeliveryState | None, typer.Option(help="Only those.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=_PAGE, help="How many.")] = 50,
) -> None:
    """The newest deliveries to a webhook, and what came of them."""
    table = Table("event", "kind", "subject", "state", "attempts", "next", "last", box=None)
    pipeline = open_pipeline(settings())
    with transaction(pipeline.engine) as session:
        registry.endpoint_of(session, None, webhook_id)
        found = registry.deliveries(session, webhook_id, state=state, before=None, limit=limit)
    for one in (delivery_out(*each) for each in found):
        again = one.next_attempt_at.isoformat(timespec="seconds") if one.next_attempt_at else ""
        last = one.last_error or str(one.last_status or "")
        row = (str(one.number), one.kind, one.subject, one.state.value, str(one.attempts))
        table.add_row(*map(escape, (*row, again, last)))
    _out.print(table if table.row_count else "There is no such delivery")
