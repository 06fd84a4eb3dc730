"""Who would be called "on time in 95 % of shipments", quarter by quarter, and on what evidence."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from vetting_shipments import Shipment, quarter_of

from governance.planning.certainty import assess, fewest_flawless

THRESHOLD = 0.95
_AFTER = 20  # shipments after a first label from which one can tell whether it was deserved


def labelled(shipments: Sequence[Shipment]) -> dict[str, Any]:
    """Assess every vendor's whole record at each quarter's end, by proof and by its raw rate."""
    records: dict[str, list[bool]] = defaultdict(list)
    first_proof: dict[str, int] = {}  # shipments on record when the vendor was first labelled
    first_raw: dict[str, int] = {}
    fewest_clean: int | None = None
    now: dict[str, str] = {}
    for _, group in groupby(shipments, lambda one: quarter_of(one.scheduled)):
        for shipment in group:
            records[shipment.vendor].append(shipment.on_time)
        for vendor, record in records.items():
            clean, count = sum(record), len(record)
            now[vendor] = assess(clean, count, THRESHOLD)
            if now[vendor] == "meets":
                first_proof.setdefault(vendor, count)
                fewest_clean = clean if fewest_clean is None else min(fewest_clean, clean)
            if clean >= THRESHOLD * count:
                first_raw.setdefault(vendor, count)
    return {
        "threshold": THRESHOLD,
        "vendors": len(records),
        "fewest_flawless": fewest_flawless(THRESHOLD),
        "fewest_clean_shipments_of_a_labelled_vendor": fewest_clean,
        "assessed_at_the_end": dict(Counter(now.values())),
        "labelled_by_proof": _borne_out(first_proof, records),
        "labelled_by_raw_rate": _borne_out(first_raw, records),
    }


def _borne_out(first: dict[str, int], records: dict[str, list[bool]]) -> dict[str, Any]:
    """Whether vendors kept to the label after they first had it."""
    after = [records[vendor][count:] for vendor, count in first.items()]
    telling = [later for later in after if len(later) >= _AFTER]
    return {
        "vendors": len(first),
        "fewest_shipments": min(first.values(), default=None),
        "with_20_shipments_after": len(telling),
        "of_these_at_95_after": sum(sum(later) >= THRESHOLD * len(later) for later in telling),
    }
