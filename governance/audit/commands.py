"""The `audit` commands: replay, erase, statements, and those of the log and of exports."""

import os
import time
from typing import Annotated

import typer

from governance.access.caller import at_the_shell
from governance.audit import erasure
from governance.audit import filter_options as options
from governance.audit.exports import commands as export_commands
from governance.audit.filter_query import filter_query
from governance.audit.log import commands as log_commands
from governance.audit.replay import replay
from governance.audit.statements import commands as statement_commands
from governance.audit.terminal import bar, err, opened, out
from governance.errors import InvalidRequest

audit = typer.Typer(
    name="audit",
    help="Export, verify, replay and erase what is on the record.",
    no_args_is_help=True,
)
for command in (
    export_commands.export,
    export_commands.verify,
    log_commands.seal,
    log_commands.keygen,
    log_commands.keys,
):
    audit.command()(command)
audit.command("statements")(statement_commands.export_statements)
_SHOWN = 10


@audit.command("replay")
def replay_range(
    since: options.Since = None,
    until: options.Until = None,
    market: options.Market = None,
    category: options.Category = None,
    verdict: options.Verdict = None,
    gate: options.Gate = None,
    caller: options.CallerId = None,
    release: options.Release = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes; by default one for every core.")
    ] = os.cpu_count() or 1,
) -> None:
    """Decide recorded inputs again under their own releases: exit code 1 if a result differs."""
    filters = filter_query(since, until, market, category, verdict, gate, caller, release)
    began = time.perf_counter()
    with opened() as pipeline, bar("replaying") as moved:
        report = replay(pipeline, filters, workers, moved)
    seconds = time.perf_counter() - began
    each = f"{report.count / seconds:,.0f} a second"
    if not report.differences:
        out.print(f"[green]{report.count:,} decisions, every result the same[/] ({each})")
        return
    out.print(f"[red]{len(report.differences):,} of {report.count:,} results differ[/] ({each})")
    for one in report.differences[:_SHOWN]:
        out.print(f"\n{one.decision_id}  release {one.release}", markup=False)
        out.print(f"recorded: {one.recorded}\nreplayed: {one.replayed}", markup=False)
    if len(report.differences) > _SHOWN:
        out.print(f"\n… and {len(report.differences) - _SHOWN:,} more")
    raise typer.Exit(1)


@audit.command()
def erase(
    subject: Annotated[str | None, typer.Option(help="Whose values: the id of a seller.")] = None,
    expired: Annotated[
        bool, typer.Option("--expired", help="What the audit policy lets nobody keep any longer.")
    ] = False,
    reason: Annotated[
        str, typer.Option(help="Why; it goes on the record, so name nobody in it.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase personal values for ever. The record and its proofs hold; its commitments stay."""
    if (subject is None) == (not expired):
        raise InvalidRequest("Name a subject with --subject, or say --expired")
    if not yes:
        typer.confirm("Erased values cannot be had back. Erase?", abort=True, err=True)
    with opened() as pipeline, err.status("erasing …"):
        shell = at_the_shell(pipeline)
        if subject is None:
            done = erasure.erase_expired(pipeline, shell)
        else:
            done = erasure.erase_subject(pipeline, shell, subject, reason)
    if not done.records:
        out.print("Nothing is kept that this would erase; nothing was changed")
        return
    out.print(f"Erased the personal values of {done.decisions:,} decision(s)")
    out.print("on the record: " + ", ".join(done.records))
