"""The smallest set of changes after which a plan passes the drop gate, found and then tried."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import get_args

from governance.gates.drop_changed import changed
from governance.gates.drop_facts import DropRequest
from governance.gates.drop_judgement import Judgement
from governance.gates.drop_mends import Change, Kind, mends

_KINDS = get_args(Kind)
# Where reasons hang together so much that looking at this many of them finds no smallest set, a
# small one does. A count and not a time: the same request has the same answer for ever.
_MOST_LOOKED_AT = 20_000
_MOST_KEPT = 10

Options = Sequence[tuple[Change, ...]]


def smallest_changes(
    asked: DropRequest, judged: Judgement, judge: Callable[[DropRequest], Judgement]
) -> list[Change]:
    """The changes; empty where the plan passes already, or where some reason has no mend.

    `judge` judges the changed request by the same rules and policy, and only what it allows is
    given. What a change brings up (a plan made again has lost its approvals) is mended, too.
    """
    chosen: list[Change] = []
    rounds, now = 0, asked
    while judged.verdict != "allowed":
        found = _cover_that_sells(now, judged)
        more = [change for change in found or () if change not in chosen]
        if not more:
            return []
        chosen += more
        rounds, now = rounds + 1, changed(asked, chosen)
        judged = judge(now)
    if rounds > 1:
        chosen = _needed(asked, chosen, judge)
    return sorted(chosen, key=_order)


def _cover_that_sells(asked: DropRequest, judged: Judgement) -> list[Change] | None:
    """The smallest cover of all that stands, after which something is left to be sold.

    A plan without a market never passes: where the smallest leaves all of them out, the best is
    taken that keeps one of those that have least against them.
    """
    options = list(mends(asked, judged))
    found = smallest_cover(options)
    left_out = [change for change in found or () if change.change == "leave_out"]
    if found is None or any(
        one.units and not any(change.means(one) for change in left_out) for one in asked.markets
    ):
        return found
    reasons = [len(one.reasons) for one in judged.markets]
    least = sorted(range(len(reasons)), key=lambda number: (reasons[number], number))
    covers = []
    for number in [number for number in least if asked.markets[number].units][:_MOST_KEPT]:
        entry = asked.markets[number]
        kept = [
            tuple(one for one in option if one.change != "leave_out" or not one.means(entry))
            for option in options
        ]
        covers.append(smallest_cover(kept))
    return min((cover for cover in covers if cover is not None), key=len, default=None)


def smallest_cover(options: Options) -> list[Change] | None:
    """The smallest set that has a change out of every option; None where an option is empty.

    Of several as small, the one with the changes that stand earlier in their options.
    """
    if not all(options):
        return None
    return [change for part in _apart(options) for change in _cover(part)]


def _order(change: Change) -> tuple[int, str, str, str]:
    kind = _KINDS.index(change.change)
    return kind, change.market or "", change.product or "", change.what


def _needed(
    asked: DropRequest, chosen: list[Change], judge: Callable[[DropRequest], Judgement]
) -> list[Change]:
    """Without those that a later round made needless."""
    for change in list(chosen):
        fewer = [one for one in chosen if one != change]
        if judge(changed(asked, fewer)).verdict == "allowed":
            chosen = fewer
    return chosen


def _apart(options: Options) -> Iterator[list[tuple[Change, ...]]]:
    """The options in groups that have no change in common: each is covered by itself."""
    having: dict[Change, list[tuple[Change, ...]]] = {}
    left = dict.fromkeys(options)
    for option in left:
        for change in option:
            having.setdefault(change, []).append(option)
    while left:
        together = [left.popitem()[0]]
        for option in together:  # grows while it is walked through
            for change in option:
                near = [other for other in having.pop(change, ()) if other in left]
                together += near
                for other in near:
                    del left[other]
        yield together


def _cover(options: Options) -> Iterable[Change]:
    """The smallest cover of one group: tried with no choice, with one, with two, and so on."""
    forced = tuple(dict.fromkeys(option[0] for option in options if len(option) == 1))
    looked_at = 0

    def within(most: int, taken: tuple[Change, ...], open_: Options) -> tuple[Change, ...] | None:
        nonlocal looked_at
        looked_at += len(open_)
        left = [option for option in open_ if not taken or taken[-1] not in option]
        if not left:
            return taken
        if most == 0 or looked_at > _MOST_LOOKED_AT:
            return None
        for change in min(left, key=len):
            found = within(most - 1, (*taken, change), left)
            if found is not None:
                return found
        return None

    left = [option for option in options if not set(option).intersection(forced)]
    for size in range(len(left) + 1):
        found = within(size, (), left)
        if found is not None:
            return (*forced, *found)
        if looked_at > _MOST_LOOKED_AT:
            break
    return (*forced, *_small_cover(left))


def _small_cover(options: Options) -> list[Change]:
    """A cover of changes each of which mends most of what is left."""
    mending: dict[Change, set[int]] = {}
    for number, option in enumerate(options):
        for change in option:
            mending.setdefault(change, set()).add(number)
    taken: list[Change] = []
    while any(mending.values()):
        best = min(mending, key=lambda change: (-len(mending[change]), _order(change)))
        taken.append(best)
        for number in list(mending[best]):
            for change in options[number]:
                mending[change].discard(number)
    return taken
