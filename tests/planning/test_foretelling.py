"""A planned drop is foretold from earlier drops alone, and says what it rests on."""

from dataclasses import replace
from datetime import date

import pytest

from governance.planning.demand import STEPS, simulate
from governance.planning.foretelling import PlannedDrop, RestsOn, foretell
from governance.planning.history import PastDrop, PastMarket
from governance.planning.launch import Launch
from governance.planning.quantiles import Quantiles
from governance.planning.sample_history import sample_history

TODAY = date(2026, 11, 1)
HISTORY = sample_history(1, TODAY, creators=4, drops_each=3)
PLANNED = PlannedDrop("sample-creator-01", "perfume", {"US": 400_000, "DE": 90_000, "IN": 50_000})


def test_a_made_up_drop_does_about_what_is_foretold() -> None:
    """How often drops fall in their ranges takes many of them: `benchmarks/planning_demand.py`."""
    drop = HISTORY[-1]
    audience = {one.country: one.audience for one in drop.markets}
    planned = PlannedDrop(drop.creator, drop.category, audience)
    launch, _ = foretell(HISTORY, planned, drop.launched_on)
    ranges = simulate(launch, 1, 1000).ranges()
    for step in STEPS:
        low, _, high = ranges[step]["total"]
        assert low / 3 < sum(getattr(one, step) for one in drop.markets) < high * 3


@pytest.fixture(scope="module")
def foretold() -> tuple[Launch, RestsOn]:
    return foretell(HISTORY, PLANNED, TODAY)


def test_later_drops_are_not_looked_at(foretold: tuple[Launch, RestsOn]) -> None:
    today = replace(HISTORY[-1], drop="of today", launched_on=TODAY)
    assert foretell([*HISTORY, today], PLANNED, TODAY) == foretold


def test_the_order_of_the_drops_changes_nothing(foretold: tuple[Launch, RestsOn]) -> None:
    assert foretell(HISTORY[::-1], PLANNED, TODAY) == foretold


def test_a_forecast_says_what_it_rests_on(foretold: tuple[Launch, RestsOn]) -> None:
    launch, basis = foretold
    assert (basis.reach, basis.drops, basis.sample_drops) == ("past drops", 12, 12)
    assert set(basis.rates) == set(PLANNED.audience)
    assert set(basis.rates["US"]) == {"visits", "orders", "returns"}
    known, unseen = basis.rates["US"]["orders"], basis.rates["IN"]["orders"]
    assert known.own_trials > 0 == unseen.own_trials
    assert unseen.level == "platform"
    assert unseen.rate.concentration < known.rate.concentration
    assert [one.country for one in launch.markets] == list(PLANNED.audience)


def test_too_few_drops_ask_for_a_judged_reach_and_take_it() -> None:
    few = HISTORY[:3]
    with pytest.raises(ValueError, match="reach: give a judged P10"):
        foretell(few, PLANNED, TODAY)
    judged = Quantiles((0.1, 0.5, 0.9), (10_000, 50_000, 200_000))
    launch, basis = foretell(few, replace(PLANNED, reach=judged), TODAY)
    assert launch.reach is judged
    assert basis.reach == "judged"


def test_without_a_past_there_is_no_forecast() -> None:
    with pytest.raises(ValueError, match="history: no earlier drop has reached"):
        foretell([], PLANNED, TODAY)


def test_the_sample_is_marked_seeded_and_in_order() -> None:
    assert all(one.sample for one in HISTORY)
    assert sample_history(1, TODAY, 4, 3) == HISTORY != sample_history(2, TODAY, 4, 3)
    days = [one.launched_on for one in HISTORY]
    assert days == sorted(days)
    assert days[-1] < TODAY
    assert len({one.creator for one in HISTORY}) == 4


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ((-1, 0, 0, 0, 0), "audience in DE is a whole"),
        ((10, 5.0, 0, 0, 0), "reached in DE is a whole"),
        ((10, 5, 6, 0, 0), "visits in DE cannot exceed reached"),
        ((10, 5, 4, 5, 0), "orders in DE cannot exceed visits"),
        ((10, 5, 4, 1, 2), "returns in DE cannot exceed orders"),
    ],
)
def test_a_past_that_cannot_be_is_named(figures: tuple[int, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        PastMarket("DE", *figures)


def test_a_past_drop_has_each_market_once() -> None:
    one = PastMarket("DE", 10, 5, 4, 1, 0)
    for markets in ((), (one, one)):
        with pytest.raises(ValueError, match="markets of x"):
            PastDrop("x", "ann", "toys", TODAY, markets)
