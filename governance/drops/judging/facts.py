"""The facts of a drop that rules look at: what is at risk, how sure it is, how old it is."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session

from governance.drops.documents import DropDocument
from governance.drops.judging.used import Used
from governance.drops.models import DropPlan
from governance.drops.past import store as past
from governance.drops.planner.served import Served
from governance.drops.rates import store as exchange_rates
from governance.markets.money import NoRate
from governance.rules.model import Library

_CENTS = 100


def facts(
    session: Session,
    document: DropDocument,
    plan: Mapping[str, Any],
    plan_row: DropPlan,
    cells: Sequence[Used],
    providers: Mapping[str, Served],
    library: Library,
    at: datetime,
) -> dict[str, Any]:
    """The facts by attribute (`rulesets/vocabulary/attributes/drop.yaml`); unknown ones are absent.

    What a rule needs and is absent makes it undetermined, and the drop is not allowed. Ages are
    those `at` the instant when the plan is, or was, put to use.
    """
    today = at.astimezone(UTC).date()
    history = past.history(session)
    rates = exchange_rates.newest(session, today)
    totals, orders = plan["totals"], plan["forecast"]["total"]["orders"]
    unplaced = sum(one["units"] for product in plan["products"] for one in product["unplaced"])
    given = [one for one in document.audience.values() if one.engagement_rate is not None]
    followers = sum(one.followers for one in given)
    found: dict[str, Any] = {
        "creator_tier": document.creator.tier,
        "creator_past_drops": sum(one.creator == document.creator.id for one in history),
        "orders_spread": round(orders[2] / max(orders[0], 1), 4),
        "plan_hours": max(0, int((at - plan_row.made_at).total_seconds() // 3600)),
        "exchange_rates_days": max(0, (today - _rates_day(plan)).days),
        "made_up_data": _made_up(plan, cells, providers),
        "unplaced_share": round(unplaced / max(unplaced + totals["units"], 1), 4),
        "budget_share": round(totals["stock_cost"] / document.budget, 4),
        "low_certainty_clearance": _uncertain(cells, library, document),
    }
    if cells:
        found["lead_days_p90"] = max(one.lead_days_p90 for one in cells)
    if followers:
        mean = sum(one.followers * (one.engagement_rate or 0) for one in given) / followers
        found["engagement_rate"] = round(mean, 4)
    if history:
        found["history_days"] = max(0, (today - max(one.launched_on for one in history)).days)
    if rates is not None:
        try:
            at_risk = rates.convert(totals["stock_cost"], document.currency, "USD")
        except NoRate:
            return found
        found["exposure_usd"] = round(at_risk / _CENTS)
    return found


def _rates_day(plan: Mapping[str, Any]) -> date:
    """The day of the rates that the plan was made with: newer ones do not make it newer."""
    return date.fromisoformat(plan["lineage"]["exchange_rates"]["day"])


def _made_up(
    plan: Mapping[str, Any], cells: Sequence[Used], providers: Mapping[str, Served]
) -> bool:
    """Whether the plan rests on past drops, providers or rates that are samples."""
    names = {provider for one in cells for provider, _, _ in one.cells}
    return (
        plan["forecast"]["rests_on"]["sample_drops"] > 0
        or plan["lineage"]["exchange_rates"]["sample"]
        or any(providers[name].sample for name in names if name in providers)
    )


def _uncertain(cells: Sequence[Used], library: Library, document: DropDocument) -> bool:
    """Whether some clearance of the plan rests on a source of low certainty."""
    day = date.fromisoformat(document.sale_from)
    schemes = {scheme for one in cells for scheme in one.schemes}
    return any(
        one.certainty == "low"
        for market, name in schemes
        for one in library.schemes(market, day)
        if one.id == name
    )
