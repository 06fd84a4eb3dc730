"""The law of the day: first and last day, status, blocs with dated membership, regions."""

from datetime import date, timedelta

import pytest
from small_library import PROHIBIT, UNCONDITIONAL, files, library, rule, rules

from governance.rules.cases import run_cases
from governance.rules.library import load_library
from governance.rules.model import Rule

ONE_DAY = timedelta(days=1)


def only(**fields: str | None) -> Rule:
    return library(sale=rules(rule(**UNCONDITIONAL | fields))).rules["sale"][0]


def in_folder(folder: str, **fields: str | None) -> Rule:
    found = files() | {f"sale/{folder}/x.yaml": rules(rule(**{"id": "x.y"} | PROHIBIT | fields))}
    return load_library(found).rules_by_id["x.y"]


def binds(found: Rule, place: str, day: date) -> bool:
    return found.binds(place, library().vocabulary.jurisdictions(place, day))


def test_a_rule_binds_from_its_first_day_to_the_day_before_its_end() -> None:
    found = only(status="repealed", start="2020-01-01", to="2022-07-01")
    assert not found.in_force_on(date(2019, 12, 31))
    assert found.in_force_on(date(2020, 1, 1))
    assert found.in_force_on(date(2022, 6, 30))
    assert not found.in_force_on(date(2022, 7, 1))


def test_a_rule_without_an_end_binds_for_ever() -> None:
    assert only().in_force_on(date.max)


def test_a_suspended_rule_never_binds() -> None:
    found = only(status="suspended")
    assert not found.in_force_on(date(2020, 1, 1))
    assert not found.in_force_on(date.max)


@pytest.mark.parametrize("status", ["planned", "deferred"])
def test_a_coming_rule_binds_on_its_day_and_not_before(status: str) -> None:
    cases = "{fires: [{}], silent: [{as_of: 2027-05-31}]}"
    found = only(status=status, start="2027-06-01", cases=cases)
    assert not found.in_force_on(date(2027, 5, 31))
    assert found.in_force_on(date(2027, 6, 1))


def test_a_successor_takes_over_without_a_gap_and_without_a_day_of_both() -> None:
    first = rule(status="repealed", to="2022-01-01")
    both = library(sale=rules(first, rule(id="de.gadgets.new", start="2022-01-01"))).rules["sale"]
    day = date(2020, 1, 1)
    while day < date(2024, 1, 1):
        assert sum(found.in_force_on(day) for found in both) == 1
        day += ONE_DAY


def test_the_law_of_a_bloc_binds_its_members_while_they_are_members() -> None:
    found = in_folder("EU")
    assert binds(found, "DE", date(2026, 11, 22))
    assert binds(found, "GB", date(2020, 12, 31))
    assert not binds(found, "GB", date(2021, 1, 1))
    assert not binds(found, "GB", date(1972, 12, 31))
    assert not binds(found, "NO", date(2026, 11, 22))


def test_a_country_binds_its_regions_but_a_region_does_not_bind_its_country() -> None:
    day = date(2026, 11, 22)
    assert binds(in_folder("US"), "US-CA", day)
    assert binds(in_folder("US-CA"), "US-CA", day)
    assert not binds(in_folder("US-CA"), "US", day)
    assert not binds(in_folder("US-CA"), "US-NY", day)


def test_also_in_takes_a_rule_to_a_region_of_a_country_that_left() -> None:
    found = in_folder("EU", also_in="[GB-NIR]")
    assert binds(found, "GB-NIR", date(2026, 11, 22))
    assert not binds(found, "GB", date(2026, 11, 22))
    assert not binds(found, "GB-SCT", date(2026, 11, 22))


def test_also_in_may_be_a_bloc() -> None:
    found = in_folder("EU", also_in="[EFTA]")
    assert binds(found, "NO", date(2026, 11, 22))


def test_not_in_takes_a_region_or_a_country_and_its_regions_out() -> None:
    day = date(2026, 11, 22)
    found = in_folder("GB", not_in="[GB-NIR]")
    assert binds(found, "GB", day)
    assert not binds(found, "GB-NIR", day)
    swedish = in_folder("EU", not_in="[DE]")
    assert not binds(swedish, "DE", day)
    assert not binds(swedish, "DE-BY", day)


def test_regions_with_law_of_their_own_are_known_by_country() -> None:
    found = files() | {
        "sale/US-CA/x.yaml": rules(rule(id="us-ca.x", **PROHIBIT)),
        "sale/EU/x.yaml": rules(rule(id="eu.x", also_in="[GB-NIR]", **PROHIBIT)),
        "sale/US/x.yaml": rules(rule(id="us.x", not_in="[US-AK]", **PROHIBIT)),
    }
    assert load_library(found).regions == {"US": ("US-AK", "US-CA"), "GB": ("GB-NIR",)}


def outcomes(**fields: str | None) -> list[tuple[str, str]]:
    found = library(sale=rules(rule(**fields)))
    return [(result.case.outcome, result.outcome) for result in run_cases(found)]


def test_a_case_is_judged_by_the_membership_of_its_day() -> None:
    """A British maker is one of the EU's until 2020-12-31; the default day is the rule's first."""
    cases = (
        "{fires: [{made_in: GB}, {made_in: GB, as_of: 2020-12-31}, {made_in: EU}, {made_in: DE}], "
        "silent: [{made_in: GB, as_of: 2021-01-01}], undetermined: [{}]}"
    )
    found = outcomes(when="{made_in: {in: [EU]}}", cases=cases)
    assert all(wanted == came for wanted, came in found), found


def test_a_case_before_the_first_day_or_from_the_end_on_is_silent() -> None:
    cases = (
        "{fires: [{as_of: 2020-12-31}], silent: [{as_of: 2019-12-31}, {as_of: 2021-01-01}, "
        "{category: batteries}]}"
    )
    found = outcomes(when=None, status="repealed", to="2021-01-01", cases=cases)
    assert all(wanted == came for wanted, came in found), found


def test_a_failing_case_says_what_came_out() -> None:
    cases = (
        "{fires: [{contains_radio: false}], silent: [{contains_radio: false}], undetermined: [{}]}"
    )
    (failed,) = [r for r in run_cases(library(sale=rules(rule(cases=cases)))) if not r.passed]
    problem = failed.problem()
    assert problem.message == (
        "`de.gadgets.radio` was to be `fires` for {contains_radio: false} on 2020-01-01, "
        "but is `silent`"
    )
    assert (problem.place.line, problem.hint) == (11, "mend the case or the `when`")


def test_a_suspended_rule_is_tried_as_if_it_were_in_force() -> None:
    assert outcomes(status="suspended")[0] == ("fires", "fires")
