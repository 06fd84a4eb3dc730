"""The `audit` commands of the log itself: make and list its keys, seal, verify all of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import Engine
from sqlmodel import col, func, select

from governance.audit.log_keys import ensure_key, signer, stored_keys
from governance.audit.log_keys import keygen as make_key
from governance.audit.log_verify import verify_log
from governance.audit.sealer import seal_batches, unsealed_after
from governance.db import migrate, open_engine, transaction
from governance.decisions.models import Decision
from governance.settings import settings
from governance.transparency.note_keys import Verifier

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


def keygen(
    origin: Annotated[
        str | None,
        typer.Option(help="Name of the log: an address without its scheme. Only for the first."),
    ] = None,
) -> None:
    """Make the key that signs the log; where it has one, a new key in its place.

    Prints the verifier key: give it to whoever checks the log.
    """
    with _database() as engine:
        made = make_key(settings(), engine, origin)
    _out.print(str(made.verifier), markup=False)
    if made.old is None:
        return
    _err.print(
        f"It takes over from {made.old}, with a checkpoint signed by both. What the old key signed "
        "is still opened with its verifier key.",
        markup=False,
    )
    if made.retired is not None:
        _err.print(f"The old private key is now in {made.retired}: destroy it.", markup=False)
    if settings().audit_key is not None:
        _err.print(
            "GOVERNANCE_AUDIT_KEY still holds the old private key: put the new one in its place."
        )
    _err.print(
        f"Other hosts seal again once they have the new private key from {settings().data_dir}."
    )


def keys() -> None:
    """List the verifier keys of the log, the oldest first, and which one signs."""
    with _database() as engine, transaction(engine) as session:
        stored = stored_keys(session)
    for key in stored:
        signs = "  signs" if key is stored[-1] else ""
        since = key.since.isoformat(timespec="seconds")
        _out.print(f"{key.verifier_key}  since {since}{signs}", markup=False)
    if not stored:
        _err.print("The log has no key yet: `governance audit keygen` makes one")


def seal() -> None:
    """Seal every decision that is on the record, now: the running service does so by itself."""
    newest = None
    with _database() as engine:
        with transaction(engine, write=True) as session:
            ensure_key(settings(), session)
            key = signer(settings(), session)
            before, after = unsealed_after(session)
            waiting = select(func.count()).where(col(Decision.sequence) > after)
            total = session.exec(waiting).one()
        with _progress() as bar:
            task = bar.add_task("sealing", total=total)
            for newest in seal_batches(engine, key):
                bar.update(task, completed=newest.size - before)
    if newest is None:
        _out.print("Nothing to seal: every decision has its place")
        return
    _out.print(newest.note, markup=False, end="")


def verify_stored_log(
    keys: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            help="A verifier key that you have from elsewhere than this database; without one, the "
            "key of the first checkpoint is taken as it stands.",
        ),
    ] = None,
) -> None:
    """Verify every sealed decision, tile and checkpoint: exit code 1 at the first that fails."""
    trusted = [Verifier.parse(text) for text in keys] if keys else None
    with _database() as engine, _progress() as bar:
        task = bar.add_task("verifying", total=None)
        report = verify_log(
            engine, trusted, lambda done, total: bar.update(task, completed=done, total=total)
        )
    _out.print(
        f"[green]The log holds[/]. Decisions: {report.size:,}, "
        f"checkpoints: {report.checkpoints:,}, "
        f"personal values that open their commitments: {report.openings:,}; "
        f"not sealed yet: {report.unsealed:,}"
    )
    if trusted is None:
        _out.print("Its key was taken from the database itself; name yours with --key")


@contextmanager
def _database() -> Iterator[Engine]:
    engine = open_engine(settings())
    try:
        migrate(engine)
        yield engine
    finally:
        engine.dispose()


def _progress() -> Progress:
    """A bar on the error stream, gone when the work is done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=_err, transient=True)
