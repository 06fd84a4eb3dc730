"""Asks the sale gate where each product of a drop may be sold, on its first and its last day."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session

from governance.access.caller import Caller
from governance.decisions.service import new_decision_id
from governance.drops.documents import DropDocument, sale_request
from governance.gates.pipeline import Evaluation, Gates
from governance.gates.reasons import reasons
from governance.markets.countries import place_name
from governance.rules.model import Library


@dataclass(frozen=True)
class Sale:
    """A product's verdicts on a day of sale; on the record under `decision_id` once `record`ed."""

    product: str
    as_of: str
    decision_id: str
    evaluation: Evaluation

    @property
    def categories(self) -> tuple[str, ...]:
        """What the product was judged as: the declared category and derived ones."""
        return tuple(self.evaluation.result["categories"])

    @property
    def markets(self) -> Mapping[str, Mapping[str, Any]]:
        """The sale gate's result by market."""
        return {one["market"]: one for one in self.evaluation.result["markets"]}

    def modes(self, market: str) -> dict[str, str]:
        """The verdict of every way into a market."""
        ways = self.markets[market]["import_modes"]
        return {one["import_mode"]: one["verdict"] for one in ways}

    def record(self, session: Session, caller: Caller) -> None:
        """Put it on the record in the caller's transaction."""
        self.evaluation.record(session, caller.id, caller.trace_id, decision_id=self.decision_id)


def days_of_sale(library: Library, first: date, last: date) -> list[str]:
    """The first and the last day of a sale, and every day in between on which a law changes.

    What holds on all of these days holds on each: rules and coverage begin and end on whole days,
    and evidence that holds on the first and on the last day holds between them.
    """
    changes = {day for rule in library.rules["sale"] for day in (rule.start, rule.end) if day}
    changes |= {row.start for row in library.coverage}
    changes |= {day for rule in library.classification for day in (rule.start, rule.end) if day}
    between = {day for day in changes if first < day < last}
    return [day.isoformat() for day in sorted({first, last, *between})]


def judge_sales(
    gates: Gates, document: DropDocument, markets: Sequence[str], days: Sequence[str]
) -> dict[str, list[Sale]]:
    """The sales of every product on each of the days, in their order, by product id.

    Nothing is recorded.

    Raises:
        InvalidRequest: the document names something that the release does not know.
        EngineUnavailable: there is no verdict.
    """
    return {
        product.id: [
            Sale(
                product.id,
                day,
                new_decision_id(),
                gates.evaluate("sale", sale_request(document, product, day, markets)),
            )
            for day in days
        ]
        for product in document.products
    }


def modes_allowed(sales: Sequence[Sale], market: str) -> frozenset[str]:
    """The ways in that are allowed on every one of the days."""
    return frozenset.intersection(
        *(
            frozenset(mode for mode, verdict in sale.modes(market).items() if verdict == "allowed")
            for sale in sales
        )
    )


def regions_shut(sales: Sequence[Sale], market: str) -> list[str]:
    """The regions of an open market (ISO 3166-2) where the sale is not as open, on any of the days.

    A region is open only where every way in is allowed that is allowed into the country: the plan
    brings goods by any of them.
    """
    ways = modes_allowed(sales, market)
    shut = {
        region["region"]
        for sale in sales
        for region in sale.markets[market]["regions"]
        if not ways
        <= {one["import_mode"] for one in region["import_modes"] if one["verdict"] == "allowed"}
    }
    return sorted(shut) if ways else []


def shown(library: Library, sales: Sequence[Sale], markets: Sequence[str]) -> list[dict[str, Any]]:
    """What a plan shows of a product's sales in these markets.

    Verdicts of the first and the last day, ways in, regions that differ, and the reasons on any
    day.
    """
    first, last = sales[0], sales[-1]
    return [
        {
            "market": market,
            "first_day": first.markets[market]["verdict"],
            "last_day": last.markets[market]["verdict"],
            "import_modes": first.modes(market),
            "regions": {one["region"]: one["verdict"] for one in first.markets[market]["regions"]},
            "not_sold_in": regions_shut(sales, market),
            "reasons": list(dict.fromkeys(_reasons(library, sales, market))),
        }
        for market in markets
    ]


def _reasons(library: Library, sales: Sequence[Sale], market: str) -> Iterator[str]:
    for sale in sales:
        found = sale.markets[market]
        mode = next(
            one for one in found["import_modes"] if one["import_mode"] == found["import_mode"]
        )
        fired = [library.rules_by_id[name] for name, state in mode["findings"] if state == "fires"]
        for reason in reasons(library, place_name(market), mode, fired):
            yield reason["message"]
