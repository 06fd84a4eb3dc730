"""How long customs and returns take: medians and 90th percentiles in windows."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlmodel import Session

from governance.providers.performance.counts import DAY, WINDOWS, Cell
from governance.providers.performance.models import Shipment

_HOUR = 3_600_000_000
_shipment = Shipment.__table__.c  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Duration:
    """The median and the 90th percentile of so many shipments that came to their end."""

    shipments: int
    median: float
    p90: float


@dataclass(frozen=True)
class _Way:
    start: ColumnElement[int]
    end: ColumnElement[int]
    unit: int


DURATIONS = {
    "customs_dwell_hours": _Way(
        _shipment.customs_submitted_at, _shipment.customs_released_at, _HOUR
    ),
    "return_turnaround_days": _Way(_shipment.returned_at, _shipment.return_completed_at, DAY),
}


def durations_by_cell(
    session: Session, name: str, now: int, provider_id: str | None
) -> dict[Cell, dict[int, Duration]]:
    """By cell and window in days; what ended in a window counts in it. Empty windows are left out.

    Cells as for rates: the provider, its service in a market, a lane of that.
    """
    way = DURATIONS[name]
    of = _shipment.provider_id, _shipment.service, _shipment.market, _shipment.lane
    asked = select(*of, way.end, way.end - way.start).where(
        and_(way.end <= now, way.end > now - max(WINDOWS) * DAY, way.start <= way.end)
    )
    if provider_id is not None:
        asked = asked.where(_shipment.provider_id == provider_id)
    found: dict[Cell, dict[int, list[float]]] = {}
    for provider, service, market, lane, end, took in session.connection().execute(asked):
        cells = [Cell(provider), Cell(provider, service, market)]
        cells += [Cell(provider, service, market, lane)] if lane is not None else []
        for cell in cells:
            windows = found.setdefault(cell, {})
            for window in WINDOWS:
                if now - end < window * DAY:
                    windows.setdefault(window, []).append(took / way.unit)
    return {
        cell: {window: _duration(values) for window, values in windows.items()}
        for cell, windows in found.items()
    }


def _duration(values: list[float]) -> Duration:
    ordered = sorted(values)
    return Duration(len(ordered), quantile(ordered, 0.5), quantile(ordered, 0.9))


def quantile(ordered: list[float], level: float) -> float:
    """The quantile of sorted values, between neighbours in proportion (Hyndman and Fan's type 7).

    R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American Statistician
    50, 1996, https://www.jstor.org/stable/2684934.
    """
    place = (len(ordered) - 1) * level
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
