"""From past drops to a planned one: what its demand is drawn from, and what each part rests on."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from governance.planning.conversion import Conversion, PastRate, RateForecast, fit_conversion
from governance.planning.counts import Counts
from governance.planning.demand import STEPS
from governance.planning.history import PastDrop
from governance.planning.launch import Kinship, Launch, Market
from governance.planning.quantiles import Quantiles
from governance.planning.reach import FEWEST, Observation, fit_reach
from governance.planning.split import fit_concentration, shares_of

_OWN_WEIGHT = 2.0  # a creator's earlier reach counts half once two drops are known


@dataclass(frozen=True)
class PlannedDrop:
    """A drop that is to be foretold; `reach` is a judged range, where past drops are too few."""

    creator: str
    category: str
    audience: Mapping[str, int]
    reach: Quantiles | None = None


@dataclass(frozen=True)
class RestsOn:
    """What a forecast rests on: past drops for reach and split, and each country's three rates.

    `reach` is `judged` where a person gave the range. `rates` are `{country: {visits: …, orders:
    …, returns: …}}`.
    """

    reach: Literal["past drops", "judged"]
    drops: int
    sample_drops: int
    rates: Mapping[str, Mapping[str, RateForecast]]


def foretell(history: Sequence[PastDrop], planned: PlannedDrop, on: date) -> tuple[Launch, RestsOn]:
    """Learn from the drops launched before the day; later ones are not looked at.

    Feed the launch to `demand.simulate`. ValueError where past drops have no visits, orders or
    returns to learn from, for too few drops (`reach.FEWEST`) where no reach is given, and for an
    audience of nobody.
    """
    past = sorted(
        (one for one in history if one.launched_on < on),
        key=lambda one: (one.launched_on, one.drop),
    )
    learnt = {few: _rates(past, many, few, on) for many, few in pairwise(STEPS)}
    rates = {
        country: {
            step: one.forecast((country, planned.category, planned.creator))
            for step, one in learnt.items()
        }
        for country in planned.audience
    }
    markets = tuple(
        Market(country, audience, *(one.rate for one in rates[country].values()))
        for country, audience in planned.audience.items()
    )
    concentration = fit_concentration([pair for one in past if (pair := _shares(one))])
    kinship = Kinship(*(one.kinship for one in learnt.values()))
    reach = planned.reach or _reach(past, planned)
    basis = RestsOn(
        "judged" if planned.reach else "past drops",
        len(past), sum(one.sample for one in past), rates,
    )  # fmt: skip
    return Launch(markets, reach, concentration, kinship), basis


def _rates(past: Sequence[PastDrop], many: str, few: str, on: date) -> Conversion:
    rows = [
        PastRate(
            market.country, drop.category, drop.creator, drop.launched_on,
            Counts(getattr(market, few), getattr(market, many)),
        )
        for drop in past
        for market in drop.markets
    ]  # fmt: skip
    if not any(one.counts.trials for one in rows):
        raise ValueError(f"history: no earlier drop has {many}, so {few} cannot be foretold")
    return fit_conversion(rows, on)


def _shares(drop: PastDrop) -> tuple[dict[str, float], dict[str, int]] | None:
    """The shares of the audience and the reach by country, where both are known."""
    followed = [one for one in drop.markets if one.audience > 0]
    if not followed:
        return None
    shares = shares_of({one.country: one.audience for one in followed})
    return shares, {one.country: one.reached for one in followed}


def _reach(past: Sequence[PastDrop], planned: PlannedDrop) -> Quantiles:
    if len(past) < FEWEST:
        raise ValueError(
            f"reach: give a judged P10, P50 and P90, as {len(past)} past drops are fewer "
            f"than the {FEWEST} from which it can be foretold"
        )
    seen = [
        Observation(
            _features(
                [two for two in past if two.launched_on < one.launched_on],
                one.creator,
                one.audience,
            ),
            one.reached,
        )
        for one in past
    ]
    audience = sum(planned.audience.values())
    return fit_reach(seen).quantiles(_features(past, planned.creator, audience))


def _features(before: Sequence[PastDrop], creator: str, audience: int) -> tuple[float, float]:
    """ln of the audience, and how far the creator's earlier drops reached beyond everybody's."""
    ratios = [(one.creator, math.log1p(one.reached) - math.log1p(one.audience)) for one in before]
    own = [ratio for name, ratio in ratios if name == creator]
    if not own:
        return math.log1p(audience), 0.0
    usual = math.fsum(ratio for _, ratio in ratios) / len(ratios)
    beyond = math.fsum(own) / len(own) - usual
    return math.log1p(audience), beyond * len(own) / (len(own) + _OWN_WEIGHT)
