"""The commands `export` and `verify`: take the log away, and check it with nothing but a key."""

import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

import typer

from governance.access.caller import at_the_shell
from governance.access.models import Role
from governance.audit import filter_options as options
from governance.audit import terminal
from governance.audit.exports import file as export_file
from governance.audit.exports.export import Export, Reached, begin, ndjson
from governance.audit.exports.manifest import Tally
from governance.audit.exports.tables import TABLES
from governance.audit.exports.verification import Verified, verify_export
from governance.audit.filter_query import filter_query
from governance.audit.log.commands import verify_stored_log
from governance.db import transaction
from governance.errors import InvalidRequest
from governance.gates.pipeline import Pipeline
from governance.transparency import canonical_base64
from governance.transparency.note_keys import Verifier

_STDOUT = Path("-")


def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="New file; - is standard output.")],
    as_format: Annotated[
        Literal["ndjson", "csv", "parquet"],
        typer.Option("--format", help="ndjson is evidence; csv and parquet are for reading."),
    ] = "ndjson",
    since: options.Since = None,
    until: options.Until = None,
    market: options.Market = None,
    category: options.Category = None,
    verdict: options.Verdict = None,
    gate: options.Gate = None,
    caller: options.CallerId = None,
    release: options.Release = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where an export into OUT was cut off.")
    ] = False,
    as_role: Annotated[
        Role, typer.Option(help="Withhold what the audit policy withholds from this role.")
    ] = Role.ADMIN,
) -> None:
    """Export decisions: with proofs and a signed manifest, or as a table for reading.

    Seals what is on the record first. Only NDJSON can be verified. In CSV a cell that a spreadsheet
    would take for a formula (it begins with =, +, -, @ or a tab) has an apostrophe before it.
    """
    if resume and (out == _STDOUT or as_format != "ndjson"):
        raise InvalidRequest("--resume is for an NDJSON export into a file: a table begins anew")
    if out != _STDOUT:
        export_file.check_free(out, resume)
    filters = filter_query(since, until, market, category, verdict, gate, caller, release)
    with terminal.opened() as pipeline:
        asked = begin(pipeline, at_the_shell(pipeline, as_role), filters, 0, format=as_format)
        begun = _begun(pipeline, out, asked) if resume else None
        pieces = _pieces(pipeline, asked, as_format, begun)
        if out == _STDOUT:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
        else:
            export_file.write(out, pieces)
    if as_format == "ndjson" and out != _STDOUT:
        key = asked.signer.verifier
        terminal.err.print(f"governance audit verify {out} --key '{key}'", markup=False)


def verify(
    export_path: Annotated[
        Path | None, typer.Argument(metavar="EXPORT", help="An NDJSON export.")
    ] = None,
    log: Annotated[
        bool, typer.Option("--log", help="Verify the whole stored log instead of an export.")
    ] = False,
    keys: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            help="Verifier key of the log, had from its keeper and not with the export. Several, "
            "where keys took over from each other.",
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, help="Processes for an export; by default one for every core.")
    ] = os.cpu_count() or 1,
) -> None:
    """Verify an export offline: exit code 1, and the first line that does not hold and why.

    Needs no database and no settings. Every record is shown to be in the log that the key signed,
    and every line to be one that the manifest was signed for.
    """
    if log == (export_path is not None):
        raise InvalidRequest("Name an export, or say --log")
    if export_path is None:
        verify_stored_log(keys)
        return
    if not keys:
        raise InvalidRequest("Name the log's verifier key with --key: the log's keeper has it")
    verifiers = [Verifier.parse(text) for text in keys]
    began = time.perf_counter()
    try:
        # No thread refreshes the bar: processes are forked meanwhile.
        with terminal.bar("verifying", auto_refresh=False) as moved:
            verified = verify_export(export_path, verifiers, workers, moved)
        size = export_path.stat().st_size
    except OSError as error:
        raise InvalidRequest(f"{export_path} cannot be read: {error.strerror}") from error
    _print(verified, size, time.perf_counter() - began)


def _begun(pipeline: Pipeline, out: Path, asked: Export) -> tuple[Export, Tally] | None:
    if not export_file.part_of(out).exists():
        return None
    with transaction(pipeline.engine) as session:
        return export_file.resumed(session, out, asked)


def _pieces(
    pipeline: Pipeline,
    asked: Export,
    as_format: str,
    begun: tuple[Export, Tally] | None,
) -> Iterator[bytes]:
    """The bytes that are still to be written, with a bar on the error stream."""
    going_on, tally = begun or (asked, None)
    with terminal.bar("exporting") as moved:
        size = going_on.checkpoint.size
        reached: Reached = lambda index: moved(index, size)  # noqa: E731
        if as_format == "ndjson":
            yield from ndjson(pipeline.engine, going_on, tally, reached)
        else:
            yield from TABLES[as_format](pipeline.engine, going_on, reached)


def _print(verified: Verified, size: int, seconds: float) -> None:
    manifest, checkpoint = verified.manifest, verified.checkpoint
    whole = "the whole log" if manifest.complete else f"from index {manifest.from_index:,} on"
    terminal.out.print(f"[green]verified[/]    {manifest.count:,} records, {whole}")
    lines = {
        "checkpoint": f"{checkpoint.size:,} records, root "
        f"{canonical_base64.encode(checkpoint.root)}",
        "signed by": verified.key,
        "exported": f"by {manifest.exporter}, {manifest.started_at} to {manifest.finished_at}",
        "filter": _listed(manifest.filter.items()) or "none",
        "withheld": _listed((gate, ", ".join(of)) for gate, of in manifest.masks.items() if of)
        or "nothing",
        "speed": f"{manifest.count / seconds:,.0f} records a second, "
        f"{size / seconds / 1e6:,.0f} MB a second",
    }
    for name, text in lines.items():
        terminal.out.print(f"{name:<11} {text}", markup=False)
    if manifest.hides_others:
        terminal.out.print(
            "[yellow]The filter hides other records: that none of those it means is missing, the "
            "exporter's signature says and no proof.[/]"
        )


def _listed(pairs: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{name} {text}" for name, text in pairs)
