"""The demo's launch: a drop of three products, planned, judged, approved by another, and live.

All about it is made up: creator, followers, prices, duty rates, papers, past drops, exchange rates.
"""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from governance.access.caller import Caller
from governance.db import transaction
from governance.drops import service as drops
from governance.drops.judging import service as steps
from governance.drops.judging.errors import NotPassed
from governance.drops.past import store as past
from governance.drops.planner.service import plan_drop
from governance.drops.rates import store as rates
from governance.drops.rates.documents import RatesDocument
from governance.gates.pipeline import Pipeline
from governance.planning.sample_history import sample_history

_DOCUMENT = Path(__file__).parent / "launch.json"
_PAST_SEED = 7
_RATES = {
    "base": "EUR",
    "source": "Made up for the demo, near what they were in 2026",
    "sample": True,
    "rates": {"USD": "1.16", "GBP": "0.87", "CAD": "1.62", "JPY": "178", "AUD": "1.77",
              "NZD": "2.03", "SGD": "1.50", "BRL": "6.2", "INR": "103", "MXN": "21.4",
              "CHF": "0.93", "NOK": "11.7", "SEK": "11.0", "DKK": "7.47", "PLN": "4.24",
              "TRY": "48.9", "SAR": "4.35", "AED": "4.26", "ILS": "3.8", "ZAR": "20.1",
              "NGN": "1690", "IDR": "19350", "MYR": "4.8", "PHP": "68", "THB": "37.6",
              "VND": "30500", "CNY": "8.25", "HKD": "9.03", "TWD": "36", "KRW": "1690"},
}  # fmt: skip


def prepare(pipeline: Pipeline, now: datetime) -> None:
    """Take in past drops and exchange rates that are made up, and say so."""
    with transaction(pipeline.engine, write=True) as session:
        past.keep(session, sample_history(_PAST_SEED, now.date()), now)
        rates.put(session, now.date(), RatesDocument.model_validate(_RATES), now)


def launch(pipeline: Pipeline, now: datetime, *, tell: Callable[[str, float], None]) -> str:
    """Plan the drop, submit it, have somebody else approve it, go live as far as it goes; its id.

    `tell` hears what is being done, and which share of it. Raises what these steps raise.
    """
    with transaction(pipeline.engine) as session:
        gates = pipeline.gates(session)
    portal, reviewer = Caller("demo", "portal", gates), Caller("reviewer-1", "reviewer", gates)
    document = json.loads(_DOCUMENT.read_text("utf-8"))
    drop_id = str(json.loads(drops.create(pipeline, document, portal).body)["id"])
    plan_drop(pipeline, portal, drop_id, progress=tell, now=now)
    tell("Asking the drop gate", 1)
    judged = steps.submit(pipeline, portal, drop_id, "portal-user-1", now)
    if judged.verdict == "needs_review":
        comment = "A demo: all figures are made up, and nothing is sold."
        try:
            steps.approve(
                pipeline,
                reviewer,
                drop_id,
                decision_id=judged.decision_id,
                comment=comment,
                now=now,
            )
            steps.go_live(pipeline, portal, drop_id, now)
        except NotPassed:
            pass  # the report says why
    return drop_id
