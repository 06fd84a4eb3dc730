"""The ways of a unit from where it is secured to a market: the cheapest, others, what is shut."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from governance.planning.clearance import Clearing
from governance.planning.clearance import why as why_cleared
from governance.planning.drop_plan_input import DropPlanInput, LeadDays, ProductInput, Stockroom
from governance.planning.ways_delivery import Delivery, Parcels
from governance.planning.ways_entry import Charges, Entries, Entry, Link, Obstacle, entries

_ALTERNATIVES = 4
_SENTENCES = 8
_HALF_A_HUNDREDTH = 0.005


@dataclass(frozen=True, slots=True)
class Route:
    """An entry into a stockroom and a delivery that continues it."""

    entry: Entry
    delivery: Delivery

    @property
    def chain(self) -> tuple[Link, ...]:
        return (*self.entry.chain, *self.delivery.chain)

    @property
    def lead_days(self) -> LeadDays:
        """From the order to the door: stock has come in before the sale."""
        return self.delivery.lead_days

    @property
    def charges(self) -> Charges:
        """Of both; tax on entry is the buyer's only where goods stay: it is refunded on leaving."""
        whole = self.entry.charges + self.delivery.charges
        if self.delivery.clearing is None:
            return whole
        return Charges(whole.freight, whole.duty, self.delivery.charges.tax, whole.fees)

    @property
    def schemes(self) -> tuple[Clearing, ...]:
        return tuple(one for one in (self.entry.clearing, self.delivery.clearing) if one)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another route between the same stockroom and market, and why it was not taken."""

    route: Route
    why: str


@dataclass(frozen=True)
class Way:
    """The cheapest way over one stockroom to one market; `routes` are all, the cheapest first."""

    room: Stockroom
    market: str
    routes: tuple[Route, ...]

    @property
    def id(self) -> str:
        return f"{self.room.id} > {self.market}"

    @property
    def best(self) -> Route:
        return self.routes[0]

    @cached_property
    def unit_cost(self) -> float:
        """What a unit costs the seller on its way, in minor units: all charges but the tax."""
        return self.best.charges.borne_by_seller

    @property
    def clearings(self) -> list[tuple[Clearing, int]]:
        """Every scheme that was looked at, and the units in the consignment."""
        return [
            *((one, self.best.entry.units) for one in self.best.entry.found),
            *((one, 1) for one in self.best.delivery.found),
        ]

    @property
    def reason(self) -> str:
        """Why this one, in sentences."""
        known = len({_known_by(one) for one in self.routes})
        rank = f"The cheapest of {known} ways" if known > 1 else "The only way"
        name, entry = self.room.name, self.best.entry
        parts = [f"{rank} over {name} to {self.market}: {self.unit_cost:.2f} minor units a unit."]
        if entry.chain:
            low, _, high = entry.lead_days
            bond = "" if entry.cleared else ", and stays in bond until it leaves"
            parts.append(
                f"Stock is at {name} {low:g} to {high:g} days (P10 to P90) after it sets out{bond}."
            )
        for clearing, found in (
            (entry.clearing, entry.found),
            (self.best.delivery.clearing, self.best.delivery.found),
        ):
            if clearing is not None and clearing is found[0]:
                parts.append(why_cleared(found))
            elif clearing is not None:
                parts.append(f"Under {clearing.scheme.title} a unit costs the seller least.")
        return " ".join(parts)

    @property
    def alternatives(self) -> list[Alternative]:
        """The next cheapest routes that differ in a provider, a lane or a scheme."""
        distinct = {_known_by(one): one for one in reversed(self.routes)}
        others = [one for one in self.routes if distinct[_known_by(one)] is one]
        return [Alternative(one, _why_not(self.best, one)) for one in others[1 : _ALTERNATIVES + 1]]


@dataclass(frozen=True)
class Closed:
    """A market that no way leads to: why, and what would open one; sentences."""

    market: str
    why: tuple[str, ...]
    would_open: tuple[str, ...]


@dataclass(frozen=True)
class Ways:
    """All ways of a product by (node, market), what opening a node costs, and closed markets."""

    by_pair: dict[tuple[str, str], Way]
    opening_costs: dict[str, float]
    closed: tuple[Closed, ...]


def ways_of(plan: DropPlanInput, product: ProductInput, markets: Sequence[str], most: int) -> Ways:
    """The cheapest way over each stockroom to each market, as far as there is one.

    `most` is how many units a consignment in bulk holds at most. Over stockrooms and lanes that are
    refused nothing goes, nor in an import mode that the sale gate does not allow, nor slower than
    the limit of lead days.
    """
    rooms = [
        one
        for one in plan.stockrooms
        if one.capacity > 0 and one.id not in product.stockrooms_refused
    ]
    into = {room.id: entries(plan, product, room, most) for room in rooms}
    parcels = Parcels(plan, product)
    found: dict[tuple[str, str], Way] = {}
    closed = []
    for market in markets:
        barred: list[Obstacle] = []
        for room in rooms:
            deliveries, obstacles = parcels.deliveries(room, market)
            routes = _routes(into[room.id], deliveries)
            if routes:
                found[room.id, market] = Way(room, market, routes)
                continue
            barred += obstacles
            if deliveries:
                barred += into[room.id].obstacles
        if not any((room.id, market) in found for room in rooms):
            closed.append(_closed(plan, product, market, bool(rooms), barred))
    costs = {name: one.opening_cost for name, one in into.items()}
    return Ways(found, costs, tuple(closed))


def _routes(into: Entries, deliveries: Sequence[Delivery]) -> tuple[Route, ...]:
    """Every delivery with each entry that it continues, by the seller's cost, tax and days."""
    routes = [
        Route(entry, delivery)
        for delivery in deliveries
        for entry in into.ways
        if delivery.wants_cleared in (None, entry.cleared)
    ]
    if len(routes) == 1:
        return tuple(routes)
    return tuple(sorted(routes, key=_cost))  # of equals, the order of entries and deliveries


def _cost(route: Route) -> tuple[float, float, float]:
    charges = route.charges
    return charges.borne_by_seller, charges.tax, route.lead_days[2]


def _known_by(route: Route) -> tuple[object, ...]:
    return (*route.chain, *(one.scheme.id for one in route.schemes))


def _why_not(best: Route, other: Route) -> str:
    more = other.charges.borne_by_seller - best.charges.borne_by_seller
    slower = other.lead_days[2] - best.lead_days[2]
    cost = f"costs {more:.2f} minor units more a unit"
    if more < _HALF_A_HUNDREDTH:
        cost = "costs as much a unit"
    days = f"takes {abs(slower):g} days {'more' if slower > 0 else 'less'}"
    if not slower:
        days = "takes as long"
    titles = " and ".join(one.scheme.title for one in other.schemes)
    return f"{cost.capitalize()} and {days} (P90){f', cleared under {titles}' if titles else ''}."


def _closed(
    plan: DropPlanInput,
    product: ProductInput,
    market: str,
    rooms: bool,
    barred: Sequence[Obstacle],
) -> Closed:
    if not product.modes.get(market):
        why = f"The sale gate allows no import mode into {market}."
        return Closed(market, (why,), (f"Meet what the sale gate asks for in {market}.",))
    if not plan.stockrooms:
        why = "No provider that may serve anybody keeps stock."
        return Closed(market, (why,), ("Register and vet providers with stockrooms and lanes.",))
    if not rooms:
        why = "No stockroom that may be used may hold it."
        return Closed(market, (why,), ("Vet a provider whose stockrooms take such goods.",))
    if not barred:
        why = f"No provider that may be used delivers to {market}."
        return Closed(market, (why,), (f"Vet a fulfilment or last-mile lane to {market}.",))
    distinct = {one.subject or one.why: one for one in reversed(barred)}
    told = [one for one in dict.fromkeys(barred) if distinct[one.subject or one.why] is one]
    whys = dict.fromkeys(f"{one.why}." for one in told)
    mends = dict.fromkeys(f"{one.would_open}." for one in told if one.would_open)
    # what nothing mends, another lane may go round
    opens = tuple(mends) or (f"Vet another lane to {market}, or another stockroom.",)
    return Closed(market, tuple(whys)[:_SENTENCES], opens[:_SENTENCES])
