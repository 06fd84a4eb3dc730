"""Keeps the exchange rates of each day, and finds those that hold on a day."""

from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from governance.db import sole_writer
from governance.drops.rates.documents import RatesDocument
from governance.drops.rates.models import ExchangeRates
from governance.errors import NotFound
from governance.markets.money import Rates


def put(session: Session, day: date, document: RatesDocument, now: datetime) -> bool:
    """Write the rates of a day, in the place of others of that day; whether there were none."""
    sole_writer(session, ExchangeRates)
    known = session.get(ExchangeRates, day)
    row = ExchangeRates(
        day=day,
        base=document.base,
        source=document.source,
        sample=document.sample,
        rates=dict(sorted(document.rates.items())),
        put_at=now,
    )
    session.merge(row)
    session.flush()
    return known is None


def newest(session: Session, on: date) -> Rates | None:
    """The rates of the latest day up to `on` that has any."""
    stored = _latest(session, on)
    return None if stored is None else _rates(stored)


def latest(session: Session, on: date) -> ExchangeRates:
    """The row of the latest day up to `on`; raises NotFound where there is none."""
    stored = _latest(session, on)
    if stored is None:
        raise NotFound(f"There are no exchange rates of {on} or before; put them first")
    return stored


def of_day(session: Session, day: date) -> ExchangeRates:
    """The row of this very day; raises NotFound where there is none."""
    stored = session.get(ExchangeRates, day)
    if stored is None:
        raise NotFound(f"There are no exchange rates of {day}; GET /v1/exchange-rates?on={day}")
    return stored


def _latest(session: Session, on: date) -> ExchangeRates | None:
    day = col(ExchangeRates.day)
    asked = select(ExchangeRates).where(day <= on).order_by(day.desc()).limit(1)
    return session.exec(asked).first()


def _rates(stored: ExchangeRates) -> Rates:
    return Rates(
        base=stored.base,
        day=stored.day,
        source=stored.source,
        sample=stored.sample,
        per_base={currency: Decimal(text) for currency, text in stored.rates.items()},
    )
