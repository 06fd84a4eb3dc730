"""The rates by which providers are judged: which shipments count, when, and as what."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, case, or_
from sqlmodel import SQLModel

from governance.providers.performance.models import InventoryCount, Shipment

_HOUR = 3_600_000_000
_48_HOURS = 48 * _HOUR
_14_DAYS = 14 * 24 * _HOUR

NOW = bindparam("now", type_=BigInteger)
"""The instant of which figures are asked: what happened after it is not known yet."""

Condition = ColumnElement[bool]
_shipment = Shipment.__table__.c  # type: ignore[attr-defined]
_count = InventoryCount.__table__.c  # type: ignore[attr-defined]


@dataclass(frozen=True, eq=False)
class Rate:
    """A rate: rows of `model` where `counts` are trials of the instant `at`; those with `hit` hits.

    The instant is the one from which a trial is one: it says in which window it falls.
    """

    name: str
    model: type[SQLModel]
    counts: Condition
    hit: Condition
    at: ColumnElement[int]
    lower_is_better: bool = False


def _over(since: ColumnElement[int], most: int) -> Condition:
    """Whether the time (microseconds) has passed: what is missing now has been missed."""
    return since < NOW - most


def _within(name: str, start: ColumnElement[int], end: ColumnElement[int], most: int) -> Rate:
    """The share that ended within a time of its beginning.

    It counts once it has ended, or the time has passed.
    """
    return Rate(
        name,
        Shipment,
        counts=and_(start <= NOW, or_(end <= NOW, _over(start, most))),
        hit=and_(end <= NOW, end - start <= most),
        at=start,
    )


_promised, _delivered = _shipment.promised_at, _shipment.delivered_at
_shipped, _tracked = _shipment.shipped_at, _shipment.tracked_at
_cancelled, _accepted = _shipment.cancelled_at, _shipment.accepted_at
_spoiled_at = case(
    (
        or_(_shipment.lost_at <= _shipment.damaged_at, _shipment.damaged_at.is_(None)),
        _shipment.lost_at,
    ),
    else_=_shipment.damaged_at,
)
_by_provider = and_(_cancelled <= NOW, _shipment.cancelled_by == "provider")

RATES = (
    Rate(
        "on_time_delivery",
        Shipment,
        counts=and_(
            _promised.is_not(None),
            or_(
                _delivered <= NOW,
                and_(_promised < NOW, or_(_cancelled.is_(None), _cancelled > NOW)),
            ),
        ),
        hit=and_(_delivered <= NOW, _delivered <= _promised),
        # when it was known: at the delivery, or when the promise passed
        at=case((_delivered < _promised, _delivered), else_=_promised),
    ),
    Rate(
        "valid_tracking",
        Shipment,
        # a parcel that was handed over a moment ago has not been scanned, and nobody failed
        counts=and_(_shipped <= NOW, or_(_tracked > _shipped, _over(_shipped, _48_HOURS))),
        hit=_tracked > _shipped,
        at=_shipped,
    ),
    Rate(
        "cancellation",
        Shipment,
        counts=or_(_accepted <= NOW, _by_provider),
        hit=_by_provider,
        at=case((_accepted <= NOW, _accepted), else_=_cancelled),
        lower_is_better=True,
    ),
    Rate(
        "loss_damage",
        Shipment,
        counts=or_(_shipped <= NOW, _spoiled_at <= NOW),
        hit=_spoiled_at <= NOW,
        at=case((_shipped <= NOW, _shipped), else_=_spoiled_at),
        lower_is_better=True,
    ),
    _within(
        "customs_within_48h",
        _shipment.customs_submitted_at,
        _shipment.customs_released_at,
        _48_HOURS,
    ),
    _within(
        "claim_answered_48h", _shipment.claim_opened_at, _shipment.claim_answered_at, _48_HOURS
    ),
    _within("return_within_14d", _shipment.returned_at, _shipment.return_completed_at, _14_DAYS),
    Rate(
        "inventory_accuracy",
        InventoryCount,
        counts=_count.counted_at <= NOW,
        hit=_count.counted == _count.expected,
        at=_count.counted_at,
    ),
)
