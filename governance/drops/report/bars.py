"""Figures as marks on an axis, in hundredths of its length: ranges, stacks, weeks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from governance.drops.report.words import PARTS

_THINNEST = 0.6

Quantiles = Sequence[float]
"""P10, P50 and P90."""


@dataclass(frozen=True)
class Range:
    """P10 to P90 as a bar with a mark at P50; `zero` is where 0 lies, where the axis has it."""

    start: float
    width: float
    mark: float
    zero: float | None = None


@dataclass(frozen=True)
class Piece:
    """A part of a stacked bar."""

    part: str
    start: float
    width: float


@dataclass(frozen=True)
class Weeks:
    """Weeks side by side: the band from P10 to P90 and the line of P50, as SVG points."""

    band: str
    line: str


def range_bar(of: Quantiles, end: float, start: float = 0.0) -> Range:
    """A range on an axis from `start` to `end`; what lies outside is drawn at its edge."""
    low, middle, high = (_at(value, start, end) for value in of)
    width = max(_THINNEST, round(high - low, 2))
    left = min(low, 100 - width)
    zero = _at(0.0, start, end) if start < 0 < end else None
    return Range(round(left, 2), width, round(min(max(middle, 0.35), 99.65) - 0.35, 2), zero)


def stack(parts: Mapping[str, float], end: float) -> tuple[Piece, ...]:
    """The parts of a landed cost one behind the other on an axis from 0 to `end`."""
    pieces, at = [], 0.0
    for part in PARTS:
        width = 100 * parts[part] / end if end > 0 else 0.0
        if width > 0:
            pieces.append(Piece(part, round(at, 2), round(width, 2)))
        at += max(0.0, width)
    return tuple(pieces)


def weeks(by_week: Sequence[Quantiles]) -> Weeks | None:
    """Orders by week, the highest P90 at the top; None where there are fewer than two weeks."""
    if len(by_week) < 2:
        return None
    top = max(high for _, _, high in by_week) or 1.0
    step = 100 / (len(by_week) - 1)

    def points(which: int) -> list[str]:
        return [
            f"{round(at * step, 1):g},{round(20 - 20 * week[which] / top, 1):g}"
            for at, week in enumerate(by_week)
        ]

    return Weeks(" ".join([*points(0), *reversed(points(2))]), " ".join(points(1)))


def longest(values: Iterable[float]) -> float:
    """Where an axis must end that holds them all; 1 where there is nothing to hold."""
    return max(values, default=0.0) or 1.0


def _at(value: float, start: float, end: float) -> float:
    return min(100.0, max(0.0, 100 * (value - start) / (end - start)))
