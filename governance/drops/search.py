"""Finds drops by state, creator, market, provider and text, a page at a time, newest first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col, select

from governance.db import can_name
from governance.drops.models import Drop, DropMarket, DropState, PlanProvider
from governance.errors import FieldError
from governance.providers.filter_query import refuse, wrong_country, wrong_word

NAMES = ("state", "creator", "market", "provider", "text")
"""The names of the filters in an address."""

SEVERAL = ("state",)
"""Those that may be given more than once."""

_CURSOR = re.compile(r"drp_[0-9A-HJKMNP-TV-Z]{26}")
_MOST_CHARACTERS = 200


@dataclass(frozen=True)
class Filters:
    """Which drops are meant; None or empty: any.

    `provider` is one without whom the plan that holds cannot be carried out, `text` a part of id or
    title.
    """

    states: tuple[DropState, ...] = ()
    creator: str | None = None
    market: str | None = None
    provider: str | None = None
    text: str | None = None


def read_filters(
    *,
    state: Sequence[str] = (),
    creator: str | None = None,
    market: str | None = None,
    provider: str | None = None,
    text: str | None = None,
) -> Filters:
    """The filters, as they are named in an address; raises InvalidRequest with every wrong one."""
    errors = [*wrong_country("market", market)]
    for one in state:
        errors += wrong_word("state", one, [known.value for known in DropState])
    for name, words in (("creator", creator), ("provider", provider), ("text", text)):
        if words is not None and not (0 < len(words) <= _MOST_CHARACTERS and can_name(words)):
            hint = f"1 to {_MOST_CHARACTERS} characters, or leave it out"
            errors.append(FieldError(name, "no drop holds such a text", hint))
    refuse(errors)
    return Filters(tuple(DropState(one) for one in state), creator, market, provider, text)


def check_cursor(cursor: str | None) -> None:
    """Refuse what no page gave as its `next_cursor`. Raises InvalidRequest."""
    if cursor is not None and not _CURSOR.fullmatch(cursor):
        hint = "send `next_cursor` as it was given, or leave it out"
        refuse([FieldError("cursor", "no page gave this cursor", hint)])


def search(
    session: Session,
    filters: Filters,
    *,
    made_by: str | None,
    after: str | None = None,
    limit: int = 50,
) -> Sequence[Drop]:
    """At most `limit` drops that were made before the drop `after`, the newest first.

    `made_by` is the caller who made them; None: anybody.
    """
    wanted = _conditions(filters)
    if made_by is not None:
        wanted.append(col(Drop.created_by) == made_by)
    if after is not None:
        wanted.append(col(Drop.id) < after)
    # An id begins with the instant at which it was made.
    return session.exec(
        select(Drop).where(*wanted).order_by(col(Drop.id).desc()).limit(limit)
    ).all()


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if filters.states:
        wanted.append(col(Drop.state).in_(filters.states))
    if filters.creator is not None:
        wanted.append(col(Drop.creator_id) == filters.creator)
    if filters.market is not None:
        there = select(DropMarket.drop_id).where(col(DropMarket.market) == filters.market)
        wanted.append(col(Drop.id).in_(there))
    if filters.provider is not None:
        theirs = select(PlanProvider.plan_id).where(
            col(PlanProvider.provider_id) == filters.provider
        )
        wanted.append(col(Drop.plan_id).in_(theirs))
    if filters.text is not None:
        # Both sides in the database's own small letters: SQLite knows those of ASCII only.
        escaped = filters.text.replace("/", "//").replace("%", "/%").replace("_", "/_")
        pattern = func.lower(f"%{escaped}%")
        columns = (Drop.id, Drop.title)
        wanted.append(or_(*(func.lower(col(one)).like(pattern, escape="/") for one in columns)))
    return wanted
