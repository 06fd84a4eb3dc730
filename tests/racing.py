"""Several processes that do the same thing at once.

A module of its own: another process imports it by its name, and of the name `conftest` there are
several.
"""

import multiprocessing
import traceback
from collections.abc import Callable
from typing import Any

import pytest

Race = Callable[..., list[Any]]


@pytest.fixture
def race() -> Race:
    """`race(processes, function, *arguments)`: what each of the processes, let go at once, gave."""
    return _race


def _race(processes: int, function: Callable[..., Any], *arguments: Any) -> list[Any]:
    # Forked from a process that has nothing but the imports, which would take most of the time.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["governance.db", "governance.releases.service", "psycopg"])
    start, answers = context.Barrier(processes), context.Queue()
    runners = [
        context.Process(target=_runner, args=(start, answers, function, arguments), daemon=True)
        for _ in range(processes)
    ]
    for runner in runners:
        runner.start()
    given = [answers.get(timeout=120) for _ in runners]
    for runner in runners:
        runner.join()
    failures = [trace for trace, _ in given if trace]
    assert not failures, "\n".join(failures)
    return [answer for _, answer in given]


def _runner(start: Any, answers: Any, function: Callable[..., Any], arguments: Any) -> None:
    try:
        start.wait(timeout=60)
        answers.put((None, function(*arguments)))
    except BaseException:
        answers.put((traceback.format_exc(), None))
        raise
