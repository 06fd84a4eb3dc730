"""Gathers all that a plan is made from: forecast, sales, the network, clearance, rates, lineage."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlmodel import Session

from governance import __version__
from governance.drops.documents import DropDocument, DropProduct, candidate_markets
from governance.drops.past import store as past
from governance.drops.planner.goods import goods, refused_lanes, refused_nodes
from governance.drops.planner.network import Network, network
from governance.drops.planner.sales import (
    Sale,
    days_of_sale,
    judge_sales,
    modes_allowed,
    regions_shut,
)
from governance.drops.planner.served import Served, served
from governance.drops.rates import store as exchange_rates
from governance.errors import FieldError, InvalidRequest
from governance.gates.pipeline import Gates
from governance.markets.money import Rates
from governance.planning.cities import share_living_in
from governance.planning.demand import FUTURES
from governance.planning.drop_plan_input import DropPlanInput, ProductInput
from governance.planning.foretelling import PlannedDrop, foretell
from governance.planning.history import PastDrop
from governance.planning.quantiles import Quantiles
from governance.rules.model import Library

HALF_LIFE_WEEKS = {"live": 0.25, "feed": 1.0}
"""After so many weeks the orders of a week are half those at the launch, by channel: assumptions.
A live show sells while it runs, a post in a feed is found for weeks."""

_MOST_WEEKS = 13
_CUSTOMS_UNION = "EU"


@dataclass(frozen=True)
class Known:
    """What the database holds that a plan rests on, at one instant."""

    history: Sequence[PastDrop]
    history_digest: str
    rates: Rates
    served: Mapping[str, Served]
    network: Network


@dataclass(frozen=True)
class Gathered:
    """A plan's input, its candidate markets, the sales behind it by product, and its lineage.

    `lineage` is part of the plan: forecast, facts, release, standings, exchange rates.
    """

    input: DropPlanInput
    markets: Sequence[str]
    sales: Mapping[str, Sequence[Sale]]
    lineage: dict[str, Any] = field(default_factory=dict)


def known(session: Session, document: DropDocument, today: date) -> Known:
    """Read what a plan of this drop rests on.

    Raises InvalidRequest where a lane is priced in a currency for which there is no exchange rate.
    """
    providers = served(session)
    found = exchange_rates.newest(session, today)
    rates = found or Rates(document.currency, today, "no rates are known", False, {})
    return Known(
        history=past.history(session),
        history_digest=past.digest(session),
        rates=rates,
        served=providers,
        network=network(session, providers, rates, document.currency),
    )


def gather(gates: Gates, document: DropDocument, digest: str, known: Known, seed: int) -> Gathered:
    """Judge the sales, foretell demand, and put together what `make_plan` reads.

    `digest` is the document's. Raises InvalidRequest where past drops cannot foretell the drop or
    a market has an unknown name, EngineUnavailable where the sale gate gives no verdict.
    """
    library = gates.library
    markets = candidate_markets(document, library.covered_markets)
    day, last = map(date.fromisoformat, (document.sale_from, document.sale_to))
    days = days_of_sale(library, day, last)
    entered = {one.country for one in known.network.stockrooms}
    judged = sorted({*markets, *entered.intersection(library.covered_markets)})
    sales = judge_sales(gates, document, judged, days)
    launch, rests_on = _foretold(document, markets, known.history, day)
    shares = shares_of_orders(document)
    plan_input = DropPlanInput(
        currency=document.currency,
        launch=launch,
        rests_on=rests_on,
        seed=seed,
        futures=FUTURES,
        half_life_weeks=HALF_LIFE_WEEKS[document.channel],
        weeks=min(_MOST_WEEKS, math.ceil(((last - day).days + 1) / 7)),
        budget=document.budget,
        in_stock=document.service_level.in_stock,
        lead_days_limit=document.service_level.lead_days_p90,
        rates=known.rates,
        day=day,
        products=tuple(
            _product(library, document, one, shares[one.id], sales[one.id], known.network)
            for one in document.products
        ),
        stockrooms=known.network.stockrooms,
        legs=known.network.legs,
        brokers=known.network.brokers,
        schemes={market: library.schemes(market, day) for market in sorted({*markets, *entered})},
        customs_unions=(_members(library, day),),
    )
    return Gathered(plan_input, markets, sales, _lineage(gates, digest, known))


def shares_of_orders(document: DropDocument) -> dict[str, float]:
    """Each product's share of all orders: as declared, else the same for all."""
    return {
        one.id: one.share if one.share is not None else 1 / len(document.products)
        for one in document.products
    }


def held(document: DropDocument, product: DropProduct) -> frozenset[str]:
    """The types of evidence that hold from the first day of the sale to the last."""
    papers = [*document.evidence, *product.evidence]
    return frozenset(
        one.type
        for one in papers
        if one.valid_from <= document.sale_from
        and (one.valid_to is None or one.valid_to >= document.sale_to)
    )


def _product(
    library: Library,
    document: DropDocument,
    product: DropProduct,
    share: float,
    sales: Sequence[Sale],
    of: Network,
) -> ProductInput:
    categories = sales[0].categories
    what = goods(library.vocabulary, categories, product.dangerous_goods)
    lineage = dict.fromkeys(
        above for one in categories for above in library.vocabulary.lineage(one)
    )
    return ProductInput(
        id=product.id,
        title=product.title,
        share=share,
        price=product.price,
        unit_cost=product.unit_cost,
        salvage=product.salvage,
        resale=product.resale,
        return_cost=product.return_cost,
        weight_grams=product.weight_grams,
        ships_from=product.ships_from,
        origin=product.origin or product.ships_from,
        categories=tuple(lineage),
        duty_percent=product.duty_rates,
        held=held(document, product),
        modes={
            market: modes for market in sales[0].markets if (modes := modes_allowed(sales, market))
        },
        sold_to={
            market: 1 - _share_of(market, shut)
            for market in sales[0].markets
            if (shut := regions_shut(sales, market))
        },
        legs_refused=refused_lanes(what, of.lanes),
        stockrooms_refused=refused_nodes(what, of.nodes),
    )


def _share_of(market: str, regions: Sequence[str]) -> float:
    """The share of a country's buyers in these regions; all, where that cannot be said."""
    try:
        return share_living_in(market, regions)
    except ValueError:
        return 1.0


def _foretold(
    document: DropDocument, markets: Sequence[str], history: Sequence[PastDrop], day: date
) -> Any:
    """The launch and what it rests on; by the category of the product that sells most."""
    if not any(one.launched_on < day for one in history):
        message = f"no drop from before {day} is known, and demand is learnt from past drops"
        hint = "POST /v1/past-drops, or `governance past-drops import FILE`"
        raise InvalidRequest(message, errors=[FieldError("", message, hint)])
    shares = shares_of_orders(document)
    leading = max(document.products, key=lambda one: shares[one.id])
    told = document.reach
    reach = Quantiles((0.1, 0.5, 0.9), (told.p10, told.p50, told.p90)) if told else None
    planned = PlannedDrop(
        creator=document.creator.id,
        category=leading.category,
        audience={market: document.audience[market].followers for market in markets},
        reach=reach,
    )
    try:
        launch, rests_on = foretell(history, planned, day)
    except ValueError as error:  # each says which of its input does not suffice
        name = str(error).partition(":")[0]
        field = "/reach" if name == "reach" else "/audience" if name == "audience" else ""
        hint = "past drops come in by POST /v1/past-drops; a judged reach stands at /reach"
        raise InvalidRequest(str(error), errors=[FieldError(field, str(error), hint)]) from error
    return replace(launch, views=_views(document, markets)), rests_on


def _views(document: DropDocument, markets: Sequence[str]) -> dict[str, int] | None:
    """How often posts are usually seen, where that is known of every market."""
    views = {market: document.audience[market].usual_views for market in markets}
    known = {market: seen for market, seen in views.items() if seen is not None}
    return known if len(known) == len(views) and any(known.values()) else None


def _members(library: Library, day: date) -> frozenset[str]:
    bloc = library.vocabulary.blocs.get(_CUSTOMS_UNION)
    if bloc is None:
        return frozenset()
    return frozenset(country for country in bloc.members if bloc.has(country, day))


def _lineage(gates: Gates, digest: str, known: Known) -> dict[str, Any]:
    return {
        "forecast": {
            "version": __version__,
            "history_digest": known.history_digest,
            "past_drops": len(known.history),
        },
        "facts": digest,
        "release": gates.digest,
        "standings": {
            one.provider: {
                "standing": one.standing.value,
                "decision_id": one.decision_id,
                "sample": one.sample,
            }
            for one in known.served.values()
        },
        "exchange_rates": {
            "day": known.rates.day.isoformat(),
            "base": known.rates.base,
            "source": known.rates.source,
            "sample": known.rates.sample,
        },
    }
