"""The drops: made, revised, read, and given a plan; each is its maker's, and reviewers see all."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, delete, select, update
from ulid import ULID

from governance.access.caller import Caller
from governance.access.models import Role
from governance.db import can_name, insert
from governance.drops.documents import DropDocument, candidate_markets
from governance.drops.models import Drop, DropMarket, DropPlan, DropState, PlanProvider
from governance.drops.states import check_step, take_step
from governance.errors import FieldError, GovernanceError, NotFound
from governance.gates.pipeline import canonical


class StaleVersion(GovernanceError):
    """The drop was revised since it was read."""

    status = 409
    code = "stale-version"
    title = "The drop was revised since it was read"


def create(
    session: Session, document: DropDocument, *, covered: Sequence[str], made_by: str, now: datetime
) -> Drop:
    """A new draft of its maker (the id of a caller); `covered` are the markets of the release."""
    drop = Drop(
        id=f"drp_{ULID()}",
        state=DropState.DRAFT,
        version=1,
        created_by=made_by,
        created_at=now,
        updated_at=now,
        **_columns(document),
    )
    session.add(drop)
    session.flush()
    _write_markets(session, drop.id, candidate_markets(document, covered))
    return drop


def revise(
    session: Session,
    drop: Drop,
    document: DropDocument,
    *,
    version: int,
    covered: Sequence[str],
    actor: str,
    now: datetime,
) -> Drop:
    """Put another document in the place of a drop's, whose row the caller has locked.

    The drop is then a draft; the same document changes nothing. `version` is the one that was read.
    Raises StaleVersion, and IllegalStep where the drop cannot become a draft.
    """
    if drop.version != version:
        raise StaleVersion(
            f"version {version} was read of {drop.id}, and it has version {drop.version} now: read "
            "it again, and revise that",
            errors=[FieldError("version", f"it is {drop.version} now", "read the drop again")],
            version=drop.version,
        )
    if drop.document_digest == document.digest:
        return drop
    if drop.state is not DropState.DRAFT:
        reason = f"revised: version {version + 1}"
        take_step(
            session, drop, DropState.DRAFT, actor=actor, reason=reason, decision_id=None, now=now
        )
    changed = update(Drop).where(col(Drop.id) == drop.id)
    values = _columns(document) | {"version": version + 1, "updated_at": now}
    session.connection().execute(changed.values(values))
    _write_markets(session, drop.id, candidate_markets(document, covered))
    session.refresh(drop)
    return drop


def get(session: Session, drop_id: str) -> Drop:
    """The drop of that id, whoever made it. Raises NotFound."""
    return _one(session, drop_id, lock=False)


def locked(session: Session, drop_id: str) -> Drop:
    """A drop's row, which nobody else changes until the transaction ends. Raises NotFound."""
    return _one(session, drop_id, lock=True)


def visible(session: Session, caller: Caller, drop_id: str, *, lock: bool = False) -> Drop:
    """The drop of that id, locked if asked for, if the caller may know of it. Raises NotFound.

    A portal knows of the drops that it made itself; for it, there are no others.
    """
    drop = _one(session, drop_id, lock=lock)
    maker = made_by(caller)
    if maker is not None and drop.created_by != maker:
        raise _not_found(drop_id)
    return drop


def made_by(caller: Caller) -> str | None:
    """Whose drops the caller may know of; None: everybody's."""
    return caller.id if caller.role == Role.PORTAL else None


def document_of(drop: Drop) -> DropDocument:
    """The document of a drop."""
    return DropDocument.model_validate_json(drop.document)


def markets_of(session: Session, drop_id: str) -> list[str]:
    """Where a drop would be sold and has an audience, in the order of the alphabet."""
    mine = select(DropMarket.market).where(col(DropMarket.drop_id) == drop_id)
    return sorted(session.exec(mine))


def keep_plan(
    session: Session,
    drop: Drop,
    plan: Mapping[str, Any],
    *,
    digest: str,
    providers: Collection[str] = (),
    made_by: str,
    now: datetime,
) -> DropPlan:
    """Keep a plan of a drop, whose row the caller has locked, as the one that holds.

    `providers` are the ids of those without whom it cannot be carried out.

    A plan of the same digest is kept once: the drop gets the first one again. Raises IllegalStep
    where the drop cannot be planned in its state.
    """
    check_step(session, drop, DropState.PLANNED)
    same = select(DropPlan).where(col(DropPlan.drop_id) == drop.id, col(DropPlan.digest) == digest)
    kept = session.exec(same).one_or_none()
    if kept is None:
        kept = DropPlan(
            drop_id=drop.id,
            document_version=drop.version,
            digest=digest,
            plan=canonical(plan),
            made_at=now,
            made_by=made_by,
        )
        session.add(kept)
        session.flush()
        session.add_all(PlanProvider(plan_id=kept.id, provider_id=one) for one in {*providers})
    drop.plan_id = kept.id
    drop.updated_at = now
    session.flush()
    return kept


def plan_of(session: Session, drop: Drop, digest: str | None = None) -> DropPlan:
    """The plan of a drop that holds, or its plan of that digest. Raises NotFound."""
    found = select(DropPlan).where(col(DropPlan.drop_id) == drop.id)
    if digest is None:
        plan = session.exec(found.where(col(DropPlan.id) == drop.plan_id)).one_or_none()
        if plan is None:
            raise NotFound(f"{drop.id} has no plan yet")
        return plan
    named = found.where(col(DropPlan.digest) == digest)
    plan = session.exec(named).one_or_none() if can_name(digest) else None
    if plan is None:
        raise NotFound(f"{drop.id} has no plan {digest!r}")
    return plan


def _one(session: Session, drop_id: str, *, lock: bool) -> Drop:
    row = None
    if can_name(drop_id):
        mine = select(Drop).where(col(Drop.id) == drop_id)
        if lock:
            mine = mine.with_for_update(key_share=True)
        row = session.exec(mine.execution_options(populate_existing=lock)).one_or_none()
    if row is None:
        raise _not_found(drop_id)
    return row


def _not_found(drop_id: str) -> NotFound:
    return NotFound(f"There is no drop {drop_id!r}")


def _columns(document: DropDocument) -> dict[str, Any]:
    return {
        "title": document.title,
        "creator_id": document.creator.id,
        "document": document.as_text,
        "document_digest": document.digest,
        "sale_from": date.fromisoformat(document.sale_from),
        "sale_to": date.fromisoformat(document.sale_to),
    }


def _write_markets(session: Session, drop_id: str, markets: Sequence[str]) -> None:
    connection = session.connection()
    connection.execute(delete(DropMarket).where(col(DropMarket.drop_id) == drop_id))
    rows = [{"drop_id": drop_id, "market": market} for market in markets]
    connection.execute(insert(session, DropMarket), rows)
