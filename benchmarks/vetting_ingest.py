"""How fast events of providers are taken in, with how much memory, and how fast metrics follow."""

import os
import platform
import random
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.console import Console
from sqlalchemy import Engine
from vetting_events import NOW, documents, provider_ids, write_events

from governance.access.caller import Caller
from governance.db import transaction
from governance.gates.pipeline import Pipeline, open_pipeline
from governance.providers.events.ingest import ingest
from governance.providers.events.lines import lines_of
from governance.providers.events.report import Report
from governance.providers.performance.metrics import metrics
from governance.providers.registry import put_all
from governance.providers.vetting.service import Vetted, vet_each
from governance.settings import Settings

_FULL = 1_000_000
_MOST_SECONDS = 120.0
_MOST_MB = 400.0
_ROUNDS = 3
_PIECE_BYTES = 1 << 16
_TABLES = {
    "provider_event": "source, id",
    "shipment": "provider_id, id",
    "inventory_count": "source, id",
    "set_aside_event": "number",
}


def measured(events: int, step: Callable[[str], None]) -> dict[str, Any]:
    """Take so many events in, twice, in a process whose memory nobody else uses."""
    with tempfile.TemporaryDirectory(prefix="vetting-") as folder:
        file = Path(folder) / "events.ndjson"
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
            step(f"Writing {events:,} events …")
            count = other.submit(write_events, file, events, random.Random(1)).result()
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
            step(f"Taking {count:,} events in, twice …")
            return other.submit(_figures, Path(folder), file).result()


def _figures(folder: Path, file: Path) -> dict[str, Any]:
    settings = Settings(data_dir=folder / "var", database_url=None)
    pipeline = open_pipeline(settings)
    engine = pipeline.engine
    with transaction(engine, write=True) as session:
        put_all(session, documents(), NOW)
    first, first_seconds = _sent(engine, file)
    before = _digest(engine)
    again, again_seconds = _sent(engine, file)
    peak = _peak_mb()
    took = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        with transaction(engine) as session:
            found = metrics(session, NOW)
        took.append(time.perf_counter() - began)
    figures = {
        "events": first.accepted,
        "seconds": round(first_seconds, 1),
        "events_a_second": round(first.accepted / first_seconds),
        "peak_mb": peak,
        "again": {
            "repeated": again.repeated,
            "seconds": round(again_seconds, 1),
            "events_a_second": round(again.repeated / again_seconds),
            "nothing_changed": _digest(engine) == before,
        },
        "vetting": _vetted(pipeline),
        "metrics": {
            "providers": len({one.provider_id for one in found}),
            "count": len(found),
            "ms": round(sorted(took)[_ROUNDS // 2] * 1000),
        },
    }
    engine.dispose()
    return figures


def _vetted(pipeline: Pipeline) -> dict[str, Any]:
    """Vet every provider twice: first each becomes provisional, then its deliveries are judged."""
    with transaction(pipeline.engine) as session:
        caller = Caller("benchmark", "admin", pipeline.gates(session))
    rounds = []
    for _ in range(2):
        began = time.perf_counter()
        found = [one for _, one in vet_each(pipeline, caller, provider_ids(), now=NOW)]
        rounds.append(time.perf_counter() - began)
    standings = Counter(one.after.value for one in found if isinstance(one, Vetted))
    return {
        "providers": len(found),
        "cells": sum(len(one.cells) for one in found if isinstance(one, Vetted)),
        "seconds": round(rounds[-1], 2),
        "ms_each": round(rounds[-1] / len(found) * 1000, 1),
        "standings": dict(sorted(standings.items())),
    }


def _sent(engine: Engine, file: Path) -> tuple[Report, float]:
    began = time.perf_counter()
    report = ingest(engine, lines_of(_pieces(file)), NOW)
    return report, time.perf_counter() - began


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE_BYTES):
            yield piece


def _digest(engine: Engine) -> str:
    """A digest of every row of the tables of performance."""
    running = sha256()
    with engine.connect() as connection:
        for table, order in _TABLES.items():
            for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY {order}"):
                running.update(repr(row).encode())
    return running.hexdigest()


def _peak_mb() -> float:
    """The most memory that the process ever had resident, in MB (10^6 bytes)."""
    unit = 1 if platform.system() == "Darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)


def targets(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each target with its figure; those of speed and memory only for a million events."""
    same = figures["again"]["nothing_changed"]
    rows = [
        {
            "target": "Sending all events again changes nothing",
            "wanted": "True", "found": same, "met": same,
        }
    ]  # fmt: skip
    if figures["events"] >= _FULL:
        for what, name, most in (
            (f"{_FULL:,} events taken in, seconds", "seconds", _MOST_SECONDS),
            ("Memory at its peak, MB", "peak_mb", _MOST_MB),
        ):
            found = figures[name]
            rows.append(
                {"target": what, "wanted": f"under {most}", "found": found, "met": found < most}
            )
    return rows


def show(figures: Mapping[str, Any], console: Console) -> None:
    """Print the figures in a sentence each."""
    again, of, vetted = figures["again"], figures["metrics"], figures["vetting"]
    standings = ", ".join(f"{count} {name}" for name, count in vetted["standings"].items())
    console.print(
        f"{figures['events']:,} events taken in within {figures['seconds']} s on "
        f"{os.cpu_count()} cores: {figures['events_a_second']:,} a second, "
        f"{figures['peak_mb']:.0f} MB at the peak. Sent again: {again['repeated']:,} repeats "
        f"within {again['seconds']} s. All {of['count']:,} metrics of {of['providers']} providers: "
        f"{of['ms']:,} ms. All {vetted['providers']} vetted again, {vetted['cells']:,} services in "
        f"markets, on the record: {vetted['seconds']} s, {vetted['ms_each']} ms each; {standings}.",
        highlight=False,
    )
