"""How a problem looks: the exact text that a reviewer reads."""

import pytest
from small_library import SALE, files, problems, rule, rules

from governance.rules.library import load_library
from governance.rules.problems import LibraryInvalid

UNKNOWN_ATTRIBUTE = """\
sale/DE/gadgets.yaml:7:12: unknown attribute `contains_radios`
        when: {contains_radios: true}
               ^
    hint: did you mean `contains_radio`?"""
NORWAY = """\
sale/DE/gadgets.yaml:7:27: expected a country, but an unquoted `NO` is a boolean or null in YAML
        when: {made_in: {in: [NO]}}
                              ^
    hint: write "NO" in quotes if you mean Norway"""
QUOTED_NUMBER = """\
sale/DE/gadgets.yaml:7:30: expected a number, found `"5"`
        when: {emission_mw: {gt: "5"}}
                                 ^
    hint: write it as 5 or 0.5, without quotes, at most 15 digits on either side"""
STATUS = """\
sale/DE/gadgets.yaml:4:5: `in_force`, but it applies only from 2027-01-01, after its source was read
        status: in_force
        ^
    hint: status: planned"""
DUPLICATE_KEY = """\
sale/DE/gadgets.yaml:12:5: key `title` stands twice in the same mapping
        title: Another title
        ^
    hint: the first one is at line 3: keep one of them"""
DUPLICATE_RULE = """\
sale/DE/gadgets.yaml:12:5: `de.gadgets.again` says the same as `de.gadgets.radio` while both are \
in force
      - id: de.gadgets.again
        ^
    hint: the other is at sale/DE/gadgets.yaml:2:5: keep one, or part their dates"""
UNDETERMINED = """\
sale/DE/gadgets.yaml:2:5: `de.gadgets.radio` has a `when` but no `undetermined` case
      - id: de.gadgets.radio
        ^
    hint: add the facts under which it cannot be decided, often `undetermined: [{}]`"""
ALIAS = """\
sale/DE/gadgets.yaml:1:8: alias `*all` is not allowed
    rules: *all
           ^
    hint: write the value out"""
CONTROL = """\
sale/DE/gadgets.yaml:1:10: the character U+001B cannot stand in a rules file
    rules: 'a\N{REPLACEMENT CHARACTER}[2Jb'
             ^
    hint: delete it; files are UTF-8 without control characters"""
SNAPSHOTS = {
    "unknown attribute": (rules(rule(when="{contains_radios: true}")), UNKNOWN_ATTRIBUTE),
    "Norway": (rules(rule(when="{made_in: {in: [NO]}}")), NORWAY),
    "quoted number": (rules(rule(when='{emission_mw: {gt: "5"}}')), QUOTED_NUMBER),
    "status": (rules(rule(start="2027-01-01")), STATUS),
    "duplicate key": (rules(rule()) + "    title: Another title\n", DUPLICATE_KEY),
    "duplicate rule": (rules(rule(), rule(id="de.gadgets.again")), DUPLICATE_RULE),
    "undetermined": (
        rules(rule(cases="{fires: [{contains_radio: true}], silent: [{contains_radio: false}]}")),
        UNDETERMINED,
    ),
    "alias": ("rules: *all\n", ALIAS),
    "control": ("rules: 'a\x1b[2Jb'\n", CONTROL),
}


@pytest.mark.parametrize(("text", "shown"), SNAPSHOTS.values(), ids=SNAPSHOTS)
def test_a_problem_is_shown_exactly_so(text: str, shown: str) -> None:
    found = files(sale=text)
    (problem,) = problems(found)
    assert problem.render(found) == shown


def test_a_long_line_is_cut_around_its_caret() -> None:
    found = files(sale=rules(rule(title="x" * 300 + '", "', note='"' + "y" * 300 + '" z')))
    (problem,) = problems(found)
    _, line, caret, _ = problem.render(found).split("\n")
    assert len(line) <= 114
    assert line[caret.index("^")] == "z"


def test_a_line_left_open_is_shown_where_the_file_ends() -> None:
    found = files(sale="rules: [a,\n\n\n")
    (problem,) = problems(found)
    assert str(problem.place) == f"{SALE}:1:10"
    assert problem.render(found).split("\n")[2] == "             ^"


def test_the_exception_carries_every_problem_as_text() -> None:
    found = files(sale=rules(rule(status="active", start="soon")))
    with pytest.raises(LibraryInvalid) as refused:
        load_library(found)
    assert len(refused.value.problems) == 2
    body = refused.value.problem()
    assert body["status"] == 422
    assert body["detail"].startswith("2 problem(s), the first: sale/DE/gadgets.yaml:4:13: unknown")
    assert body["problems"] == [problem.render(found) for problem in refused.value.problems]


def test_problems_come_in_the_order_of_file_and_line() -> None:
    found = files(sale=rules(rule(start="soon", status="active")), classification="x: 1\n")
    places = [problem.place for problem in problems(found)]
    assert places == sorted(places)
    assert len(places) == 3
