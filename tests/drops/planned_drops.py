"""A world in which drops can be planned: a vetted carrier, past drops, exchange rates, a drop."""

import copy
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from vetted_providers import document, opened, register, send, shipped, vetted

from governance.access.caller import Caller
from governance.db import transaction
from governance.drops import service as drops
from governance.drops.past import store as past
from governance.drops.planner.service import plan_drop
from governance.drops.rates import store as rates
from governance.drops.rates.documents import RatesDocument
from governance.gates.pipeline import Pipeline
from governance.planning.history import PastDrop, PastMarket

CARRIER = "carrier"
TODAY = datetime.now(UTC).date()
_DEMO: dict[str, Any] = json.loads(
    (Path(drops.__file__).parents[1] / "demo" / "launch.json").read_text("utf-8")
)


def world(folder: Path, database_url: str | None = None) -> Pipeline:
    """A pipeline over the rules that we ship, with a carrier that may serve the US and Canada."""
    pipeline = opened(folder, database_url)
    fill(pipeline)
    return pipeline


def fill(pipeline: Pipeline) -> None:
    """Register and vet the carrier, and put past drops and the rates of today."""
    register(pipeline, carrier())
    for market in ("US", "CA"):
        send(pipeline, shipped(CARRIER, 300, market=market, service="last_mile"))
    for _ in range(2):
        vetted(pipeline, CARRIER)
    with transaction(pipeline.engine, write=True) as session:
        past.keep(session, history(), datetime.now(UTC))
        put_rates(session, TODAY)


def put_rates(session: Any, day: date, sample: bool = False) -> None:
    given = {"base": "EUR", "source": "a test", "sample": sample,
             "rates": {"USD": "1.1", "CAD": "1.6", "GBP": "0.87", "SGD": "1.5"}}  # fmt: skip
    rates.put(session, day, RatesDocument.model_validate(given), datetime.now(UTC))


def carrier() -> Any:
    """A carrier with a warehouse in Dallas and lanes to the US and Canada."""
    costs = [{"up_to_grams": 2000, "minor_units": 600}, {"up_to_grams": 10000, "minor_units": 1500}]
    return document(
        CARRIER,
        ("last_mile", ["US", "CA"]),
        nodes=[
            {"id": "dallas", "name": "Dallas", "country": "US", "region": "US-TX",
             "latitude": 32.8, "longitude": -96.8, "capacity_units": 100_000,
             "dangerous_goods": [], "temperatures": ["ambient"], "bonded": False}
        ],
        lanes=[
            {"id": f"dallas-{market.lower()}", "service": "last_mile", "from_node": "dallas",
             "to_market": market, "modes": ["road"], "currency": "USD", "costs": costs,
             "lead_days": {"p10": 1.0, "p50": 2.0, "p90": days}, "refuses": ["nicotine"]}
            for market, days in (("US", 3.0), ("CA", 6.0))
        ],
    )  # fmt: skip


def history() -> list[PastDrop]:
    """Four drops of the creator; nothing in them happened, but they are not marked as samples."""
    return [
        PastDrop(
            drop=f"past-{number}",
            creator="creator-9",
            category="apparel",
            launched_on=TODAY - timedelta(days=40 * number),
            markets=tuple(
                PastMarket(country, audience, audience // 2, audience // 40, audience // 900,
                           audience // 9000)
                for country, audience in (("US", 900_000 + 20_000 * number), ("CA", 150_000))
            ),
        )
        for number in range(1, 5)
    ]  # fmt: skip


def drop_document(**more: Any) -> dict[str, Any]:
    """A hoodie for the US and Canada, on sale from today; all that it needs is there."""
    hoodie = copy.deepcopy(_DEMO["products"][0]) | {"share": None}
    for paper in hoodie["evidence"]:
        paper["valid_from"] = (TODAY - timedelta(days=30)).isoformat()
        paper["valid_to"] = (TODAY + timedelta(days=400)).isoformat()
    return {
        "title": "Winter hoodie",
        "creator": _DEMO["creator"] | {"id": "creator-9", "tier": "star"},
        "currency": "USD",
        "products": [hoodie],
        "audience": {
            "US": {"followers": 1_000_000, "engagement_rate": 0.03},
            "CA": {"followers": 150_000, "engagement_rate": 0.03},
        },
        "reach": {"p10": 450_000, "p50": 600_000, "p90": 750_000},
        "channel": "feed",
        "sale_from": TODAY.isoformat(),
        "sale_to": (TODAY + timedelta(days=20)).isoformat(),
        "budget": 20_000_000,
        "service_level": {"in_stock": None, "lead_days_p90": None},
        "markets": ["US", "CA"],
        "evidence": [],
    } | more


def portal(pipeline: Pipeline) -> Caller:
    return _caller(pipeline, "portal-key", "portal")


def reviewer(pipeline: Pipeline, name: str = "reviewer-key") -> Caller:
    return _caller(pipeline, name, "reviewer")


def _caller(pipeline: Pipeline, name: str, role: str) -> Caller:
    with transaction(pipeline.engine) as session:
        return Caller(name, role, pipeline.gates(session))


def created(pipeline: Pipeline, **more: Any) -> str:
    """The id of a drop that the portal made."""
    answer = drops.create(pipeline, drop_document(**more), portal(pipeline))
    return str(json.loads(answer.body)["id"])


def planned(pipeline: Pipeline, **more: Any) -> str:
    """The id of a drop with a plan."""
    drop_id = created(pipeline, **more)
    plan_drop(pipeline, portal(pipeline), drop_id)
    return drop_id
