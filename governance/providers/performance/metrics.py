"""How providers perform: rates and days per provider, service, market and lane, at an instant.

Everything is computed from the shipments when asked, so that it is current and cannot drift from
the events. A rate is `hits` among `trials`, counted per shipment; of what should not happen, a hit
is that it did.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from governance.planning.beta import Beta
from governance.planning.levels import Levels, fit_levels
from governance.planning.rates import posterior
from governance.providers.events.observation import microseconds
from governance.providers.performance.counts import WINDOWS, Cell, Seen, counts_by_cell
from governance.providers.performance.durations import DURATIONS, Duration, durations_by_cell
from governance.providers.performance.rates import RATES

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


def metrics(session: Session, as_of: datetime, provider_id: str | None = None) -> list[Metric]:
    """Every metric of a provider, or of all of them, for which there was anything to count.

    Rates are estimated by empirical Bayes: the priors are learnt from all providers, whichever is
    asked for. What happened after `as_of` is not counted.
    """
    now = microseconds(as_of)
    found: list[Metric] = []
    for rate in RATES:
        cells = counts_by_cell(session, rate, now)
        found += _of_rate(rate.name, rate.lower_is_better, cells, provider_id)
    for name in DURATIONS:
        by_cell = durations_by_cell(session, name, now, provider_id)
        found += [
            Metric(name, *cell, lower_is_better=True, durations=windows)
            for cell, windows in by_cell.items()
        ]
    return sorted(found, key=_order)


def _order(one: Metric) -> tuple[str, str, str, str, str]:
    return one.provider_id, one.service or "", one.market or "", one.lane or "", one.name


def _of_rate(
    name: str, lower_is_better: bool, cells: Mapping[Cell, Seen], provider_id: str | None
) -> Iterable[Metric]:
    """The metric in total, per service and market, and per lane of that."""
    if not cells:
        return
    whole = _sums(cells, lambda cell: Cell(cell.provider_id))
    served = _sums(cells, lambda cell: Cell(cell.provider_id, cell.service, cell.market))
    totals = fit_levels({(cell.provider_id,): seen.faded for cell, seen in whole.items()})
    nested = fit_levels({_path(cell): seen.faded for cell, seen in served.items()})
    lanes = {cell: seen for cell, seen in cells.items() if cell.lane is not None}
    for cell, seen in (whole | served | lanes).items():
        if provider_id is not None and cell.provider_id != provider_id:
            continue
        known = _known(cell, seen, totals, nested)
        p10, p90 = known.interval(_COVERAGE)
        yield Metric(
            name,
            *cell,
            lower_is_better=lower_is_better,
            windows=dict(zip(WINDOWS, seen.windows, strict=True)),
            estimate=Estimate(known.mean, p10, p90, seen.trials, seen.faded.trials),
        )


def _sums(cells: Mapping[Cell, Seen], above: Callable[[Cell], Cell]) -> dict[Cell, Seen]:
    """The sums over the cells that lie in the same one above."""
    found: dict[Cell, list[Seen]] = {}
    for cell, seen in cells.items():
        found.setdefault(above(cell), []).append(seen)
    return {cell: Seen.sum(each) for cell, each in found.items()}


def _path(cell: Cell) -> tuple[str, str, str]:
    """A provider leans on those with the same service in the same market, they on the service."""
    assert cell.service is not None
    assert cell.market is not None
    return cell.service, cell.market, cell.provider_id


def _known(cell: Cell, seen: Seen, totals: Levels, nested: Levels) -> Beta:
    if cell.service is None:
        return totals.posterior((cell.provider_id,))
    # A lane has too few siblings to learn from: it leans on the market's providers, as they do.
    return posterior(nested.prior(_path(cell)), seen.faded)
