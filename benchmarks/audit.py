"""Benchmark: what the audit costs and how fast a log is sealed, exported, verified and replayed.

A log of a million decisions as the service makes them (the shipped library, three markets a
request). The peer in verification is a program over Go's own `sumdb/note` and `tlog`, on the same
file in the same run.
"""

import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
from audit_log import Overhead, fill, three_market_requests
from measure import ratio, resident_mb, take_turns
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from governance.audit.log.keys import ensure_key, signer, verifiers
from governance.audit.log.sealer import seal
from governance.db import transaction
from governance.gates.pipeline import open_pipeline
from governance.settings import Settings

_PROGRAM = str(Path(sys.executable).parent / "governance")
_VERIFIER = Path(__file__).parent.parent / "tests" / "audit" / "verifier"
_EXPORT_MB, _VERIFIED_A_SECOND, _OVERHEAD = 200, 50_000, 0.15
_err = Console(stderr=True)


def audit(
    decisions: Annotated[int, typer.Option(min=2_000, help="How long the log is.")] = 1_000_000,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of tables.")
    ] = False,
) -> None:
    """Fill a log, then seal, export, verify and replay it; and weigh the audit in a single call.

    A full run takes about half an hour and 12 GB of the temporary folder.
    """
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with (
        tempfile.TemporaryDirectory(prefix="governance-audit-") as folder,
        Progress(*columns, console=_err, transient=True) as progress,
    ):
        task = progress.add_task("")
        figures = _figures(
            Path(folder), decisions, lambda what: progress.update(task, description=what)
        )
    if as_json:
        typer.echo(json.dumps(figures, indent=2))
    else:
        _show(figures, Console())


def _figures(folder: Path, decisions: int, step: Callable[[str], None]) -> dict[str, Any]:
    settings = Settings(data_dir=folder / "var", database_url=None)
    overhead = Overhead(settings.model_copy(update={"data_dir": folder / "overhead"}))
    step("Weighing the audit in a call …")
    take_turns(overhead.sides, 9, lambda: None)
    pipeline = open_pipeline(settings)
    requests = three_market_requests(random.Random(6962))
    filled = fill(
        pipeline, requests, decisions, lambda done: step(f"Deciding {done:,} of {decisions:,} …")
    )
    step("Sealing …")
    with transaction(pipeline.engine, write=True) as session:
        ensure_key(settings, session)
    with transaction(pipeline.engine) as session:
        key = signer(settings, session)
        known = [str(verifier) for verifier in verifiers(session)]
    began = time.perf_counter()
    seal(pipeline.engine, key)
    sealing = time.perf_counter() - began
    pipeline.engine.dispose()
    out = folder / "export.ndjson"
    step("Exporting …")
    exported = _run(settings, "audit", "export", str(out))
    keys = [option for one in known for option in ("--key", one)]
    step("Verifying …")
    verified = _run(settings, "audit", "verify", str(out), *keys)
    step("Verifying with Go …")
    by_go = _go(folder, out, known[0])
    step("Verifying the log in the database …")
    whole = _run(settings, "audit", "verify", "--log")
    step("Replaying …")
    replayed = _run(settings, "audit", "replay", "--to", filled.replay_until)
    megabytes = out.stat().st_size / 1e6
    bare, full = overhead.sides
    seconds_a_call = sum(map(sum, bare.wall)) / sum(map(len, bare.wall))
    with_sealing = ratio(full, bare) - 1 + sealing / decisions / seconds_a_call
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "decisions": decisions,
        "bytes_a_record": round(out.stat().st_size / decisions),
        "database_mb": round((settings.data_dir / "governance.db").stat().st_size / 1e6),
        "append_overhead": round(with_sealing, 3),
        "call_ms": round(seconds_a_call * 1000, 2),
        "sealed_a_second": round(decisions / sealing),
        "export": exported | _rate(decisions, megabytes, exported["seconds"]),
        "verify": verified | _rate(decisions, megabytes, verified["seconds"]),
        "verify_with_go": by_go and by_go | _rate(decisions, megabytes, by_go["seconds"]),
        "verify_log": whole | {"records_a_second": round(decisions / whole["seconds"])},
        "replay": replayed | {"records_a_second": round(filled.replayed / replayed["seconds"])},
    }


def _rate(records: int, megabytes: float, seconds: float) -> dict[str, int]:
    return {
        "records_a_second": round(records / seconds),
        "mb_a_second": round(megabytes / seconds),
    }


def _run(settings: Settings, *arguments: str, program: str = _PROGRAM) -> dict[str, Any]:
    """Run a command; its seconds from start to end, and the most memory that it had (MB)."""
    environment = os.environ | {"GOVERNANCE_DATA_DIR": str(settings.data_dir)}
    began = time.perf_counter()
    most = 0.0
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen([program, *arguments], env=environment, stdout=said, stderr=said)
        while process.poll() is None:
            # Not the peak that wait4 tells: it counts this process too, which was forked.
            with suppress(StopIteration):  # it has just ended
                most = max(most, resident_mb(process.pid) or 0)
            time.sleep(0.02)
        seconds = time.perf_counter() - began
        if process.returncode != 0:
            said.seek(0)
            raise RuntimeError(f"{program} {' '.join(arguments)}: {said.read()[-2000:]}")
    return {"seconds": round(seconds, 2), "memory_mb": round(most)}


def _go(folder: Path, export: Path, key: str) -> dict[str, Any] | None:
    go = shutil.which("go")
    if go is None:
        return None
    program = folder / "verifier"
    subprocess.run([go, "build", "-o", str(program), "."], cwd=_VERIFIER, check=True)
    return _run(Settings(data_dir=folder), str(export), key, program=str(program))


def _show(figures: dict[str, Any], console: Console) -> None:
    size = f"{figures['decisions']:,} decisions, {figures['bytes_a_record']:,} bytes each"
    table = Table("", "records/s", "MB/s", "seconds", "memory MB", title=size)
    for name in ("export", "verify", "verify_with_go", "verify_log", "replay"):
        row = figures[name]
        if row is not None:
            cells = (row.get(column, "") for column in ("records_a_second", "mb_a_second"))
            table.add_row(
                name.replace("_", " "), *map(str, cells), str(row["seconds"]), str(row["memory_mb"])
            )
    console.print(table)
    console.print(
        f"Sealing: {figures['sealed_a_second']:,} decisions a second. The audit (commitments, "
        f"personal values, verdict rows, sealing) adds {figures['append_overhead']:.1%} to an "
        f"eligibility call of {figures['call_ms']} ms, in the process and with its commit.",
        highlight=False,
    )
    if figures["verify_with_go"]:
        times = figures["verify_with_go"]["seconds"] / figures["verify"]["seconds"]
        console.print(f"The verifier over Go's packages takes {times:.2f} times our time.")
    targets = (
        ("export under 200 MB", figures["export"]["memory_mb"] < _EXPORT_MB),
        ("verify 50,000 a second", figures["verify"]["records_a_second"] >= _VERIFIED_A_SECOND),
        ("audit under 15 % of a call", figures["append_overhead"] < _OVERHEAD),
    )
    for name, met in targets:
        console.print(f"{'[green]met[/]' if met else '[red]missed[/]'}: {name}")


if __name__ == "__main__":
    typer.run(audit)
