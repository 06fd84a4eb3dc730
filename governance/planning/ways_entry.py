"""How units get from where they are secured into a stockroom: freight in bulk, and entry there."""

from collections.abc import Sequence
from dataclasses import dataclass

from governance.planning.clearance import Clearing, Consignment, clearings
from governance.planning.drop_plan_input import (
    Broker,
    DropPlanInput,
    LeadDays,
    Leg,
    ProductInput,
    Stockroom,
)

COMMERCIAL = "commercial"
NO_DAYS: LeadDays = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Link:
    """One thing that one provider does; `lane` is None for a broker."""

    service: str
    provider: str
    lane: str | None


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why something cannot be done, in a sentence, and what would change that.

    Of several about the same `subject` one is enough, they differ in amounts at most.
    """

    why: str
    would_open: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Charges:
    """What a unit is charged on its way, in minor units of the plan's currency."""

    freight: float = 0.0
    duty: float = 0.0
    tax: float = 0.0
    fees: float = 0.0

    def __add__(self, other: "Charges") -> "Charges":
        return Charges(
            self.freight + other.freight,
            self.duty + other.duty,
            self.tax + other.tax,
            self.fees + other.fees,
        )

    @property
    def borne_by_seller(self) -> float:
        """All but the tax, which is the buyer's."""
        return self.freight + self.duty + self.fees


@dataclass(frozen=True, slots=True)
class Entry:
    """One way of a unit into a stockroom: charges are a unit's share of a consignment.

    `units` are in that consignment. `cleared` says whether the goods are free to be sold in the
    country: in bond they are not. `found` is every scheme that was looked at.
    """

    charges: Charges
    units: int
    cleared: bool
    clearing: Clearing | None
    found: Sequence[Clearing]
    lead_days: LeadDays
    chain: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Entries:
    """All ways into one stockroom, the cheapest first, and what stands in the way of others.

    `opening_cost` is what the smallest consignment to it costs: what has to be spent to hold
    anything there, in minor units.
    """

    ways: tuple[Entry, ...]
    opening_cost: float
    obstacles: tuple[Obstacle, ...]


def entries(plan: DropPlanInput, product: ProductInput, room: Stockroom, most: int) -> Entries:
    """All ways of the product's units into a stockroom.

    A consignment holds at most `most` units, nor more than the stockroom. In the country where
    units are secured nothing is moved; inside a customs union nothing is cleared; into any other
    country a broker clears them commercially, which the sale gate has to allow there, and in bond
    they stay uncleared.
    """
    if room.country == product.ships_from:
        free = Entry(Charges(), 1, True, None, (), NO_DAYS, ())
        return Entries((free,), 0.0, ())
    obstacles: list[Obstacle] = []
    legs = bulk_legs(plan, product, room)
    if not legs:
        obstacles.append(
            Obstacle(
                f"No provider that may be used carries it in bulk from {product.ships_from} to "
                f"{room.country}",
                f"Vet a line-haul lane from {product.ships_from} to {room.country}",
            )
        )
    opening = min((leg.costs[0][1] for leg in legs), default=0.0)
    found: list[Entry] = []
    for leg in legs:
        load = best_load(leg, product.weight_grams, max(1, min(most, room.capacity)))
        if load is None:
            obstacles.append(Obstacle(f"{leg.provider}/{leg.lane} takes no unit so heavy"))
            continue
        units, price = load
        freight = Charges(freight=price / units)
        link = Link(leg.service, leg.provider, leg.lane)
        if one_territory(plan, product.ships_from, room.country):
            found.append(Entry(freight, units, True, None, (), leg.lead_days, (link,)))
            continue
        if room.bonded:
            found.append(Entry(freight, units, False, None, (), leg.lead_days, (link,)))
        cleared, lacking = _cleared(plan, product, room, leg, units, price)
        found += cleared
        obstacles += lacking
    found.sort(key=_cheapest)
    return Entries(tuple(found), opening, tuple(dict.fromkeys(obstacles)))


def _cleared(
    plan: DropPlanInput,
    product: ProductInput,
    room: Stockroom,
    leg: Leg,
    units: int,
    price: float,
) -> tuple[list[Entry], list[Obstacle]]:
    """The commercial entries of a consignment, one for each scheme that is available."""
    country = room.country
    if COMMERCIAL not in product.modes.get(country, ()):
        return [], [
            Obstacle(
                f"The sale gate does not allow to import it commercially into {country}",
                f"Meet what the sale gate asks for in {country}",
            )
        ]
    broker = _broker(plan.brokers, country, leg.provider)
    if broker is None:
        return [], [
            Obstacle(
                f"No broker that may be used clears goods into {country}",
                f"Vet a customs broker for {country}",
            )
        ]
    consignment = Consignment(
        market=country, day=plan.day, import_mode=COMMERCIAL, categories=product.categories,
        goods_value=product.unit_cost * units, currency=plan.currency, units=units, freight=price,
        origin=product.origin, duty_percent=product.duty_percent.get(country), held=product.held,
        rates=plan.rates, ships_from=product.ships_from,
    )  # fmt: skip
    found = clearings(plan.schemes.get(country, ()), consignment)
    chain = (
        Link(leg.service, leg.provider, leg.lane),
        Link("customs_brokerage", broker.provider, None),
    )
    return [
        Entry(
            Charges(price / units, one.duty / units, one.tax / units, one.fees / units),
            units, True, one, found, add_days(leg.lead_days, one.lead_days), chain,
        )
        for one in found
        if one.available
    ], obstacles_of(found, country, COMMERCIAL)  # fmt: skip


def bulk_legs(plan: DropPlanInput, product: ProductInput, room: Stockroom) -> list[Leg]:
    """The line-haul legs from where units are secured to the stockroom's country."""
    return [
        leg
        for leg in plan.legs
        if leg.service == "line_haul"
        and leg.from_country == product.ships_from
        and leg.market == room.country
        and (leg.provider, leg.lane) not in product.legs_refused
        and leg.from_stockroom not in product.stockrooms_refused
    ]


def best_load(leg: Leg, weight_grams: int, most: int) -> tuple[int, float] | None:
    """Units and price of the load that is cheapest a unit; None where one unit is too heavy."""
    loads = [
        (min(most, grams // weight_grams), price)
        for grams, price in leg.costs
        if grams >= weight_grams
    ]
    return min(loads, key=lambda load: (load[1] / load[0], load[0]), default=None)


def one_territory(plan: DropPlanInput, one: str, other: str) -> bool:
    """Whether goods move between two countries without customs."""
    return one == other or any(one in union and other in union for union in plan.customs_unions)


def obstacles_of(found: Sequence[Clearing], market: str, mode: str) -> list[Obstacle]:
    """Why each scheme is not available, and the evidence or fact with which it would be."""
    if not found:
        return [
            Obstacle(
                f"No scheme is known by which a consignment ({mode}) clears customs into {market}",
                f"Add a researched scheme ({mode}) for {market} to the clearance rows",
            )
        ]
    obstacles = []
    for one in found:
        if one.available:
            continue
        lacking = [
            *(f"hold {_title(one, evidence)}" for evidence in one.missing_evidence),
            *(f"declare {fact}" for fact in one.missing_facts),
        ]
        # of a scheme that nothing could make available there is nothing to mend
        mend = f"For {one.scheme.title}: {' and '.join(lacking)}" if lacking else None
        why = "; ".join(text.rstrip(".") for text in one.why_not) or "It is not available"
        obstacles.append(Obstacle(f"{one.scheme.title}: {why}", mend, one.scheme.id))
    return obstacles


def add_days(one: LeadDays, other: LeadDays) -> LeadDays:
    """Quantiles added up: exact for parts that are late together (comonotonic).

    For the P90 of parts that are late on their own that is more than enough.
    """
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2])


def _broker(brokers: Sequence[Broker], country: str, carrier: str) -> Broker | None:
    """The carrier itself where it is a broker there, otherwise the first by name."""
    there = [one for one in brokers if one.market == country]
    return min(there, key=lambda one: (one.provider != carrier, one.provider), default=None)


def _cheapest(entry: Entry) -> tuple[float, float, str, str]:
    link = entry.chain[0]
    return entry.charges.borne_by_seller, entry.lead_days[2], link.provider, link.lane or ""


def _title(clearing: Clearing, evidence: str) -> str:
    titles = {one.evidence: one.title for one in clearing.scheme.requires}
    return titles.get(evidence, evidence)
