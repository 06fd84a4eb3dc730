"""Rates of providers as bars: where each one surely lies, on an axis that all providers share."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from governance.demo.words import DURATIONS, METRICS, metric_words
from governance.drops.report.words import percent
from governance.providers.performance.metrics import Metric

_LOWEST = (0.95, 0.9, 0.8, 0.6, 0.4, 0.0)
_HIGHEST = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_LONGEST_WINDOW = 90
_THINNEST = 0.6


class Bar(NamedTuple):
    """A rate's estimate with its interval, in words and in per cent of the axis' length."""

    title: str
    lower_is_better: bool
    mean: str
    interval: str
    shipments: int
    recent: str
    axis: tuple[str, str]
    start: float
    width: float
    tick: float


def bars(metrics: Sequence[Metric]) -> dict[str, list[Bar]]:
    """The rates of all that each provider does, by provider, in the order of `words.METRICS`."""
    totals = [one for one in metrics if one.service is None and one.estimate is not None]
    axes = {name: _axis([one for one in totals if one.name == name]) for name in METRICS}
    by_provider: dict[str, list[Bar]] = {}
    for name, axis in axes.items():
        for one in totals:
            if one.name == name:
                by_provider.setdefault(one.provider_id, []).append(_bar(one, axis))
    return by_provider


def durations(metrics: Iterable[Metric]) -> dict[str, list[str]]:
    """How long things take over the longest window, in a sentence each, by provider."""
    by_provider: dict[str, list[str]] = {}
    for one in metrics:
        took: Mapping[int, object] = one.durations
        if one.service is None and one.name in DURATIONS and _LONGEST_WINDOW in took:
            what, unit = DURATIONS[one.name]
            found = one.durations[_LONGEST_WINDOW]
            by_provider.setdefault(one.provider_id, []).append(
                f"{what} {found.median:.0f} {unit} at the median, and nine in ten no longer than "
                f"{found.p90:.0f} ({found.shipments:,} in {_LONGEST_WINDOW} days)."
            )
    return by_provider


def _axis(every: Sequence[Metric]) -> tuple[float, float]:
    """From where to where an axis must go, that it holds the intervals of all providers."""
    ends = [(one.estimate.p10, one.estimate.p90) for one in every if one.estimate is not None]
    if every and every[0].lower_is_better:
        most = max(high for _, high in ends)
        return 0.0, next(end for end in _HIGHEST if end >= most)
    least = min((low for low, _ in ends), default=1.0)
    return next(start for start in _LOWEST if start <= least), 1.0


def _bar(one: Metric, axis: tuple[float, float]) -> Bar:
    assert one.estimate is not None
    known, (start, end) = one.estimate, axis

    def at(rate: float) -> float:
        return round(100 * (rate - start) / (end - start), 2)

    hits, trials = one.windows[_LONGEST_WINDOW]
    return Bar(
        title=metric_words(one.name).title,
        lower_is_better=one.lower_is_better,
        mean=percent(known.mean),
        interval=_interval(percent(known.p10), percent(known.p90)),
        shipments=known.shipments,
        recent=f"{hits:,} of {trials:,}",
        axis=(percent(start), percent(end)),
        start=at(known.p10),
        width=max(_THINNEST, round(at(known.p90) - at(known.p10), 2)),
        tick=at(known.mean),
    )


def _interval(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"
