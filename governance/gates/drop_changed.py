"""A request of the drop gate as it is once some changes are made, to be judged again."""

from collections.abc import Collection, Iterable
from typing import Any

from governance.gates.drop_facts import (
    ApprovalEntry,
    DropRequest,
    MarketEntry,
    NodeEntry,
    ServiceCell,
)
from governance.gates.drop_mends import EXPOSURE, Change


def changed(asked: DropRequest, changes: Iterable[Change]) -> DropRequest:
    """The request after these changes, at their best.

    Whoever or whatever replaces another is taken to be allowed. Every change but a review makes
    another plan, which nobody has approved yet; reviews are of that one.
    """
    reviewed = []
    for change in sorted(changes, key=lambda one: one.change != "leave_out"):  # then fewer are left
        if change.change == "review":
            reviewed.append(change.what)
        else:
            asked = asked.model_copy(update=_updates(asked, change) | {"approvals": []})
    if reviewed:
        approval = ApprovalEntry(
            approver="a reviewer", independent=True, plan=asked.plan, reasons=sorted(reviewed)
        )
        asked = asked.model_copy(update={"approvals": [*asked.approvals, approval]})
    return asked


def _updates(asked: DropRequest, change: Change) -> dict[str, Any]:
    match change.change:
        case "plan_again":
            return {"stale": [], "facts": _with(asked, "plan_hours", 0)}
        case "exchange_rates":
            return {"facts": _with(asked, "exchange_rates_days", 0)}
        case "less_stock":
            return {"facts": _with(asked, EXPOSURE, int(change.what))}
        case "fewer_units":
            return {"nodes": [_within(one, change.what) for one in asked.nodes]}
        case "leave_out":
            return {"markets": [one for one in asked.markets if not change.means(one)]}
        case "provider":
            return {"markets": [_served_otherwise(one, change) for one in asked.markets]}
    return {
        "markets": [_mended(one, change) if change.means(one) else one for one in asked.markets]
    }


def _with(asked: DropRequest, name: str, value: int) -> dict[str, Any]:
    """The facts with another value; what nobody declared stays undeclared."""
    return asked.facts | ({name: value} if name in asked.facts else {})


def _within(node: NodeEntry, name: str) -> NodeEntry:
    if node.node != name:
        return node
    return node.model_copy(update={"units": min(node.units, node.capacity)})


def _mended(entry: MarketEntry, change: Change) -> MarketEntry:
    match change.change:
        case "evidence":
            return _lacking(entry, "evidence_ends", [change.what])
        case "lane":
            return _lacking(entry, "refused_by_lane", [change.what])
        case "node":
            return _lacking(entry, "refused_by_node", [change.what])
        case "import_mode":
            return _lacking(entry, "import_modes", [change.what])
    return entry


def _served_otherwise(entry: MarketEntry, change: Change) -> MarketEntry:
    cells = [_replaced(cell, change) for cell in entry.providers]
    if cells != entry.providers:
        entry = entry.model_copy(update={"providers": cells})
    if change.market is None:  # whoever is replaced everywhere has no lane or stockroom left
        for field in ("refused_by_lane", "refused_by_node"):
            theirs = [n for n in getattr(entry, field) if n.partition("/")[0] == change.what]
            entry = _lacking(entry, field, theirs)
    return entry


def _lacking(entry: MarketEntry, field: str, names: Collection[str]) -> MarketEntry:
    had = getattr(entry, field)
    kept = [name for name in had if name not in names]
    return entry.model_copy(update={field: kept}) if len(kept) < len(had) else entry


def _replaced(cell: ServiceCell, change: Change) -> ServiceCell:
    everywhere = change.market is None and cell.provider == change.what
    here = change.market == cell.market and f"{cell.provider}/{cell.service}" == change.what
    if not (everywhere or here):
        return cell
    return cell.model_copy(
        update={"provider": "another provider", "standing": "active", "verdict": "allowed"}
    )
