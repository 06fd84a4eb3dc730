"""Real deliveries to count: USAID's supply chain for health commodities, 2006 to 2015."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

FILE = "scms_delivery_history.csv"


@dataclass(frozen=True)
class Shipment:
    """One shipment: on time if every line was delivered on or before its scheduled date.

    `scheduled` is the last scheduled date of its lines: the day after, its outcome is known.
    """

    number: str
    vendor: str
    country: str
    scheduled: date
    on_time: bool


def read_shipments(folder: Path) -> list[Shipment]:
    """All shipments (ASN/DN number) in the order of their scheduled date."""
    # Latin-1 reads the byte-order mark as three letters of the first column's name, unused here
    with (folder / FILE).open(encoding="latin-1", newline="") as file:
        lines = list(csv.DictReader(file))
    by_number: dict[str, list[dict[str, str]]] = {}
    for line in lines:
        by_number.setdefault(line["ASN/DN #"], []).append(line)
    shipments = [_shipment(number, of_it) for number, of_it in by_number.items()]
    return sorted(shipments, key=lambda one: (one.scheduled, one.number))


def _shipment(number: str, lines: Sequence[dict[str, str]]) -> Shipment:
    dates = [
        (_day(line["Scheduled Delivery Date"]), _day(line["Delivered to Client Date"]))
        for line in lines
    ]
    return Shipment(
        number,
        lines[0]["Vendor"],
        lines[0]["Country"],
        scheduled=max(scheduled for scheduled, _ in dates),
        on_time=all(delivered <= scheduled for scheduled, delivered in dates),
    )


def _day(text: str) -> date:
    return datetime.strptime(text, "%d-%b-%y").replace(tzinfo=UTC).date()


def quarter_of(day: date) -> date:
    """The first day of the day's quarter."""
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def next_quarter(start: date) -> date:
    return date(start.year + start.month // 10, (start.month + 2) % 12 + 1, 1)
