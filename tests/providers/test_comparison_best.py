"""What is marked as the best of a comparison: plain figures, and differences that are certain."""

from datetime import UTC, datetime
from typing import Any

from governance.providers.comparison.best import mark_best
from governance.providers.comparison.schemas import ProviderRow


def row(name: str, cost: int | None = None, p90: float | None = None, **rates: Any) -> ProviderRow:
    offer = {
        "lane": "l", "from_country": "PL", "from_node": None, "to_region": None, "modes": ["road"],
        "cost": {"minor_units": cost or 0, "currency": "EUR"},
        "lead_days": {"p10": 0.0, "p50": 0.0, "p90": p90 or 0.0},
    }  # fmt: skip
    ends = {"shipments": 9, "weight": 9.0}
    return ProviderRow.model_validate(
        {
            "id": name, "name": name, "sample": False, "standing": "active",
            "standing_since": datetime.now(UTC), "offers_service": True, "slas": [],
            "metrics": [
                {
                    "name": metric, "lower_is_better": metric == "cancellation", "duration": None,
                    "estimate": ends | {"mean": p10, "p10": p10, "p90": top},
                }
                for metric, (p10, top) in rates.items()
            ],
            "cheapest": [] if cost is None else [offer], "fastest": None if p90 is None else offer,
            "refuses": [], "nodes": [], "quote": None, "not_known": [], "best": [],
        }
    )  # fmt: skip


def best(*compared: ProviderRow) -> list[list[str]]:
    mark_best(compared)
    return [one.best for one in compared]


def test_best_is_lower_for_costs_and_days_and_shared_by_equals() -> None:
    assert best(row("a", 5), row("b", 6), row("c")) == [["cheapest.EUR"], [], []]
    assert best(row("a", 5), row("b", 5), row("c", 6))[:2] == [["cheapest.EUR"]] * 2
    assert best(row("a", 5), row("b", 5)) == [[], []]
    assert best(row("a", p90=3.0), row("b", p90=2.0)) == [[], ["fastest"]]
    assert best(row("alone", 5, 1.0, cancellation=(0.1, 0.2)), row("b")) == [[], []]


def test_best_of_a_rate_is_one_whose_interval_touches_no_other() -> None:
    high, low, between = (0.9, 0.95), (0.5, 0.6), (0.55, 0.92)
    assert best(row("a", on_time=high), row("b", on_time=low)) == [["on_time"], []]
    assert best(row("a", on_time=high), row("b", on_time=between)) == [[], []]
    assert best(row("a", cancellation=high), row("b", cancellation=low)) == [[], ["cancellation"]]
    assert best(row("a", on_time=(0.5, 0.9)), row("b", on_time=(0.9, 0.9))) == [[], []]
