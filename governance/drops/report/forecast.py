"""The forecast of a plan as rows: the whole drop first, then the countries by orders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance.drops.report.bars import Quantiles, Range, Weeks, longest, range_bar, weeks
from governance.drops.report.words import LEVELS
from governance.markets.countries import place_name

_STAGES = {
    "reached": ("People reached", ""),
    "visits": ("Visits", "of the people reached"),
    "orders": ("Orders", "of the visits"),
    "returns": ("Returns", "of the orders"),
}


@dataclass(frozen=True)
class Stage:
    """A stage of the funnel for the whole drop; its bar ends at its own P90."""

    title: str
    figures: Quantiles
    bar: Range
    share: float | None
    of: str


@dataclass(frozen=True)
class Country:
    """A country's forecast: `conversion` is orders among visits, `rests_on` what it leans on."""

    code: str
    name: str
    audience: int
    visits: Quantiles
    orders: Quantiles
    returns: Quantiles
    conversion: Quantiles
    orders_bar: Range
    conversion_bar: Range
    weeks: Weeks | None
    rests_on: str


@dataclass(frozen=True)
class Forecast:
    """What is expected, with what it rests on; `orders_end` and `rate_end` are where axes end."""

    reach: str
    drops: int
    sample_drops: int
    stages: Sequence[Stage]
    countries: Sequence[Country]
    orders_end: float
    rate_end: float

    @property
    def best(self) -> Country | None:
        """Where most visits become orders, by the median; None where no country has an audience."""
        return max(self.countries, key=lambda one: one.conversion[1], default=None)

    @property
    def worst(self) -> Country | None:
        return min(self.countries, key=lambda one: one.conversion[1], default=None)


def forecast(plan: Mapping[str, Any]) -> Forecast:
    """The plan's forecast; bars of countries share an axis, so that lengths can be compared."""
    found = plan["forecast"]
    orders_end = longest(one["orders"][2] for one in found["countries"])
    rate_end = longest(one["ordered_rate"][2] for one in found["countries"])
    rows = [_country(one, orders_end, rate_end) for one in found["countries"]]
    return Forecast(
        reach=found["rests_on"]["reach"],
        drops=found["rests_on"]["drops"],
        sample_drops=found["rests_on"]["sample_drops"],
        stages=_stages(found["total"]),
        countries=sorted(rows, key=lambda one: (-one.orders[1], one.name)),
        orders_end=orders_end,
        rate_end=rate_end,
    )


def _stages(total: Mapping[str, Quantiles]) -> list[Stage]:
    rows, before = [], 0.0
    for name, (title, of) in _STAGES.items():
        figures = total[name]
        share = figures[1] / before if of and before else None
        rows.append(Stage(title, figures, range_bar(figures, longest(figures)), share, of))
        before = figures[1]
    return rows


def _country(one: Mapping[str, Any], orders_end: float, rate_end: float) -> Country:
    level = one["level"]["orders"]
    return Country(
        code=one["country"],
        name=place_name(one["country"]),
        audience=one["audience"],
        visits=one["visits"],
        orders=one["orders"],
        returns=one["returns"],
        conversion=one["ordered_rate"],
        orders_bar=range_bar(one["orders"], orders_end),
        conversion_bar=range_bar(one["ordered_rate"], rate_end),
        weeks=weeks(one["orders_by_week"]),
        rests_on=LEVELS.get(level, level),
    )
