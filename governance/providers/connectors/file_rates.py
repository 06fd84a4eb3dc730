"""Quotes from rows of rates: the weight breaks of each lane, checked against one another."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from governance.providers.connectors.amounts import Money
from governance.providers.connectors.answers import Rate
from governance.providers.connectors.file_reading import UnreadableFile
from governance.providers.connectors.file_rows import RateRow
from governance.providers.connectors.questions import QuoteQuestion


def by_lane(file: str, rows: Iterable[RateRow]) -> dict[str, list[RateRow]]:
    """The weight breaks of each lane, lightest first.

    Raises UnreadableFile where rows of a lane differ in more than weight and price, or say two
    prices for one weight.
    """
    lanes: dict[str, list[RateRow]] = {}
    for row in rows:
        lanes.setdefault(row.lane, []).append(row)
    faults = []
    for lane, breaks in lanes.items():
        breaks.sort(key=lambda row: row.up_to_grams)
        if any(_but_price(row) != _but_price(breaks[0]) for row in breaks):
            faults.append(
                f"{file}, lane {lane!r}: its rows differ in more than up_to_grams and "
                "minor_units; give it one service, way, currency, lead time and refusals"
            )
        if len({row.up_to_grams for row in breaks}) < len(breaks):
            faults.append(f"{file}, lane {lane!r}, field 'up_to_grams': the same weight twice")
    if faults:
        raise UnreadableFile(faults)
    return lanes


def _but_price(row: RateRow) -> dict[str, Any]:
    return asdict(row) | {"up_to_grams": None, "minor_units": None}


def serves(row: RateRow, question: QuoteQuestion) -> bool:
    """Whether the lane goes there at all, whatever the parcel is."""
    asked = (question.service, question.from_country, question.to_market)
    return (row.service, row.from_country, row.to_market) == asked


def refusal(breaks: list[RateRow], question: QuoteQuestion) -> str | None:
    """Why the lane does not take the parcel, or None where it does."""
    if refused := sorted(set(breaks[0].refuses) & set(question.goods)):
        return f"refuses {', '.join(refused)}"
    if question.weight_grams > breaks[-1].up_to_grams:
        return f"takes up to {breaks[-1].up_to_grams:,} g"
    return None


def rate(breaks: list[RateRow], question: QuoteQuestion) -> Rate:
    """The price of the lightest weight break that takes the parcel; there must be one."""
    row = next(row for row in breaks if question.weight_grams <= row.up_to_grams)
    return Rate(row.lane, Money(row.minor_units, row.currency), row.lead_days, row.modes)
