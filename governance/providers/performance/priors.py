"""What is expected of a provider before its own counts: learnt from all of them, once a day."""

from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Lock

from sqlalchemy import Engine
from sqlmodel import Session

from governance.db import transaction
from governance.planning.beta import BetaPrior
from governance.planning.counts import Counts, total
from governance.planning.levels import Levels, fit_levels
from governance.planning.rates import IGNORANCE
from governance.providers.events.observation import microseconds
from governance.providers.performance.counts import Cell, faded_counts
from governance.providers.performance.rates import RATES

_DAYS_KEPT = 8


@dataclass(frozen=True)
class RatePriors:
    """What a rate was like: of providers as wholes, and by service, market and provider."""

    wholes: Levels
    served: Levels

    def of(self, cell: Cell) -> BetaPrior:
        """What is expected of a provider, or of its service in a market.

        A lane has too few siblings to learn from: it leans on the market's providers, as they do.
        """
        if cell.service is None or cell.market is None:
            return self.wholes.prior((cell.provider_id,))
        return self.served.prior((cell.service, cell.market, cell.provider_id))


@dataclass(frozen=True)
class Priors:
    """What all providers taught, by the name of the rate, up to the midnight before a day."""

    by_rate: Mapping[str, RatePriors]

    def of(self, rate: str, cell: Cell) -> BetaPrior:
        """What is expected of a cell; of a rate that nobody was seen at, as good as nothing."""
        learnt = self.by_rate.get(rate)
        return IGNORANCE if learnt is None else learnt.of(cell)


def learn(session: Session, as_of: datetime) -> Priors:
    """The priors of the day of an instant: from what happened up to the midnight (UTC) before it.

    Of several providers with one service in a market each leans on the others there, they on the
    service, and services on one another: by empirical Bayes, counts faded with age.
    """
    midnight = microseconds(_day(as_of))
    by_rate = {}
    for rate in RATES:
        cells = faded_counts(session, rate, midnight)
        if cells:
            by_rate[rate.name] = _fitted(cells)
    return Priors(by_rate)


class DailyPriors:
    """The priors of the last few days that were asked for, of one database; threads share it.

    What arrives later about earlier days counts for a provider's own figures at once, and for
    priors from the next day on. Where nothing had happened at all, nothing is kept.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        self._days: OrderedDict[datetime, Future[Priors]] = OrderedDict()

    def at(self, as_of: datetime) -> Priors:
        """The priors of the day of an instant; who asks while they are learnt waits for them.

        Raises StorageUnavailable.
        """
        day = _day(as_of)
        with self._lock:
            found = self._days.get(day)
            if found is not None:
                self._days.move_to_end(day)
            else:
                learning = self._days[day] = Future()
                self._forget()
        return found.result() if found is not None else self._learn(day, learning)

    def _learn(self, day: datetime, learning: "Future[Priors]") -> Priors:
        try:
            with transaction(self._engine) as session:
                priors = learn(session, day)
        except BaseException as failure:
            with self._lock:
                del self._days[day]
            learning.set_exception(failure)
            raise
        if not priors.by_rate:
            with self._lock:
                del self._days[day]
        learning.set_result(priors)
        return priors

    def _forget(self) -> None:
        """Drop the days that were asked for the longest ago, but none that is being learnt."""
        over = len(self._days) - _DAYS_KEPT
        for day in [day for day, one in self._days.items() if one.done()][: max(0, over)]:
            del self._days[day]


def _fitted(cells: Mapping[Cell, Counts]) -> RatePriors:
    wholes: dict[str, list[Counts]] = {}
    served: dict[tuple[str, ...], Counts] = {}
    for cell, counts in cells.items():
        assert cell.service is not None
        assert cell.market is not None
        wholes.setdefault(cell.provider_id, []).append(counts)
        served[cell.service, cell.market, cell.provider_id] = counts
    return RatePriors(
        _without_leaves(fit_levels({(one,): total(each) for one, each in wholes.items()})),
        _without_leaves(fit_levels(served)),
    )


def _without_leaves(levels: Levels) -> Levels:
    """Only what is expected: what was counted is read anew whenever it is asked for."""
    return replace(levels, leaves={})


def _day(as_of: datetime) -> datetime:
    return as_of.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
