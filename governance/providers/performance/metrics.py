"""How providers perform: rates and days per provider, service, market and lane, at an instant.

Everything is computed from the shipments when asked, so that it is current and cannot drift from
the events. A rate is `hits` among `trials`, counted per shipment; of what should not happen, a hit
is that it did.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from governance.planning.rates import never_certain, posterior
from governance.providers.events.observation import microseconds
from governance.providers.performance.counts import WINDOWS, Cell, Seen, counts_by_cell
from governance.providers.performance.durations import DURATIONS, Duration, durations_by_cell
from governance.providers.performance.priors import Priors, learn
from governance.providers.performance.rates import RATES, Rate

_COVERAGE = 0.8


@dataclass(frozen=True)
class Estimate:
    """What is known of a rate: its mean, the interval that holds it with 80 %, on how much.

    `shipments` are all that were counted, `weight` what they weigh now with a half-life of 180
    days. With few of them the estimate leans on what other providers do.
    """

    mean: float
    p10: float
    p90: float
    shipments: int
    weight: float


@dataclass(frozen=True)
class Metric:
    """A metric of a provider: of all it does, of a service in a market, or of a lane of that.

    `windows` have plain counts by their length in days, and `estimate` is of a rate; `durations`
    have medians and 90th percentiles by window, where the metric is one of hours or days.
    """

    name: str
    provider_id: str
    service: str | None = None
    market: str | None = None
    lane: str | None = None
    lower_is_better: bool = False
    windows: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    estimate: Estimate | None = None
    durations: Mapping[int, Duration] = field(default_factory=dict)


def metrics(
    session: Session,
    as_of: datetime,
    provider_id: str | None = None,
    *,
    priors: Priors | None = None,
) -> list[Metric]:
    """Every metric of a provider, or of all of them, for which there was anything to count.

    What happened after `as_of` is not counted. Rates are estimated by empirical Bayes: the priors
    are learnt from all providers, whichever is asked for, up to the midnight before `as_of`;
    unless they are given (`DailyPriors.at`), that is done anew.
    """
    now = microseconds(as_of)
    known = learn(session, as_of) if priors is None else priors
    found: list[Metric] = []
    for rate in RATES:
        cells = counts_by_cell(session, rate, now, provider_id)
        found += _of_rate(rate, cells, known)
    for name in DURATIONS:
        by_cell = durations_by_cell(session, name, now, provider_id)
        found += [
            Metric(name, *cell, lower_is_better=True, durations=windows)
            for cell, windows in by_cell.items()
        ]
    return sorted(found, key=_order)


def _order(one: Metric) -> tuple[str, str, str, str, str]:
    return one.provider_id, one.service or "", one.market or "", one.lane or "", one.name


def _of_rate(rate: Rate, cells: Mapping[Cell, Seen], priors: Priors) -> Iterable[Metric]:
    """The metric in total, per service and market, and per lane of that."""
    whole = _sums(cells, lambda cell: Cell(cell.provider_id))
    served = _sums(cells, lambda cell: Cell(cell.provider_id, cell.service, cell.market))
    lanes = {cell: seen for cell, seen in cells.items() if cell.lane is not None}
    for cell, seen in (whole | served | lanes).items():
        known = never_certain(posterior(priors.of(rate.name, cell), seen.faded))
        p10, p90 = known.interval(_COVERAGE)
        yield Metric(
            rate.name,
            *cell,
            lower_is_better=rate.lower_is_better,
            windows=dict(zip(WINDOWS, seen.windows, strict=True)),
            estimate=Estimate(known.mean, p10, p90, seen.trials, seen.faded.trials),
        )


def _sums(cells: Mapping[Cell, Seen], above: Callable[[Cell], Cell]) -> dict[Cell, Seen]:
    """The sums over the cells that lie in the same one above."""
    found: dict[Cell, list[Seen]] = {}
    for cell, seen in cells.items():
        found.setdefault(above(cell), []).append(seen)
    return {cell: Seen.sum(each) for cell, each in found.items()}
