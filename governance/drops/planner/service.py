"""Plans a drop: gathers what is known, makes the plan, and keeps it with the sales behind it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from governance.access.caller import Caller
from governance.db import transaction
from governance.drops import registry
from governance.drops.documents import DropDocument
from governance.drops.models import DropPlan, DropState
from governance.drops.planner.feed import Gathered, gather, known
from governance.drops.planner.sales import shown
from governance.drops.states import check_step, take_step
from governance.errors import GovernanceError
from governance.gates.pipeline import Pipeline, canonical
from governance.planning.drop_plan import make_plan
from governance.rules.model import Library

SEED = 1
"""Of the random numbers, where nobody gives another: the same plan for the same facts."""

Progress = Callable[[str, float], None]


class RevisedMeanwhile(GovernanceError):
    """The drop was revised while its plan was made."""

    status = 409
    code = "revised-meanwhile"
    title = "The drop was revised while its plan was made: plan it again"


def plan_drop(
    pipeline: Pipeline,
    caller: Caller,
    drop_id: str,
    *,
    seed: int = SEED,
    progress: Progress = lambda what, done: None,
    now: datetime | None = None,
) -> DropPlan:
    """Make a plan for a drop as it is now, and keep it; the drop is then `planned`.

    The plan is made outside any transaction, in seconds, and written in one: plan, sale decisions
    and step. `progress` hears what is being done, and which share of it.

    Raises:
        NotFound: the caller knows no such drop.
        IllegalStep: it cannot be planned in its state.
        InvalidRequest: past drops or exchange rates do not suffice; it says which.
        EngineUnavailable, StorageUnavailable, NoPlacement: there is no plan, nothing was written.
        RevisedMeanwhile: it was revised at the same time.
    """
    now = now or datetime.now(UTC)
    progress("Reading what is known", 0)
    with transaction(pipeline.engine) as session:
        drop = registry.visible(session, caller, drop_id)
        check_step(session, drop, DropState.PLANNED)
        version, digest = drop.version, drop.document_digest
        document = registry.document_of(drop)
        read = known(session, document, now.date())
    progress("Asking where it may be sold, and foretelling demand", 0.1)
    gathered = gather(caller.gates, document, digest, read, seed)
    made = make_plan(gathered.input, lambda what, done: progress(what, 0.3 + 0.6 * done))
    about = {"drop": drop_id, "version": version, "made_on": now.date().isoformat()}
    plan = _whole(about, document, gathered, made, caller.gates.library)
    progress("Keeping the plan", 0.95)
    with transaction(pipeline.engine, write=True) as session:
        drop = registry.locked(session, drop_id)
        if drop.version != version:
            raise RevisedMeanwhile(
                f"Version {version} was planned, and {drop.version} is there now"
            )
        for sales in gathered.sales.values():
            for sale in sales:
                sale.record(session, caller)
        kept = registry.keep_plan(
            session,
            drop,
            plan,
            digest=plan["digest"],
            providers=_providers(plan),
            made_by=caller.id,
            now=now,
        )
        take_step(
            session,
            drop,
            DropState.PLANNED,
            actor=caller.id,
            reason=f"planned: {plan['totals']['units']} units",
            decision_id=None,
            now=now,
        )
    progress("Done", 1)
    return kept


def _providers(plan: Mapping[str, Any]) -> set[str]:
    """Who brings units of some product anywhere, or keeps them."""
    return {
        name
        for product in plan["products"]
        for way in product["ways"]
        for name in (way["node"].partition("/")[0], *(leg["provider"] for leg in way["chain"]))
    }


def _whole(
    about: Mapping[str, Any],
    document: DropDocument,
    gathered: Gathered,
    made: Mapping[str, Any],
    library: Library,
) -> dict[str, Any]:
    """The plan with its sales, lineage and digest.

    The digest is over all but the ids of the sale decisions, so that the same facts and the same
    seed give the same digest on the same day.
    """
    sale = {name: shown(library, sales, gathered.markets) for name, sales in gathered.sales.items()}
    _say_what_opens(made["products"], sale)
    plan = {
        **about,
        "title": document.title,
        "sale_from": document.sale_from,
        "sale_to": document.sale_to,
        **made,
        "sale": sale,
        "lineage": gathered.lineage,
    }
    digest = sha256(canonical(plan).encode()).hexdigest()
    decisions = {
        name: [{"as_of": one.as_of, "decision_id": one.decision_id} for one in sales]
        for name, sales in gathered.sales.items()
    }
    return plan | {"digest": f"sha256:{digest}", "sale_decisions": decisions}


def _say_what_opens(
    products: Sequence[dict[str, Any]], sale: Mapping[str, Sequence[Mapping[str, Any]]]
) -> None:
    """Where the sale gate shuts a market, its own reasons say what would open it."""
    for product in products:
        reasons = {one["market"]: one["reasons"] for one in sale[product["product"]]}
        for closed in product["closed"]:
            if not product["modes"].get(closed["market"]) and reasons[closed["market"]]:
                closed["would_open"] = reasons[closed["market"]]
