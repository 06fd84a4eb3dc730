"""The `audit` commands of the log itself: make and list its keys, seal, verify all of it."""

from typing import Annotated

import typer
from sqlmodel import col, func, select

from governance.audit.log.keys import UnusableLogKey, ensure_key, signer, stored_keys
from governance.audit.log.keys import keygen as make_key
from governance.audit.log.sealer import seal_batches, unsealed_after
from governance.audit.log.verification import verify_log
from governance.audit.terminal import bar, err, opened, out
from governance.db import transaction
from governance.decisions.models import Decision
from governance.settings import settings
from governance.transparency.note_keys import Verifier


def keygen(
    origin: Annotated[
        str | None,
        typer.Option(help="Name of the log: an address without its scheme. Only for the first."),
    ] = None,
) -> None:
    """Make the key that signs the log; where it has one, a new key in its place.

    Prints the verifier key: give it to whoever checks the log.
    """
    with opened() as pipeline:
        made = make_key(settings(), pipeline.engine, origin)
    out.print(str(made.verifier), markup=False)
    if made.old is None:
        return
    err.print(
        f"It takes over from {made.old}, with a checkpoint signed by both. What the old key signed "
        "is still opened with its verifier key.",
        markup=False,
    )
    if made.retired is not None:
        err.print(f"The old private key is now in {made.retired}: destroy it.", markup=False)
    if settings().audit_key is not None:
        err.print(
            "GOVERNANCE_AUDIT_KEY still holds the old private key: put the new one in its place."
        )
    err.print(
        f"Other hosts seal again once they have the new private key from {settings().data_dir}."
    )


def keys(
    signing: Annotated[
        bool, typer.Option("--signing", help="Print only the key that signs now.")
    ] = False,
) -> None:
    """List the verifier keys of the log, the oldest first, and which one signs."""
    with opened() as pipeline, transaction(pipeline.engine) as session:
        stored = stored_keys(session)
    if not stored:
        raise UnusableLogKey("The log has no key yet: `governance audit keygen` makes one")
    if signing:
        out.print(stored[-1].verifier_key, markup=False)
        return
    for key in stored:
        signs = "  signs" if key is stored[-1] else ""
        since = key.since.isoformat(timespec="seconds")
        out.print(f"{key.verifier_key}  since {since}{signs}", markup=False)


def seal() -> None:
    """Seal every decision that is on the record, now: the running service does so by itself."""
    newest = None
    with opened() as pipeline:
        with transaction(pipeline.engine, write=True) as session:
            ensure_key(settings(), session)
            key = signer(settings(), session)
            before, after = unsealed_after(session)
            waiting = select(func.count()).where(col(Decision.sequence) > after)
            total = session.exec(waiting).one()
        with bar("sealing") as moved:
            for newest in seal_batches(pipeline.engine, key):
                moved(newest.size - before, total)
    if newest is None:
        out.print("Nothing to seal: every decision has its place")
        return
    out.print(newest.note, markup=False, end="")


def verify_stored_log(keys: list[str] | None) -> None:
    """Verify every sealed decision, tile and checkpoint: LogDamaged names the first that fails.

    `keys` are verifier keys had from elsewhere than this database; without one the key of the
    first checkpoint is taken as it stands.
    """
    trusted = [Verifier.parse(text) for text in keys] if keys else None
    with opened() as pipeline, bar("verifying") as moved:
        report = verify_log(pipeline.engine, trusted, moved)
    out.print(
        f"[green]The log holds[/]. Decisions: {report.size:,}, "
        f"checkpoints: {report.checkpoints:,}, "
        f"personal values that open their commitments: {report.openings:,}; "
        f"not sealed yet: {report.unsealed:,}"
    )
    if trusted is None:
        out.print("Its key was taken from the database itself; name yours with --key")
