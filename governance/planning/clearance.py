"""What clearing one consignment costs under each scheme of its market, and which is cheapest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from governance.markets.law import Certainty
from governance.markets.money import Rates
from governance.markets.schemes import Scheme


@dataclass(frozen=True)
class Consignment:
    """Goods of one kind that cross the border of `market` together on `day`.

    `goods_value` and `freight` are minor units of `currency` for the whole consignment of `units`
    items; `categories` is the product's category with everything above it; `duty_percent` is the
    ad valorem rate that the seller or its broker declares, None where it did not; `held` are the
    evidence types that are held; `origin` is where the goods were made, `ships_from` where they
    set out (None: not known).
    """

    market: str
    day: date
    import_mode: str
    categories: tuple[str, ...]
    goods_value: int
    currency: str
    units: int
    freight: float
    origin: str
    duty_percent: float | None
    held: frozenset[str]
    rates: Rates
    ships_from: str | None = None


@dataclass(frozen=True)
class Clearing:
    """A consignment under one scheme; amounts are minor units of its currency, as a whole.

    `landed_cost` is goods, freight, duty, tax and fees; all amounts are 0 where they cannot be
    worked out, which `why_not` then says. `missing_evidence` names evidence types,
    `missing_facts` fields of the consignment.
    """

    scheme: Scheme
    available: bool
    why_not: tuple[str, ...]
    missing_evidence: tuple[str, ...]
    missing_facts: tuple[str, ...]
    duty: float
    tax: float
    fees: float
    landed_cost: float
    lead_days: tuple[float, float, float]
    currency: str

    @property
    def certainty(self) -> Certainty:
        """How sure the law behind it is; `low` is to be shown to whoever relies on it."""
        return self.scheme.certainty


def clearings(schemes: Sequence[Scheme], consignment: Consignment) -> list[Clearing]:
    """Every scheme for the consignment's import mode: available first, by landed cost, then P90."""
    raise NotImplementedError


def chosen(found: Sequence[Clearing], lead_limit: float | None = None) -> Clearing | None:
    """The cheapest available clearing whose P90 lead is within `lead_limit` days, if any is."""
    raise NotImplementedError


def why(found: Sequence[Clearing]) -> str:
    """In one sentence why the first of `found` is taken, or why none can be."""
    raise NotImplementedError
