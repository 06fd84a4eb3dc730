"""Clocks: peers take turns, request by request in blocks; medians, percentiles, memory."""

import gc
import os
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Side:
    """One of those who are compared, with its requests as it takes them.

    With `a_block` each block asks that many requests that were not asked before; else all of them.
    """

    name: str
    ask: Callable[[Any], Any]
    requests: Sequence[Any]
    # What the side itself says that an answer took, where that is fairer than the wall clock.
    own_seconds: Callable[[Any], float] | None = None
    a_block: int | None = None
    asked: int = 0
    wall: list[list[float]] = field(default_factory=list)  # seconds, by round
    own: list[list[float]] = field(default_factory=list)

    @property
    def counted(self) -> list[list[float]]:
        return self.own if self.own_seconds else self.wall

    def block(self) -> None:
        """The requests of one block, timed one by one."""
        requests = self.requests
        if self.a_block is not None:
            requests = requests[self.asked : self.asked + self.a_block]
            assert len(requests) == self.a_block, "there are too few requests for so many blocks"
            self.asked += self.a_block
        wall, own = [], []
        for request in requests:
            began = time.perf_counter()
            answer = self.ask(request)
            wall.append(time.perf_counter() - began)
            if self.own_seconds:
                own.append(self.own_seconds(answer))
        self.wall.append(wall)
        self.own.append(own)


def take_turns(sides: Sequence[Side], rounds: int, tick: Callable[[], None]) -> None:
    """`rounds` times a block of each side, after one that does not count.

    Blocks of some milliseconds in turn, so that what else the machine does meets all alike.
    """
    for side in sides:
        side.block()
        side.wall.clear()
        side.own.clear()
    gc.collect()
    gc.freeze()  # what the benchmark holds is not to be looked through in somebody's time
    for _ in range(rounds):
        for side in sides:
            side.block()
            tick()
    gc.unfreeze()


def ratio(side: Side, ours: Side) -> float:
    """How many times as long as ours: the median over the rounds of the blocks' medians."""
    return statistics.median(
        statistics.median(theirs) / statistics.median(own)
        for theirs, own in zip(side.counted, ours.counted, strict=True)
    )


def percentiles(blocks: Iterable[Sequence[float]]) -> dict[str, float]:
    """Milliseconds: median, 90 and 99 of 100, of seconds."""
    values = sorted(value * 1000 for block in blocks for value in block)

    def at(share: float) -> float:
        return round(values[min(len(values) - 1, int(share * len(values)))], 3)

    return {"p50_ms": at(0.5), "p90_ms": at(0.9), "p99_ms": at(0.99), "lowest_ms": at(0)}


def resident_mb(pid: int | None = None) -> float | None:
    """Resident memory of a process in MB (10^6 bytes); None where /proc does not tell."""
    status = Path(f"/proc/{pid or os.getpid()}/status")
    if not status.exists():
        return None
    line = next(row for row in status.read_text().splitlines() if row.startswith("VmRSS"))
    return round(int(line.split()[1]) * 1024 / 1e6, 1)
