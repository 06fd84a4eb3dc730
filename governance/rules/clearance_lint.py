"""Checks of all clearance rows together; what concerns one row is refused while it is read."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby, pairwise

from governance.rules.clearance_reader import Clearance, WrittenRate, WrittenScheme
from governance.rules.problems import Place, Problem
from governance.rules.vocabulary import Vocabulary


def lint_clearance(clearance: Clearance, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Every problem: ids taken, rows that overlap, limits that exclude all, taxes with no rate."""
    yield from _taken_ids(clearance.schemes)
    yield from _overlapping_rows(clearance.schemes)
    yield from _overlapping_rates(clearance.rates)
    yield from _rows_for_nothing(clearance.schemes, vocabulary)
    yield from _taxes_without_rate(clearance, vocabulary)


def _taken_ids(schemes: tuple[WrittenScheme, ...]) -> Iterator[Problem]:
    first: dict[str, Place] = {}
    for place, rows in groupby(schemes, key=lambda written: written.scheme_place):
        identifier = next(rows).row.id
        if identifier in first:
            yield Problem(
                place,
                f"the id `{identifier}` is taken",
                f"first at {first[identifier]}: every scheme has its own id, and its changes are "
                "its rows",
            )
        first.setdefault(identifier, place)


def _overlapping_rows(schemes: tuple[WrittenScheme, ...]) -> Iterator[Problem]:
    """Rows of one scheme that are not one after the other."""
    for _, rows in groupby(schemes, key=lambda written: written.scheme_place):
        for earlier, later in pairwise(rows):
            if earlier.row.end is None or later.row.start < earlier.row.end:
                yield Problem(
                    later.place,
                    f"`{later.row.id}` from {later.row.start} begins before the row above it ends",
                    f"that one stands at {earlier.place}: oldest row first, each with a `to` not "
                    "after the next `from`",
                )


def _overlapping_rates(rates: tuple[WrittenRate, ...]) -> Iterator[Problem]:
    last: dict[str, WrittenRate] = {}
    for later in rates:
        earlier = last.get(later.row.place)
        if earlier and (earlier.row.end is None or later.row.start < earlier.row.end):
            yield Problem(
                later.place,
                f"the rate of {later.row.place} from {later.row.start} begins before another ends",
                f"that one stands at {earlier.place}: a market has one standard rate a day, "
                "oldest first",
            )
        last[later.row.place] = later


def _rows_for_nothing(
    schemes: tuple[WrittenScheme, ...], vocabulary: Vocabulary
) -> Iterator[Problem]:
    """Rows whose exclusions leave none of the goods or countries that they are for."""
    for written in schemes:
        row = written.row
        for category in row.only:
            above = set(vocabulary.lineage(category)).intersection(row.excludes)
            if above:
                yield Problem(
                    written.place,
                    f"`{row.id}` is only for `{category}`, which it excludes",
                    f"take `{sorted(above)[0]}` out of `excludes`, or drop `{category}`",
                )
        for country in sorted({*row.origins} & {*row.not_origins}):
            yield Problem(
                written.place,
                f"`{row.id}` is both for and not for goods made in {country}",
                "drop one of them",
            )


def _taxes_without_rate(clearance: Clearance, vocabulary: Vocabulary) -> Iterator[Problem]:
    """A country's row at the standard rate of which none is written.

    It must stand on the day that the row was read, or on the row's day nearest to that: how long
    a rate has held is not always known. A bloc's rows are not looked at: a member without a rate
    has no scheme that is open, which the plan says.
    """
    for written in clearance.schemes:
        row = written.row
        standard = row.tax.collected != "none" and row.tax.percent is None
        if not standard or row.place in vocabulary.blocs:
            continue
        day = max(row.start, row.source.read_on)
        if row.end is not None:
            day = min(day, row.end - timedelta(days=1))
        if not any(
            rate.row.place == row.place and rate.row.holds_on(day) for rate in clearance.rates
        ):
            yield Problem(
                written.place,
                f"`{row.id}` takes the standard rate of {row.place}, of which none holds on {day}",
                f"write it under `rates` in clearance/{row.place}/, or give the tax a `percent`",
            )
