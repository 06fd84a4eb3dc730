"""The `keys` commands: make, revoke and list API keys from the shell of the host."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlmodel import Session

from governance.access import keys
from governance.access.models import ApiKey, Role
from governance.db import migrated, transaction
from governance.settings import settings

app = typer.Typer(name="keys", help="Make, revoke and list API keys.", no_args_is_help=True)

_AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


@app.command()
def create(
    role: Annotated[Role, typer.Option(help="What the holder of the key is to the service.")],
    name: Annotated[str, typer.Option(help="Who holds the key.")],
    as_json: _AsJson = False,
) -> None:
    """Make an API key and print it: this once, for only its HMAC is stored."""
    with _migrated() as session:
        record, key = keys.create(session, keys.load_secret(settings()), name=name, role=role)
    if as_json:
        _print_json(_described(record) | {"key": key})
        return
    typer.echo(key)
    typer.echo(f"Key {record.id}: keep it now, it is not stored and not shown again.", err=True)


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="KEY_ID")]) -> None:
    """Refuse a key from now on."""
    with _migrated() as session:
        record = keys.revoke(session, key_id)
    typer.echo(
        f"Key {record.id} ({record.name}) is revoked since {_described(record)['revoked_at']}"
    )


@app.command(name="list")
def list_(as_json: _AsJson = False) -> None:
    """List all keys, revoked ones too."""
    with _migrated() as session:
        records = [_described(record) for record in keys.list_keys(session)]
    if as_json:
        _print_json(records)
        return
    table = Table("Id", "Name", "Role", "Ends in", "Created", "Revoked")
    for record in records:
        # Text, so that a name with square brackets is shown and not taken for markup.
        table.add_row(*(Text(value or "", overflow="fold") for value in record.values()))
    Console().print(table)


@contextmanager
def _migrated() -> Iterator[Session]:
    with migrated(settings()) as engine, transaction(engine, write=True) as session:
        yield session


def _described(record: ApiKey) -> dict[str, str | None]:
    return {
        "id": record.id,
        "name": record.name,
        "role": record.role.value,
        "last_four": record.last_four,
        "created_at": record.created_at.isoformat(timespec="seconds"),
        "revoked_at": record.revoked_at.isoformat(timespec="seconds")
        if record.revoked_at
        else None,
    }


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
