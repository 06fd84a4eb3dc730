"""Does something again and again beside the service, on a thread of its own."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

Round = Callable[[Event], Iterable[tuple[str, str]]]
"""One round: whom or what it could not be done for, and why. Ends soon once the event is set."""


@contextmanager
def repeated(
    name: str, every_seconds: float, one_round: Round, log: logging.Logger, failed: str
) -> Iterator[None]:
    """Do rounds until the end of the block, the first one after the first pause.

    What fails is tried again in the next round, and said in `log` once as long as it stays the
    same: `failed` (as in "Not vetted"), for whom, and why.
    """
    stopped = Event()
    arguments = (every_seconds, one_round, stopped, log, failed)
    thread = Thread(target=_run, args=arguments, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def _run(
    every_seconds: float, one_round: Round, stopped: Event, log: logging.Logger, failed: str
) -> None:
    said: dict[str, str] = {}
    while not stopped.wait(every_seconds):
        found: dict[str, str] = {}
        try:
            found.update(one_round(stopped))
        except Exception as error:
            found[""] = str(error)
            if said.get("") != str(error):
                log.exception("%s: %s", failed, error)
        for who, why in found.items():
            if who and said.get(who) != why:
                log.error("%s: %s: %s", failed, who, why)
        said = found
