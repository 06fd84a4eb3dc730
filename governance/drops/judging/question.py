"""What the drop gate is asked: a plan, with all that it rests on as it is at this moment."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import Session, col, select

from governance.drops.documents import DropDocument
from governance.drops.judging.facts import facts
from governance.drops.judging.used import Used, used
from governance.drops.models import Drop, DropApproval, DropPlan, DropState
from governance.drops.planner.goods import Goods, goods
from governance.drops.planner.network import stockroom_id
from governance.drops.planner.sales import Sale, days_of_sale, judge_sales, regions_shut
from governance.drops.planner.served import Served, served
from governance.drops.registry import document_of
from governance.drops.states import changes_of
from governance.gates.pipeline import Gates
from governance.providers.models import Lane, Node
from governance.rules.model import Library


@dataclass(frozen=True)
class Approval:
    """A person's approval of reasons, by their codes; `independent` of who asks for the drop."""

    approver: str
    independent: bool
    reasons: Sequence[str]


@dataclass(frozen=True)
class Question:
    """The request of the drop gate, and the sales that it names, which go on the record with it."""

    request: dict[str, Any]
    sales: Sequence[Sale]


def question(
    session: Session,
    gates: Gates,
    drop: Drop,
    plan_row: DropPlan,
    now: datetime,
    approval: Approval | None = None,
    on: date | None = None,
) -> Question:
    """Ask about a drop's plan under these gates, from today to the end of the sale, or `on` a day.

    Before the sale begins, its first day is the first that is asked about. Every product is judged
    anew by the sale gate; standings, lanes, nodes and schemes are read as they are. `approval` is
    one that is just being given. Raises what the sale gate raises.
    """
    document = document_of(drop)
    plan = json.loads(plan_row.plan)
    today = on or now.astimezone(UTC).date()
    first = min(max(drop.sale_from, today), drop.sale_to)
    last = drop.sale_to if on is None else first
    cells = list(used(plan))
    markets = sorted({place for one in cells for place in (one.market, *one.entered)})
    days = days_of_sale(gates.library, first, last)
    sales = judge_sales(gates, document, markets, days) if markets else {}
    names = {name for one in cells for name in one.providers}
    providers = served(session, names)
    here = _Here(session, gates.library, document, sales, providers, (first, last))
    return Question(
        request={
            "as_of": first.isoformat(),
            "judged_on": today.isoformat(),
            "plan": plan_row.digest,
            "drop": {
                "id": drop.id,
                "creator": document.creator.id,
                "title": document.title,
                "tier": document.creator.tier,
            },
            "facts": facts(
                session,
                document,
                plan,
                plan_row,
                cells,
                providers,
                gates.library,
                _used_at(session, drop, now),
            ),
            "stale": [*_stale(drop, plan), *here.gone(cells), *here.shut_since(plan, cells)],
            "markets": [here.market(one) for one in cells],
            "nodes": here.nodes(plan),
            "approvals": [
                *_approvals(session, drop, plan_row),
                *([_approval_of(approval, plan_row.digest)] if approval else []),
            ],
        },
        sales=[sale for found in sales.values() for sale in found],
    )


def _used_at(session: Session, drop: Drop, now: datetime) -> datetime:
    """When the plan that holds was first put on sale; now, where it was not yet.

    Once stock is bought, the plan behind it grows no older.
    """
    used = now
    for change in reversed(changes_of(session, drop.id)):
        if change.to_state == DropState.PLANNED.value:
            break
        if change.to_state == DropState.LIVE.value:
            used = change.changed_at
    return used


def is_independent(drop: Drop, document: DropDocument, approver: str) -> bool:
    """Whether a person is neither the one who submitted the drop nor its author nor its creator."""
    own = {drop.submitted_by, drop.created_by, document.creator.id}
    return _folded(approver) not in {_folded(one) for one in own if one}


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


class _Here:
    """The world as it is now, seen from what a plan uses."""

    def __init__(
        self,
        session: Session,
        library: Library,
        document: DropDocument,
        sales: Mapping[str, Sequence[Sale]],
        providers: Mapping[str, Served],
        days: tuple[date, date],
    ) -> None:
        self._library, self._document, self._sales = library, document, sales
        self._providers, self._days = providers, days
        lanes = select(Lane).where(col(Lane.provider_id).in_(providers))
        nodes = select(Node).where(col(Node.provider_id).in_(providers))
        self._lanes = {(one.provider_id, one.id): one for one in session.exec(lanes)}
        self._nodes = {stockroom_id(one.provider_id, one.id): one for one in session.exec(nodes)}

    def market(self, one: Used) -> dict[str, Any]:
        sales, what = self._sales[one.product], self._goods(one.product)
        return {
            "market": one.market,
            "product": one.product,
            "units": one.units,
            "sale": [
                {
                    "as_of": sale.as_of,
                    "verdict": sale.markets[one.market]["verdict"],
                    "decision_id": sale.decision_id,
                }
                for sale in (sales[0], sales[-1])
            ],
            "import_modes": one.import_modes,
            "import_modes_allowed": sorted(
                mode
                for mode in one.import_modes
                if all(self._mode_allowed(sales, place, mode) for place in one.places(mode))
            ),
            "evidence_ends": self._evidence_ends(one),
            "providers": [self._cell(*cell) for cell in one.cells],
            "refused_by_lane": [
                "/".join(name)
                for name in one.lanes
                if name in self._lanes and what.refused_by_lane(self._lanes[name])
            ],
            "refused_by_node": [
                name
                for name in one.nodes
                if name in self._nodes and what.refused_by_node(self._nodes[name])
            ],
            "clearance_open": all(self._open(*scheme) for scheme in one.schemes),
            "lead_days_p90": one.lead_days_p90,
            "lead_days_limit": self._document.service_level.lead_days_p90,
        }

    def gone(self, cells: Sequence[Used]) -> Iterator[dict[str, str]]:
        """Lanes and nodes of the plan that the registry has no more."""
        for name in dict.fromkeys(lane for one in cells for lane in one.lanes):
            if name not in self._lanes:
                yield {"what": "registry", "which": "lane " + "/".join(name)}
        for node in dict.fromkeys(node for one in cells for node in one.nodes):
            if node not in self._nodes:
                yield {"what": "registry", "which": f"node {node}"}

    def shut_since(
        self, plan: Mapping[str, Any], cells: Sequence[Used]
    ) -> Iterator[dict[str, str]]:
        """Regions to which the plan sells, and where the law of now does not let it."""
        for one in cells:
            shown = {sale["market"]: sale["not_sold_in"] for sale in plan["sale"][one.product]}
            for region in regions_shut(self._sales[one.product], one.market):
                if region not in shown[one.market]:
                    yield {"what": "release", "which": f"{one.product} in {region}"}

    def nodes(self, plan: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [
            {
                "node": one["node"],
                "units": one["units"],
                "capacity": getattr(self._nodes.get(one["node"]), "capacity_units", 0),
            }
            for one in plan["nodes"]
        ]

    def _goods(self, product_id: str) -> Goods:
        (product,) = (one for one in self._document.products if one.id == product_id)
        categories = self._sales[product_id][0].categories
        return goods(self._library.vocabulary, categories, product.dangerous_goods)

    def _mode_allowed(self, sales: Sequence[Sale], market: str, mode: str) -> bool:
        return all(sale.modes(market).get(mode) == "allowed" for sale in sales)

    def _evidence_ends(self, one: Used) -> list[str]:
        """Types that are missing on the last day and are not on the first: they end before."""
        first, last = (
            {
                name
                for way in sale.markets[one.market]["import_modes"]
                if way["import_mode"] in one.import_modes
                for name in way["missing_evidence"]
            }
            for sale in (self._sales[one.product][0], self._sales[one.product][-1])
        )
        return sorted(last - first)

    def _cell(self, provider: str, service: str, market: str) -> dict[str, str]:
        known = self._providers.get(provider)
        return {
            "provider": provider,
            "service": service,
            "market": market,
            "standing": known.standing.value if known else "delisted",
            "verdict": known.verdict(service, market) if known else "unknown",
        }

    def _open(self, market: str, scheme: str) -> bool:
        """Whether a scheme is in force on the first and on the last day."""
        return all(
            any(one.id == scheme for one in self._library.schemes(market, day))
            for day in self._days
        )


def _stale(drop: Drop, plan: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    if plan["lineage"]["facts"] != drop.document_digest:
        yield {"what": "document", "which": f"version {drop.version}"}


def _approvals(session: Session, drop: Drop, plan: DropPlan) -> list[dict[str, Any]]:
    document = document_of(drop)
    given = select(DropApproval).where(
        col(DropApproval.drop_id) == drop.id, col(DropApproval.plan_digest) == plan.digest
    )
    return [
        _approval_of(
            Approval(one.approver, is_independent(drop, document, one.approver), one.reasons),
            one.plan_digest,
        )
        for one in session.exec(given.order_by(col(DropApproval.number)))
    ]


def _approval_of(approval: Approval, digest: str) -> dict[str, Any]:
    return {
        "approver": approval.approver,
        "independent": approval.independent,
        "plan": digest,
        "reasons": list(approval.reasons),
    }
