"""What a planned drop's futures are drawn from: who follows where, reach, and rates by country."""

from collections.abc import Mapping
from dataclasses import dataclass

from governance.planning.beta import Beta
from governance.planning.history import whole_number
from governance.planning.quantiles import Quantiles
from governance.planning.split import Split, shares_of


@dataclass(frozen=True)
class Market:
    """One country of a planned drop: who follows the creator there, and what is known of rates.

    `visited` is the rate of visits among the reached, `ordered` of orders among visits, `returned`
    of returns among orders. ValueError unless the audience is a whole number from 0; whether so
    many people live there is the caller's to know.
    """

    country: str
    audience: int
    visited: Beta
    ordered: Beta
    returned: Beta

    def __post_init__(self) -> None:
        whole_number(f"audience in {self.country}", self.audience)


@dataclass(frozen=True)
class Kinship:
    """How far countries err together in each rate, a correlation; ValueError unless from 0 to 1."""

    visited: float
    ordered: float
    returned: float

    def __post_init__(self) -> None:
        for name in ("visited", "ordered", "returned"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"kinship of {name} is from 0 to 1, not {getattr(self, name)}")


@dataclass(frozen=True)
class Launch:
    """All that futures are drawn from: `reach` of the whole drop falls on markets by audience.

    Or by `views`, where it is known how often posts are seen in each country: they say better than
    followers who will see the next one. `concentration` says how near a drop's shares are to these
    (`split`). ValueError for no market, a country twice, an audience or views of nobody, or a
    concentration that is not above 0.
    """

    markets: tuple[Market, ...]
    reach: Quantiles
    concentration: float
    kinship: Kinship
    views: Mapping[str, int] | None = None

    def __post_init__(self) -> None:
        countries = [one.country for one in self.markets]
        if not countries or len(set(countries)) < len(countries):
            raise ValueError("markets: one for each country, and at least one")
        self.split()

    def split(self) -> Split:
        """How the reach falls on countries. ValueError where nobody follows."""
        audience = {one.country: one.audience for one in self.markets}
        if not any(audience.values()):
            raise ValueError("audience exceeds 0 in one country at least: say who follows where")
        if self.views is not None:
            audience = {country: self.views[country] for country in audience}
        return Split(shares_of(audience), self.concentration)
