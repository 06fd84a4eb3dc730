"""Reach of a real page's posts, each foretold from the posts before it."""

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from planning_scores import LEVELS, Foretold, scored

from governance.planning.reach import FEWEST, Observation, corrected, fit_uncorrected

FILE = "facebook_metrics.csv"
WARM_UP = 60
CHOSEN_ON = 250  # posts up to here were looked at when the method was chosen; later ones were not


def read_posts(folder: Path) -> list[Observation]:
    """All posts, the earliest first: the file begins with the latest.

    Known beforehand: likes of the page, category, whether it is paid for, weekend and hour.
    """
    with (folder / FILE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    return [_observation(row) for row in reversed(rows)]


def _observation(row: dict[str, str]) -> Observation:
    angle = 2 * math.pi * float(row["Post Hour"]) / 24
    features = (
        math.log1p(float(row["Page total likes"])),
        float(row["Category"] == "1"),
        float(row["Category"] == "2"),
        float(row["Paid"] == "1"),
        float(row["Post Weekday"] in ("1", "7")),
        math.sin(angle),
        math.cos(angle),
    )
    return Observation(features, float(row["Lifetime Post Total Reach"]))


def measured(data: Path, step: Callable[[str], None]) -> dict[str, Any]:
    """Scores by way of estimating: of posts after the warm-up, and of those never looked at."""
    posts = read_posts(data)
    step("Foretelling the reach of every post …")
    forecasts: dict[str, list[Foretold]] = {"corrected": [], "uncorrected": [], "climatology": []}
    levels: list[float] = []
    for at in range(FEWEST, len(posts)):
        post = posts[at]
        learnt = fit_uncorrected(posts[:at])
        if at >= WARM_UP:
            ranges = {
                "corrected": corrected(learnt, levels).quantiles(post.features).at(LEVELS),
                "uncorrected": learnt.quantiles(post.features).at(LEVELS),
                "climatology": np.quantile([one.reached for one in posts[:at]], LEVELS),
            }
            for way, quantiles in ranges.items():
                forecasts[way].append(Foretold(post.reached, quantiles))
        levels.append(learnt.level(post))
    later = CHOSEN_ON - WARM_UP
    return {
        "posts": len(posts),
        "all": {way: scored(those) for way, those in forecasts.items()},
        "not_looked_at": {way: scored(those[later:]) for way, those in forecasts.items()},
    }
