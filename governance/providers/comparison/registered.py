"""What the registry has of the providers that are compared."""

from collections.abc import Sequence

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from governance.db import can_name
from governance.errors import FieldError
from governance.providers.comparison.query import MOST, Asked
from governance.providers.comparison.schemas import ComparedNode, Promise, RefusedWord
from governance.providers.filter_query import refuse
from governance.providers.models import DeclaredSla, Lane, Node, Provider, ProviderService
from governance.rules.problems import did_you_mean


def compared(session: Session, asked: Asked) -> tuple[Sequence[Provider], str | None]:
    """The providers of a comparison in the order of their ids, and a note on who was left out.

    Raises InvalidRequest where there is no such provider.
    """
    in_order = select(Provider).order_by(col(Provider.id))
    if asked.providers is None:
        there = col(Provider.id).in_(_serving(asked))
        found = session.exec(in_order.where(there).limit(MOST + 1)).all()
        note = f"more than {MOST} serve {asked.market}, here are the first by id: name those meant"
        return found[:MOST], note if len(found) > MOST else None
    names = [one for one in asked.providers if can_name(one)]
    found = session.exec(in_order.where(col(Provider.id).in_(names))).all()
    unknown = sorted({*asked.providers} - {one.id for one in found})
    if unknown:
        known = session.exec(select(Provider.id)).all()
        refuse(
            [
                FieldError(
                    "provider",
                    f"there is no provider `{one}`",
                    did_you_mean(one, known) or "GET /v1/providers lists them",
                )
                for one in unknown
            ]
        )
    return found, None


def offering(session: Session, asked: Asked) -> set[str]:
    """The ids of those who offer the service in the market."""
    return set(session.exec(_serving(asked)))


def lanes_there(session: Session, asked: Asked, provider_id: str) -> Sequence[Lane]:
    """The lanes of the service to the market, whatever they carry, by id."""
    there = select(Lane).where(
        col(Lane.provider_id) == provider_id,
        col(Lane.to_market) == asked.market,
        col(Lane.service) == asked.service,
    )
    if asked.lane.from_country is not None:
        there = there.where(col(Lane.from_country) == asked.lane.from_country)
    return session.exec(there.order_by(col(Lane.id))).all()


def refused(lanes: Sequence[Lane], goods: Sequence[str]) -> list[RefusedWord]:
    """The words for the goods that lanes refuse, and by which."""
    by_word = {word: [lane.id for lane in lanes if word in lane.refuses] for word in goods}
    return [RefusedWord(word=word, lanes=ids) for word, ids in by_word.items() if ids]


def nodes(session: Session, asked: Asked, provider_id: str) -> list[ComparedNode]:
    """The nodes in the market, by id."""
    there = select(Node).where(
        col(Node.provider_id) == provider_id, col(Node.country) == asked.market
    )
    found = session.exec(there.order_by(col(Node.id)))
    return [ComparedNode.model_validate(node, from_attributes=True) for node in found]


def promises(session: Session, asked: Asked, provider_id: str) -> list[Promise]:
    """What is promised of the service, by metric; for the market before what is for every one."""
    here = select(DeclaredSla).where(
        col(DeclaredSla.provider_id) == provider_id,
        col(DeclaredSla.service) == asked.service,
        col(DeclaredSla.market).in_((asked.market, "*")),
    )
    ordered = sorted(session.exec(here), key=lambda one: (one.metric, one.market != "*"))
    last_of_each = {one.metric: one for one in ordered}
    return [Promise.model_validate(one, from_attributes=True) for one in last_of_each.values()]


def _serving(asked: Asked) -> SelectOfScalar[str]:
    return select(ProviderService.provider_id).where(
        col(ProviderService.market) == asked.market,
        col(ProviderService.service) == asked.service,
    )
