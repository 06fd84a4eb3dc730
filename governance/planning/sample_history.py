"""Made-up past drops of several creators, for the demo and for tests: nothing in it happened.

Creators, categories, countries and drops differ as the model says that they do, with spreads of
the author's choosing; what forecasts reach on it says nothing of what they reach on real drops.
"""

from datetime import date, timedelta

import numpy as np

from governance.planning.history import PastDrop, PastMarket

COUNTRIES = ("US", "GB", "DE", "FR", "CA", "AU", "JP", "BR", "MX", "KR", "IT", "ES", "NL", "SE")
CATEGORIES = ("apparel", "perfume", "toys")
_RETURNED = {"apparel": 0.22, "perfume": 0.06, "toys": 0.09}
_VISITED, _ORDERED, _REACHED = 0.05, 0.025, 0.45
_DAYS = 540


def sample_history(
    seed: int, until: date, creators: int = 6, drops_each: int = 4
) -> tuple[PastDrop, ...]:
    """Drops over a year and a half before `until`, the earliest first, each marked as a sample.

    Every creator keeps to one category, and skips some countries. The same seed gives the same
    drops on the same version of numpy.
    """
    chance = np.random.default_rng(seed)
    sizes = np.geomspace(1.0, 0.08, len(COUNTRIES))
    by_country = {
        name: dict(zip(COUNTRIES, chance.normal(0, spread, len(COUNTRIES)), strict=True))
        for name, spread in (("visited", 0.15), ("ordered", 0.35), ("returned", 0.15))
    }
    by_category = dict(zip(CATEGORIES, chance.normal(0, 0.25, len(CATEGORIES)), strict=True))
    drops = []
    for number in range(1, creators + 1):
        category = CATEGORIES[number % len(CATEGORIES)]
        followers = float(np.exp(chance.normal(13.5, 0.9)))
        shares = chance.dirichlet(sizes * 2)
        own = chance.normal(0, 0.3, 3)
        for drop in range(drops_each):
            day = until - timedelta(days=int(chance.integers(1, _DAYS)))
            luck = chance.normal(0, 0.2, 3)
            reached = followers * _REACHED * float(np.exp(own[0] + chance.normal(0, 0.35)))
            spread = chance.dirichlet(np.maximum(shares, 1e-3) * 60)
            markets = []
            for country, share, part in zip(COUNTRIES, shares, spread, strict=True):
                if share < 0.01:
                    continue
                noise = chance.normal(0, 0.1, 3)
                seen = int(chance.poisson(reached * part))
                tilt = by_country["visited"][country] + luck[0] + noise[0]
                visits = int(chance.binomial(seen, _shifted(_VISITED, tilt)))
                tilt = by_country["ordered"][country] + by_category[category] + own[1] + luck[1]
                orders = int(chance.binomial(visits, _shifted(_ORDERED, tilt + noise[1])))
                tilt = by_country["returned"][country] + luck[2] + noise[2]
                returns = int(chance.binomial(orders, _shifted(_RETURNED[category], tilt)))
                markets.append(
                    PastMarket(country, int(followers * share), seen, visits, orders, returns)
                )
            drops.append(
                PastDrop(
                    f"sample-drop-{number:02}-{drop + 1:02}", f"sample-creator-{number:02}",
                    category, day, tuple(markets), sample=True,
                )
            )  # fmt: skip
    return tuple(sorted(drops, key=lambda one: (one.launched_on, one.drop)))


def _shifted(rate: float, tilt: float) -> float:
    """The rate with its odds times e^tilt."""
    odds = rate / (1 - rate) * float(np.exp(tilt))
    return odds / (1 + odds)
