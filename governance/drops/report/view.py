"""All that the report of a plan shows, from the plan, its document, its decision and its steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from governance.drops.report import costs as plan_costs
from governance.drops.report import markets as plan_markets
from governance.drops.report import stock as plan_stock
from governance.drops.report.forecast import Forecast, forecast
from governance.drops.report.map import EUROPE, WORLD
from governance.drops.report.marks import Drawing, drawing
from governance.drops.report.words import change_words, day_of, word
from governance.markets.countries import place_name


@dataclass(frozen=True)
class Verdict:
    """What the drop gate decided: the verdict, its reasons, those a person approved, the mends.

    `stale` says what has changed since it decided.
    """

    verdict: str
    decision_id: str
    reasons: Sequence[str]
    approved: Sequence[str]
    changes: Sequence[str]
    stale: Sequence[str]


@dataclass(frozen=True)
class Step:
    """A step of the drop's life."""

    on: date
    before: str
    after: str
    decision_id: str | None
    actor: str
    reason: str


@dataclass(frozen=True)
class Placed:
    """Units of a product for a market, or for the region of a city in it, from a stockroom.

    `next_best` says what the next best stockroom would add, in minor units; None: there is none.
    """

    market: str
    city: str
    units: int
    letter: str
    unit_cost: float
    next_best: tuple[str, float, bool] | None


@dataclass(frozen=True)
class Product:
    """A product with its terms (minor units), what a unit costs on arrival, and where units lie."""

    id: str
    title: str
    share: float
    terms: Mapping[str, Any]
    stock: plan_stock.Secured
    landed: Sequence[plan_costs.Landed]
    placed: Sequence[Placed]
    unplaced: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Report:
    """The page's content. `made_up` names what was made up; `verdict` is None before the gate."""

    title: str
    creator: Mapping[str, Any]
    currency: str
    sale_from: date
    sale_to: date
    planned_on: date
    state: str
    digest: str
    version: int
    made_up: Sequence[str]
    verdict: Verdict | None
    forecast: Forecast
    markets: Sequence[plan_markets.Market]
    tally: Mapping[str, int]
    regions: Sequence[plan_markets.Regions]
    closed: Sequence[plan_markets.Closed]
    world: Drawing
    europe: Drawing
    locations: Sequence[plan_stock.Location]
    products: Sequence[Product]
    clearance: Sequence[tuple[str, float]]
    chains: Sequence[plan_costs.Chain]
    providers: Sequence[plan_costs.Provider]
    totals: Mapping[str, Any]
    lead_limit: float | None
    futures: int
    weeks: int
    seed: int
    assumptions: Sequence[str]
    lineage: Mapping[str, Any]
    steps: Sequence[Step]

    @property
    def letters(self) -> dict[str, str]:
        """The letter of every stockroom that holds units."""
        return {one.id: one.letter for one in self.locations}

    @property
    def open_markets(self) -> int:
        return self.tally.get("allowed", 0)

    @property
    def by_verdict(self) -> dict[str, list[str]]:
        """The names of markets by verdict, the mildest first."""
        return {
            verdict: [one.name for one in self.markets if one.verdict == verdict]
            for verdict in self.tally
        }

    @property
    def slowest(self) -> float | None:
        """The P90 of the slowest way that carries units, in days."""
        return max((row.days[2] for one in self.products for row in one.landed), default=None)


def report(
    plan: Mapping[str, Any],
    document: Mapping[str, Any],
    decision: Mapping[str, Any] | None,
    changes: Sequence[Mapping[str, Any]],
) -> Report:
    """The report of a drop's plan.

    `decision` is the drop gate's, spelled out as `GET /v1/drops/{id}/verdict` gives it; None where
    the plan was not submitted. `changes` are the drop's steps in their order, with the fields of
    `DropChange`.
    """
    candidates = plan_markets.markets(plan, decision)
    stockrooms = plan_stock.locations(plan)
    return Report(
        title=document["title"],
        creator=document["creator"],
        currency=plan["currency"],
        sale_from=day_of(document["sale_from"]),
        sale_to=day_of(document["sale_to"]),
        planned_on=day_of(plan["day"]),
        state=str(changes[-1]["to_state"]) if changes else "draft",
        digest=plan["digest"],
        version=plan["version"],
        made_up=_made_up(plan),
        verdict=_verdict(decision),
        forecast=forecast(plan),
        markets=candidates,
        tally=plan_markets.tally(candidates),
        regions=plan_markets.regions(plan),
        closed=plan_markets.closed(plan),
        world=drawing(WORLD, candidates, stockrooms),
        europe=drawing(EUROPE, candidates, stockrooms),
        locations=stockrooms,
        products=_products(plan, document, {one.id: one.letter for one in stockrooms}),
        clearance=plan_costs.clearance(plan),
        chains=plan_costs.chains(plan),
        providers=plan_costs.providers(plan),
        totals=plan["totals"],
        lead_limit=document["service_level"]["lead_days_p90"],
        futures=plan["futures"],
        weeks=plan["weeks"],
        seed=plan["seed"],
        assumptions=plan["assumptions"],
        lineage=plan["lineage"],
        steps=[_step(one) for one in changes],
    )


def _made_up(plan: Mapping[str, Any]) -> list[str]:
    found = []
    if plan["forecast"]["rests_on"]["sample_drops"]:
        found.append("past drops")
    if plan["lineage"]["exchange_rates"]["sample"]:
        found.append("exchange rates")
    if any(one.get("sample") for one in plan["lineage"]["standings"].values()):
        found.append("providers")
    return found


def _verdict(decision: Mapping[str, Any] | None) -> Verdict | None:
    if decision is None:
        return None
    return Verdict(
        verdict=decision["verdict"],
        decision_id=decision["decision_id"],
        reasons=[one["message"] for one in decision["reasons"]],
        approved=[one["message"] for one in decision["approved_reasons"]],
        changes=[change_words(one) for one in decision["changes"]],
        stale=[one["message"] for one in decision["stale"]],
    )


def _step(one: Mapping[str, Any]) -> Step:
    return Step(
        on=day_of(one["changed_at"]),
        before=word(str(one["from_state"])),
        after=word(str(one["to_state"])),
        decision_id=one["decision_id"],
        actor=one["actor"],
        reason=one["reason"],
    )


def _products(
    plan: Mapping[str, Any], document: Mapping[str, Any], letters: Mapping[str, str]
) -> list[Product]:
    terms = {one["id"]: one for one in document["products"]}
    names = {
        node["node"]: node["name"] for product in plan["products"] for node in product["nodes"]
    }
    return [
        Product(
            id=one["product"],
            title=one["title"],
            share=one["share"],
            terms=terms[one["product"]],
            stock=stock,
            landed=plan_costs.landed(one),
            placed=[_placed(row, letters, names) for row in one["allocations"] if row["units"]],
            unplaced=[row | {"market": place_name(row["market"])} for row in one["unplaced"]],
        )
        for one, stock in zip(plan["products"], plan_stock.secured(plan), strict=True)
    ]


def _placed(row: Mapping[str, Any], letters: Mapping[str, str], names: Mapping[str, str]) -> Placed:
    other = row["alternative"]
    return Placed(
        market=place_name(row["market"]),
        city=row["city"] or "",
        units=row["units"],
        letter=letters[row["node"]],
        unit_cost=row["unit_cost"],
        next_best=other
        and (names.get(other["node"], other["node"]), other["extra_cost"], other["opens"]),
    )
