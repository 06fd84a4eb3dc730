"""How many units to stock when demand is uncertain, some units come back and some are left over.

With return rate r, price p, unit cost c, salvage v, resale value of a returned unit v_r, cost of a
return k and shipping s, a unit that is sold earns Cu = (1−r)·p + r·(v_r − k) − c − s, a unit that
is left over loses Co = c − v, and the best quantity is Q* = F⁻¹(Cu/(Cu+Co)), F the distribution of
demand: L. V. Snyder and Z.-J. M. Shen, "Fundamentals of Supply Chain Theory", 2nd ed. (2019),
section 4.3. The share that comes back is taken for certain, so that profits vary with demand alone.
Inside, money is a float of minor units; what is handed out is whole.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from governance.errors import FieldError, InvalidRequest
from governance.planning.beta import DECILES

_STANDARD = NormalDist()


@dataclass(frozen=True, slots=True)
class UnitTerms:
    """What one unit earns and costs, in minor units of one currency; whole but for the shipping.

    `return_rate` is the share of units sold that come back (0 to 1); `resale` is what such a unit
    is still worth and `return_cost` what taking it back costs. `salvage` is the worth of a unit
    that is never sold; it may be negative, where getting rid of it costs. InvalidRequest, naming
    the field, for a share outside 0..1, a negative cost or price, or a salvage not below the cost:
    then a unit left over loses nothing, and no quantity would be too large.
    """

    price: int
    cost: int
    salvage: int
    return_rate: float = 0.0
    resale: int = 0
    return_cost: int = 0
    shipping: float = 0  # an average over lanes, so not always whole

    def __post_init__(self) -> None:
        for name in ("price", "cost", "return_cost", "shipping"):
            if not (math.isfinite(value := getattr(self, name)) and value >= 0):
                raise _refused(name, f"is {value}", "Give 0 or more minor units")
        if not 0 <= self.return_rate <= 1:
            raise _refused("return_rate", f"is {self.return_rate}", "Give a share from 0 to 1")
        if self.salvage >= self.cost:
            raise _refused(
                "salvage",
                f"is {self.salvage} and not below the cost of {self.cost}",
                "Give what a unit that is never sold is worth, less than it cost",
            )

    @property
    def margin(self) -> float:
        """Cu: what a unit that is sold earns, returns included; minor units."""
        kept, returned = 1 - self.return_rate, self.return_rate
        earned = kept * self.price + returned * (self.resale - self.return_cost)
        return earned - self.cost - self.shipping

    @property
    def leftover_loss(self) -> float:
        """Co: what a unit that is left over loses; minor units, above 0."""
        return self.cost - self.salvage

    @property
    def critical_ratio(self) -> float:
        """The probability with which demand should be met in full; 0 where a sale earns nothing."""
        return max(0.0, self.margin) / (max(0.0, self.margin) + self.leftover_loss)


@dataclass(frozen=True, slots=True)
class Stock:
    """How many units to stock and what follows; money in integer minor units.

    `expected_cost` is what not knowing demand costs: the profit of stocking exactly what will be
    asked for, less the expected profit. `sells_out` is the probability that demand reaches the
    quantity. `reason` says why nothing is stocked, where that is so.
    """

    quantity: int
    critical_ratio: float
    expected_profit: int
    expected_cost: int
    profit_p10: int
    profit_p50: int
    profit_p90: int
    sells_out: float
    reason: str | None = None


def best_normal_quantity(terms: UnitTerms, mean: float, deviation: float) -> float:
    """Q* for normally distributed demand, in units, not rounded; 0 where it would be negative.

    ValueError unless the mean is 0 or more and the standard deviation exceeds 0, both in units.
    """
    demand = _normal(mean, deviation)
    ratio = terms.critical_ratio
    return max(0.0, demand.inv_cdf(ratio)) if ratio > 0 else 0.0


def expected_normal_profit(
    terms: UnitTerms, quantity: float, mean: float, deviation: float
) -> float:
    """Expected profit, in minor units, of stocking a quantity for normally distributed demand.

    Cu·Q − (Cu+Co)·E[(Q−D)⁺], with E[(Q−D)⁺] = σ·(z·Φ(z) + φ(z)) and z = (Q−μ)/σ: equation (4.24)
    of the book above. ValueError as in `best_normal_quantity`.
    """
    _normal(mean, deviation)
    z = (quantity - mean) / deviation
    leftover = deviation * (z * _STANDARD.cdf(z) + _STANDARD.pdf(z))
    return terms.margin * quantity - (terms.margin + terms.leftover_loss) * leftover


def stock_for_normal(terms: UnitTerms, mean: float, deviation: float) -> Stock:
    """The best whole quantity for normally distributed demand, with its profit.

    ValueError as in `best_normal_quantity`.
    """
    demand = _normal(mean, deviation)
    if terms.margin <= 0:
        return _nothing(terms)
    exact = best_normal_quantity(terms, mean, deviation)
    # expected profit is concave, so that the best whole quantity is one of the two beside Q*
    quantity = max(
        (math.floor(exact), math.ceil(exact)),
        key=lambda units: expected_normal_profit(terms, units, mean, deviation),
    )
    # profit grows with demand, so that its quantiles are the profits of demand's quantiles
    low, mid, high = (profit(terms, quantity, demand.inv_cdf(level)) for level in DECILES)
    expected = expected_normal_profit(terms, quantity, mean, deviation)
    return Stock(
        quantity=quantity,
        critical_ratio=terms.critical_ratio,
        expected_profit=round(expected),
        expected_cost=round(terms.margin * mean - expected),
        profit_p10=round(low),
        profit_p50=round(mid),
        profit_p90=round(high),
        sells_out=1 - demand.cdf(quantity),
    )


def stock_for_futures(
    terms: UnitTerms, futures: Any, in_stock: float | None = None, most: int | None = None
) -> Stock:
    """The best quantity for simulated demand, with its profit over the same futures.

    `futures` is a numpy array of whole numbers, the units asked for in each equally likely future.
    The quantity is the least that meets demand with the critical ratio's probability, or with that
    of `in_stock` if it is greater; but not over `most` units. Goods that earn nothing are not
    stocked. ValueError for an array that is empty, has several dimensions, is not of integers or
    holds a negative, an `in_stock` that is not between 0 and 1, and a `most` below 0.
    """
    import numpy as np

    demand = np.asarray(futures)
    if demand.ndim != 1 or not demand.size or demand.dtype.kind not in "iu" or demand.min() < 0:
        raise ValueError("Futures are one row of whole numbers from 0, one or more")
    if in_stock is not None and not 0 < in_stock < 1:
        raise ValueError(f"in_stock is a probability between 0 and 1, not {in_stock}")
    if most is not None and most < 0:
        raise ValueError(f"most is a number of units from 0, not {most}")
    if terms.margin <= 0:
        return _nothing(terms)
    level = max(terms.critical_ratio, in_stock or 0.0)
    quantity = int(np.quantile(demand, level, method="inverted_cdf"))
    if most is not None:
        quantity = min(quantity, most)
    profits = profit(terms, quantity, demand)
    low, mid, high = np.quantile(profits, DECILES, method="inverted_cdf")
    return Stock(
        quantity=quantity,
        critical_ratio=terms.critical_ratio,
        expected_profit=round(float(profits.mean())),
        expected_cost=round(float(terms.margin * demand.mean() - profits.mean())),
        profit_p10=round(float(low)),
        profit_p50=round(float(mid)),
        profit_p90=round(float(high)),
        sells_out=float((demand >= quantity).mean()),
    )


def profit(terms: UnitTerms, quantity: float, demand: Any) -> Any:
    """What a quantity earns, in minor units, when so many units are asked for.

    `demand` is a number or a numpy array of them; the answer has its shape.
    """
    import numpy as np

    sold = np.minimum(quantity, demand)
    return terms.margin * sold - terms.leftover_loss * (quantity - sold)


def _nothing(terms: UnitTerms) -> Stock:
    reason = f"A unit that is sold earns {terms.margin:.2f} minor units, so none is worth stocking"
    return Stock(0, 0.0, 0, 0, 0, 0, 0, 1.0, reason)


def _normal(mean: float, deviation: float) -> NormalDist:
    if not (math.isfinite(mean) and mean >= 0 and math.isfinite(deviation) and deviation > 0):
        raise ValueError(
            f"Demand has a mean from 0 and a deviation above 0, not {mean} and {deviation}"
        )
    return NormalDist(mean, deviation)


def _refused(name: str, found: str, hint: str) -> InvalidRequest:
    error = FieldError(f"/{name}", f"{name} {found}", hint)
    return InvalidRequest(f"{error.message}. {hint}.", errors=[error])
