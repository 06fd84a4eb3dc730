"""What nobody has researched is unknown: for the market itself and for each bloc that binds it."""

import pytest


def mode_of(result):
    return result["import_modes"][0]


def test_a_market_without_coverage_is_unknown(sale) -> None:
    result = sale("BR")
    assert result["verdict"] == "unknown"
    assert mode_of(result)["uncovered"] == ["gadgets"]


def test_a_market_that_only_its_bloc_covers_is_unknown(sale) -> None:
    assert sale("IT")["verdict"] == "unknown"


def test_a_member_whose_bloc_does_not_cover_the_category_is_unknown(sale) -> None:
    result = sale("FR", category="paper")  # FR has a row for paper, the EU has none
    assert result["verdict"] == "unknown"
    assert mode_of(result)["uncovered"] == ["paper"]


def test_a_bloc_without_any_coverage_makes_no_law_here(sale) -> None:
    assert sale("NO")["verdict"] == "allowed"  # EFTA has members and no rulesets


def test_coverage_of_a_category_holds_for_what_lies_below_it(sale) -> None:
    assert sale("FR", category="lasers", attributes={"power_mw": 1})["verdict"] == "allowed"


def test_coverage_of_a_category_does_not_hold_for_what_lies_above_it(sale) -> None:
    assert sale("FR", category="goods")["verdict"] == "unknown"


def test_every_derived_category_must_be_covered_too(sale) -> None:
    result = sale("DE", attributes={"cells": 2})
    assert result["verdict"] == "unknown"
    assert mode_of(result)["uncovered"] == ["batteries"]
    assert sale("AU", attributes={"cells": 2})["verdict"] == "allowed"


@pytest.mark.parametrize(("day", "verdict"), [("2025-12-31", "unknown"), ("2026-01-01", "allowed")])
def test_a_day_before_the_coverage_begins_is_unknown(sale, day: str, verdict: str) -> None:
    assert sale("US", as_of=day)["verdict"] == verdict


def test_research_of_low_certainty_needs_a_person(sale) -> None:
    result = sale("JP")
    assert result["verdict"] == "needs_review"
    assert mode_of(result)["low_certainty"] == ["gadgets"]


@pytest.mark.parametrize(
    ("day", "days", "verdict"),
    [("2026-11-22", 730, "allowed"), ("2026-11-23", 731, "needs_review")],
)
def test_research_older_than_two_years_needs_a_person(sale, day, days, verdict) -> None:
    result = sale("AU", as_of=day)
    assert result["verdict"] == verdict
    assert mode_of(result)["oldest_research_days"] == days


def test_the_oldest_research_of_all_categories_counts(sale) -> None:
    day = "2026-11-23"
    lasers = {"power_mw": 1}
    assert sale("AU", category="lasers", as_of=day, attributes=lasers)["verdict"] == "allowed"
    both = lasers | {"cells": 1}
    result = sale("AU", category="lasers", as_of=day, attributes=both)
    assert result["verdict"] == "needs_review"
    assert mode_of(result)["oldest_research_days"] == 731


def test_the_age_of_a_blocs_research_counts_for_its_members(sale) -> None:
    assert mode_of(sale("DE", as_of="2028-06-01"))["oldest_research_days"] == 731
    assert sale("DE", as_of="2028-06-01")["verdict"] == "needs_review"


def test_research_after_the_day_of_sale_is_not_old(sale) -> None:
    assert mode_of(sale("DE", as_of="2026-01-01"))["oldest_research_days"] == 0
