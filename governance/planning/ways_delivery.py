"""How a unit gets from a stockroom to a buyer: inside a customs territory, or as a parcel."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from governance.planning.clearance import Clearing, Consignment, clearings
from governance.planning.drop_plan_input import (
    DropPlanInput,
    LeadDays,
    Leg,
    ProductInput,
    Stockroom,
)
from governance.planning.ways_entry import (
    COMMERCIAL,
    Charges,
    Link,
    Obstacle,
    add_days,
    obstacles_of,
    one_territory,
)

_PARCEL_SERVICES = ("fulfilment", "last_mile")
_FROM_BOND = "cbec"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One way of a unit from a stockroom to a buyer in a market.

    `import_mode` is how the goods have come in for this buyer. `wants_cleared` says which entry it
    continues: one that has cleared the goods into the stockroom's country, one that has not, or
    None for either. `found` is every scheme that was looked at for the parcel.
    """

    import_mode: str
    wants_cleared: bool | None
    charges: Charges
    clearing: Clearing | None
    found: Sequence[Clearing]
    lead_days: LeadDays
    chain: tuple[Link, ...]


@dataclass(frozen=True)
class Parcels:
    """Deliveries of one product, each parcel's clearance worked out once."""

    plan: DropPlanInput
    product: ProductInput
    _legs: dict[tuple[str, str], list[Leg]] = field(default_factory=dict)
    _found: dict[tuple[str, str, str, float], list[Clearing]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for leg in self.plan.legs:
            if leg.service in _PARCEL_SERVICES:
                start = leg.from_stockroom or leg.from_country
                self._legs.setdefault((start, leg.market), []).append(leg)

    def deliveries(
        self, room: Stockroom, market: str
    ) -> tuple[tuple[Delivery, ...], tuple[Obstacle, ...]]:
        """All ways from the stockroom to the market, the cheapest first, and what bars others.

        Those over the limit of lead days are among what is barred.
        """
        legs = [*self._legs.get((room.id, market), ()), *self._legs.get((room.country, market), ())]
        if not legs:
            return (), ()
        found: list[Delivery] = []
        obstacles: list[Obstacle] = []
        for leg in legs:
            where = f"{leg.provider}/{leg.lane}"
            price = next((p for grams, p in leg.costs if grams >= self.product.weight_grams), None)
            if (leg.provider, leg.lane) in self.product.legs_refused:
                obstacles.append(Obstacle(f"{where} may not carry it", "Vet another lane"))
            elif price is None:
                obstacles.append(
                    Obstacle(
                        f"{where} takes no parcel of {self.product.weight_grams} g",
                        f"Vet a lane to {market} that takes parcels as heavy",
                    )
                )
            elif one_territory(self.plan, room.country, market):
                found += self._domestic(room, leg, price, obstacles)
            else:
                found += self._abroad(room, leg, price, obstacles)
        limit = self.plan.lead_days_limit
        if limit is not None:
            late = [one.lead_days[2] for one in found if one.lead_days[2] > limit]
            found = [one for one in found if one.lead_days[2] <= limit]
            if late:
                obstacles.append(
                    Obstacle(
                        f"From {room.id} nine in ten parcels arrive within {min(late):g} days, "
                        f"and {limit:g} are the limit",
                        f"Allow {min(late):g} days to the door",
                    )
                )
        return tuple(sorted(found, key=_cheapest)), tuple(dict.fromkeys(obstacles))

    def _domestic(
        self, room: Stockroom, leg: Leg, price: float, obstacles: list[Obstacle]
    ) -> list[Delivery]:
        found = []
        modes = self.product.modes.get(leg.market, frozenset())
        if COMMERCIAL in modes:
            link = Link(leg.service, leg.provider, leg.lane)
            found.append(
                Delivery(COMMERCIAL, True, Charges(freight=price), None, (), leg.lead_days, (link,))
            )
        else:
            obstacles.append(_refused(COMMERCIAL, leg.market))
        from_abroad = room.country != self.product.ships_from
        if room.bonded and from_abroad and room.country == leg.market and _FROM_BOND in modes:
            found += self._cleared(room, leg, price, _FROM_BOND, obstacles)
        return found

    def _abroad(
        self, room: Stockroom, leg: Leg, price: float, obstacles: list[Obstacle]
    ) -> list[Delivery]:
        modes = sorted(self.product.modes.get(leg.market, frozenset()) - {COMMERCIAL})
        if not modes:
            obstacles.append(_refused("parcel to the buyer", leg.market))
        return [
            delivery
            for mode in modes
            for delivery in self._cleared(room, leg, price, mode, obstacles)
        ]

    def _cleared(
        self, room: Stockroom, leg: Leg, price: float, mode: str, obstacles: list[Obstacle]
    ) -> list[Delivery]:
        found = self._clearings(leg.market, mode, room.country, price)
        obstacles += obstacles_of(found, leg.market, mode)
        link = Link(leg.service, leg.provider, leg.lane)
        return [
            Delivery(
                mode, False if room.country == leg.market else None,
                Charges(price, one.duty, one.tax, one.fees), one, found,
                add_days(leg.lead_days, one.lead_days), (link,),
            )
            for one in found
            if one.available
        ]  # fmt: skip

    def _clearings(self, market: str, mode: str, start: str, freight: float) -> list[Clearing]:
        key = (market, mode, start, freight)
        if key not in self._found:
            product, plan = self.product, self.plan
            consignment = Consignment(
                market=market, day=plan.day, import_mode=mode, categories=product.categories,
                goods_value=product.price, currency=plan.currency, units=1, freight=freight,
                origin=product.origin, duty_percent=product.duty_percent.get(market),
                held=product.held, rates=plan.rates, ships_from=start,
            )  # fmt: skip
            self._found[key] = clearings(plan.schemes.get(market, ()), consignment)
        return self._found[key]


def _refused(mode: str, market: str) -> Obstacle:
    return Obstacle(
        f"The sale gate does not allow it into {market} that way ({mode})",
        f"Meet what the sale gate asks for in {market} ({mode})",
    )


def _cheapest(one: Delivery) -> tuple[float, float, str, str]:
    link = one.chain[0]
    return one.charges.borne_by_seller, one.lead_days[2], link.provider, link.lane or ""
