"""`/v1/exchange-rates`: a table for a day, which plans convert by."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field

from governance.access.caller import Caller, may
from governance.access.parameters import check_names
from governance.db import transaction
from governance.drops.rates import store
from governance.drops.rates.documents import DayRates, RatesDocument, faults
from governance.drops.rates.models import ExchangeRates
from governance.errors import FieldError, InvalidRequest
from governance.problems import problems
from governance.providers.filter_query import refuse
from governance.rules.values import WrongValue, parse_date

router = APIRouter(prefix="/v1", tags=["exchange rates"])

_DATE = {"format": "date"}

Reader = Annotated[Caller, Depends(may("drops:read"))]
Writer = Annotated[Caller, Depends(may("exchange_rates:write"))]
Day = Annotated[str, Path(description="The day of the rates.", json_schema_extra=_DATE)]


class RatesOut(DayRates):
    """The rates of a day, in the order of their currencies."""

    put_at: str = Field(description="When they were put: RFC 3339, UTC.")


@router.put(
    "/exchange-rates/{day}",
    response_model=RatesOut,
    responses={
        200: {"model": RatesOut, "description": "Those of that day were replaced"},
        201: {"model": RatesOut, "description": "The first of that day"},
        **problems(400, 401, 403, 413, 422, 503),
    },
)
def put_rates(
    day: Day, document: RatesDocument, request: Request, response: Response, _caller: Writer
) -> RatesOut:
    """Write the rates of a day in whole; what was put for that day before no longer holds."""
    now = datetime.now(UTC)
    of = read_day("day", day)
    refuse(list(faults(of, document, now.date(), named="day")))
    with transaction(request.app.state.pipeline.engine, write=True) as session:
        created = store.put(session, of, document, now)
        response.status_code = 201 if created else 200
        return rates_out(store.of_day(session, of))


@router.get("/exchange-rates", response_model=RatesOut, responses=problems(401, 403, 404, 422, 503))
def newest_rates(
    request: Request,
    _caller: Reader,
    on: Annotated[
        str | None, Query(description="A day; unset: today (UTC).", json_schema_extra=_DATE)
    ] = None,
) -> RatesOut:
    """The rates that hold on a day: those of the latest day up to it."""
    check_names([name for name, _ in request.query_params.multi_items()], ("on",))
    day = datetime.now(UTC).date() if on is None else read_day("on", on)
    with transaction(request.app.state.pipeline.engine) as session:
        return rates_out(store.latest(session, day))


@router.get(
    "/exchange-rates/{day}", response_model=RatesOut, responses=problems(401, 403, 404, 422, 503)
)
def rates_of_day(day: Day, request: Request, _caller: Reader) -> RatesOut:
    """The rates of this very day."""
    of = read_day("day", day)
    with transaction(request.app.state.pipeline.engine) as session:
        return rates_out(store.of_day(session, of))


def read_day(name: str, text: str) -> date:
    """A day that is written as YYYY-MM-DD; raises InvalidRequest that names the parameter."""
    try:
        return parse_date(text)
    except WrongValue as wrong:
        error = FieldError(name, str(wrong), wrong.hint)
        raise InvalidRequest(error.message, errors=[error]) from None


def rates_out(stored: ExchangeRates) -> RatesOut:
    """Rates as they are given out."""
    return RatesOut(
        day=stored.day.isoformat(),
        base=stored.base,
        source=stored.source,
        sample=stored.sample,
        rates=stored.rates,
        put_at=stored.put_at.isoformat(),
    )
