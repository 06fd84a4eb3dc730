"""What the `audit` commands share at the terminal: the opened service, and a bar that moves."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from governance.db import migrate, open_engine
from governance.gates.pipeline import Pipeline
from governance.settings import settings

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Moved = Callable[[int, int], None]
"""Tells a bar how many are done of how many."""

_REFRESH_SECONDS = 0.1


@contextmanager
def opened() -> Iterator[Pipeline]:
    """The pipeline over the configured database, migrated; closed at the end of the block."""
    pipeline = Pipeline(open_engine(settings()), settings())
    try:
        migrate(pipeline.engine)
        yield pipeline
    finally:
        pipeline.engine.dispose()


@contextmanager
def bar(what: str, auto_refresh: bool = True) -> Iterator[Moved]:
    """A bar with a rate on the error stream, gone when the work is done: what moves it.

    Without `auto_refresh` no thread draws it, so that processes may be forked meanwhile.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    progress = Progress(
        *columns,
        console=err,
        transient=True,
        auto_refresh=auto_refresh,
        disable=not err.is_terminal,
    )
    began = shown = time.monotonic()
    first: int | None = None

    def moved(done: int, total: int) -> None:
        nonlocal shown, first
        first = done if first is None else first
        now = time.monotonic()
        if now - shown < _REFRESH_SECONDS and done < total:
            return
        shown = now
        rate = f"{(done - first) / max(now - began, _REFRESH_SECONDS):,.0f} a second"
        progress.update(task, completed=done, total=total, rate=rate, refresh=not auto_refresh)

    with progress:
        task = progress.add_task(what, total=None, rate="")
        yield moved
