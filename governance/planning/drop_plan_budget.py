"""How a budget is shared out among products: each further unit where its money earns most."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from governance.planning.newsvendor import UnitTerms

_HALVINGS = 60


@dataclass(frozen=True)
class Wish:
    """A product's terms with its mean freight, the units asked for in each future, and its wish.

    `wanted` is how many units it would have if money were no object; `least` how many it has to
    have so as to be in stock as often as is asked for.
    """

    terms: UnitTerms
    asked: Any
    wanted: int
    least: int


def shared_out(wishes: Sequence[Wish], budget: int) -> list[int]:
    """Units of each product that the budget pays for, so that expected profit is greatest.

    A unit of money has the same worth λ in every product: with Cu and Co of the newsvendor and unit
    cost c, each gets F⁻¹((Cu − λ·c)/(Cu + Co)), λ the least that the budget pays for (a Lagrange
    multiplier: G. Hadley and T. M. Whitin, "Analysis of Inventory Systems", 1963, chapter 6). What
    has to be in stock comes first, unless the budget does not even pay for that.
    """
    costs = [one.terms.cost for one in wishes]
    if _cost([one.wanted for one in wishes], costs) <= budget:
        return [one.wanted for one in wishes]
    floors = [one.least for one in wishes]
    if _cost(floors, costs) > budget:
        floors = [0] * len(wishes)

    def units(worth: float) -> list[int]:
        found = []
        for one, floor in zip(wishes, floors, strict=True):
            gain = one.terms.margin - worth * one.terms.cost
            ratio = gain / (one.terms.margin + one.terms.leftover_loss)
            best = _quantile(one.asked, ratio) if ratio > 0 else 0
            found.append(max(floor, min(one.wanted, best)))
        return found

    # a unit that earns less than nothing is wanted by nobody, so λ is below the best margin
    low, high = 0.0, max(one.terms.margin / one.terms.cost for one in wishes) + 1
    for _ in range(_HALVINGS):
        worth = (low + high) / 2
        low, high = (low, worth) if _cost(units(worth), costs) <= budget else (worth, high)
    found = units(high)
    # futures are finitely many: between two of them, money is left over
    for at in sorted(range(len(wishes)), key=lambda one: -wishes[one].terms.margin / costs[one]):
        spare = (budget - _cost(found, costs)) // costs[at]
        found[at] = min(wishes[at].wanted, found[at] + spare, max(found[at], units(low)[at]))
    return found


def _quantile(asked: Any, level: float) -> int:
    return int(np.quantile(asked, level, method="inverted_cdf"))


def _cost(units: Sequence[int], costs: Sequence[int]) -> int:
    return sum(some * cost for some, cost in zip(units, costs, strict=True))
