"""A shipment from its events: the same whatever order they come in, and however often."""

from typing import Any

from governance.providers.events.observation import Milestone, Observation
from governance.providers.performance.models import Shipment

COLUMNS = tuple(Shipment.__table__.columns.keys())  # type: ignore[attr-defined]
_COLUMN = {milestone: f"{milestone}_at" for milestone in Milestone}
_BLANK: dict[str, Any] = dict.fromkeys(COLUMNS)


def begin(seen: Observation) -> dict[str, Any]:
    """The row of a shipment of which this is the first that we hear."""
    row = _BLANK | {
        "provider_id": seen.provider,
        "id": seen.shipment,
        "service": seen.service.value,
        "market": seen.market,
        "first_at": seen.at,
    }
    fold(row, seen)
    return row


def fold(row: dict[str, Any], seen: Observation) -> bool:
    """Fold an event of this shipment into its row; whether that changed anything.

    Every column takes the least (or the greatest) of what was said, pairs as pairs: such folds
    commute, and to hear the same again changes nothing.
    """
    changed = _describe(row, seen)
    at, milestone = seen.at, seen.milestone
    assert milestone is not None
    column = _COLUMN[milestone]
    had = row[column]
    if milestone is Milestone.TRACKED:
        if had is None or at > had:
            row[column], changed = at, True
    elif milestone is Milestone.CANCELLED:
        if had is None or (at, seen.by) < (had, row["cancelled_by"]):
            row[column], row["cancelled_by"], changed = at, seen.by, True
    elif had is None or at < had:
        row[column], changed = at, True
    return changed


def _describe(row: dict[str, Any], seen: Observation) -> bool:
    changed = False
    if seen.at <= row["first_at"]:
        said = seen.at, seen.service.value, seen.market
        if said < (row["first_at"], row["service"], row["market"]):
            row["first_at"], row["service"], row["market"] = said
            changed = True
    if seen.lane is not None and (row["lane"] is None or seen.lane < row["lane"]):
        row["lane"], changed = seen.lane, True
    if seen.promised is not None and (
        row["promised_at"] is None or seen.promised < row["promised_at"]
    ):
        row["promised_at"], changed = seen.promised, True
    return changed
