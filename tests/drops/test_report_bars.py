"""Bars of the report: inside their axis, as long as what they show, in the right order."""

from hypothesis import given
from hypothesis import strategies as st

from governance.drops.report.bars import longest, range_bar, stack, weeks

AMOUNTS = st.floats(0, 1e9)


@given(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3).map(sorted))
def test_a_range_stays_on_its_axis(of: list[float]) -> None:
    start, end = min(0.0, of[0]), longest([of[2], 1.0])
    bar = range_bar(of, end, start)
    assert 0 <= bar.start <= 100
    assert bar.width > 0
    assert bar.start + bar.width <= 100.01
    assert 0 <= bar.mark <= 99.3


def test_a_range_is_where_its_figures_are() -> None:
    bar = range_bar((10, 50, 90), 100)
    assert (bar.start, bar.width, bar.mark, bar.zero) == (10, 80, 49.65, None)
    assert range_bar((-50, 0, 50), 50, -50).zero == 50


@given(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS))
def test_a_stack_has_its_parts_one_behind_the_other(amounts: tuple[float, ...]) -> None:
    parts = dict(zip(("goods", "freight", "duty", "tax", "fees"), amounts, strict=True))
    total = longest([sum(amounts)])
    pieces = stack(parts, total)
    ends = [piece.start + piece.width for piece in pieces]
    assert all(abs(end - piece.start) < 0.02 for end, piece in zip(ends, pieces[1:], strict=False))
    assert all(end <= 100.02 for end in ends)


def test_parts_of_nothing_are_not_drawn() -> None:
    parts = {"goods": 300, "freight": 100, "duty": 0, "tax": 100, "fees": 0}
    assert [(one.part, one.start, one.width) for one in stack(parts, 1000)] == [
        ("goods", 0, 30),
        ("freight", 30, 10),
        ("tax", 40, 10),
    ]


def test_weeks_are_a_line_in_a_band() -> None:
    drawn = weeks([(2, 5, 10), (1, 2, 5), (0, 0, 0)])
    assert drawn is not None
    assert drawn.line == "0,10 50,16 100,20"
    assert drawn.band == "0,16 50,18 100,20 100,20 50,10 0,0"


def test_one_week_alone_has_no_curve() -> None:
    assert weeks([(1, 2, 3)]) is None
    assert weeks([(0, 0, 0), (0, 0, 0)]) is not None
