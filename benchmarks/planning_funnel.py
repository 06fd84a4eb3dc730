"""The funnel: how long many futures take, and whether made-up drops fall where they are foretold.

The made-up drops only show that the parts fit together: their world is drawn as the model says.
"""

import timeit
import tracemalloc
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import fmean
from typing import Any

from governance.planning.beta import Beta
from governance.planning.demand import STEPS, simulate, weekly_shares
from governance.planning.foretelling import PlannedDrop, foretell
from governance.planning.history import PastDrop
from governance.planning.launch import Kinship, Launch, Market
from governance.planning.quantiles import Quantiles
from governance.planning.sample_history import sample_history

COUNTRIES, FUTURES, WEEKS = 40, 10_000, 8
_WORLDS, _TAUGHT, _EVERY = 12, 12, 4
_UNTIL = date(2026, 11, 1)


def _launch() -> Launch:
    markets = tuple(
        Market(f"country {number}", 10_000 * number, Beta(4, 96), Beta(3, 97), Beta(10, 90))
        for number in range(1, COUNTRIES + 1)
    )
    reach = Quantiles((0.1, 0.5, 0.9), (1e6, 2e6, 4e6))
    return Launch(markets, reach, 30.0, Kinship(0.5, 0.3, 0.3))


def _futures() -> None:
    demand = simulate(_launch(), seed=1, futures=FUTURES)
    demand.ranges()
    demand.orders_by_week(weekly_shares(1.0, WEEKS))


def _foretold(history: tuple[PastDrop, ...], at: int) -> dict[str, tuple[bool, list[bool]]]:
    """Whether a drop's total, and each of its countries, fell in P10-P90, by step."""
    drop = history[at]
    audience = {one.country: one.audience for one in drop.markets}
    planned = PlannedDrop(drop.creator, drop.category, audience)
    launch, _ = foretell(history[:at], planned, drop.launched_on)
    ranges = simulate(launch, seed=at, futures=2_000).ranges()
    found = {}
    for step in STEPS:
        counts = {one.country: getattr(one, step) for one in drop.markets}
        counts["total"] = sum(counts.values())
        held = {}
        for place, count in counts.items():
            low, _, high = ranges[step][place]
            held[place] = low <= count <= high
        total = held.pop("total")
        found[step] = total, list(held.values())
    return found


def measured(data: Path, step: Callable[[str], None]) -> dict[str, Any]:
    """Seconds and megabytes of the funnel, and coverage by step; no data is read."""
    step("Drawing futures of a drop …")
    _futures()  # the first run loads what is needed
    seconds = min(timeit.repeat(_futures, number=1, repeat=3))
    tracemalloc.start()
    _futures()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    drops = []
    for world in range(_WORLDS):
        step(f"Foretelling made-up drops, world {world + 1} of {_WORLDS} …")
        history = sample_history(world, _UNTIL)
        drops += [_foretold(history, at) for at in range(_TAUGHT, len(history), _EVERY)]
    return {
        "countries": COUNTRIES,
        "futures": FUTURES,
        "seconds": round(seconds, 3),
        "megabytes": round(peak),
        "made_up_drops": len(drops),
        "coverage": {
            name: {
                "total": round(fmean(one[name][0] for one in drops), 3),
                "country": round(fmean(held for one in drops for held in one[name][1]), 3),
            }
            for name in STEPS
        },
    }
