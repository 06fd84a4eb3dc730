"""Past drops: what each reached, sold and took back by country. All that forecasts learn from."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class PastMarket:
    """What a drop did in one country; every figure counts people or orders, and none is faded.

    `audience` are those who followed the creator there at the launch, `reached` those who saw the
    drop, `visits` those who came to the offer, `orders` theirs, `returns` the orders sent back.
    More may be reached than follow. ValueError, which names the field, unless all are whole numbers
    from 0, and visits ≤ reached, orders ≤ visits, returns ≤ orders.
    """

    country: str
    audience: int
    reached: int
    visits: int
    orders: int
    returns: int

    def __post_init__(self) -> None:
        for name in ("audience", "reached", "visits", "orders", "returns"):
            whole_number(f"{name} in {self.country}", getattr(self, name))
        steps = ("reached", "visits", "orders", "returns")
        for more, fewer in pairwise(steps):
            if getattr(self, fewer) > getattr(self, more):
                raise ValueError(
                    f"{fewer} in {self.country} cannot exceed {more}: "
                    f"{getattr(self, fewer)} of {getattr(self, more)}"
                )


@dataclass(frozen=True, slots=True)
class PastDrop:
    """A drop that is over, with its markets; `sample` marks one that was made up.

    ValueError for no market and for a country that is there twice.
    """

    drop: str
    creator: str
    category: str
    launched_on: date
    markets: tuple[PastMarket, ...]
    sample: bool = False

    def __post_init__(self) -> None:
        countries = [one.country for one in self.markets]
        if not countries or len(set(countries)) < len(countries):
            raise ValueError(f"markets of {self.drop}: one for each country, and at least one")

    @property
    def audience(self) -> int:
        return sum(one.audience for one in self.markets)

    @property
    def reached(self) -> int:
        return sum(one.reached for one in self.markets)


def whole_number(field: str, value: object) -> None:
    """ValueError that names the field unless the value is a whole number from 0."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{field} is a whole number from 0, not {value!r}")
