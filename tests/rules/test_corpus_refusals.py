"""What lint refuses in the library as a whole: duplicates, overlaps, circles, misplaced files."""

import pytest
from small_library import (
    PROHIBIT,
    SALE,
    UNCONDITIONAL,
    assert_refused,
    derive,
    files,
    problems,
    rule,
    rules,
)

COVERAGE = "{category: gadgets, researched_on: 2026-11-22, from: 2026-01-01, certainty: high}"


def messages(found: dict[str, str]) -> list[str]:
    return [problem.message for problem in problems(found)]


def test_an_id_stands_once_in_all_files() -> None:
    found = files()
    found["sale/FR/gadgets.yaml"] = rules(rule(when="{contains_radio: false}"))
    assert_refused(found, "id", "the id `de.gadgets.radio` is taken", f"first at {SALE}:2:5")


def test_two_rules_that_say_the_same_at_once_are_refused() -> None:
    found = files(sale=rules(rule(), rule(id="de.gadgets.again", start="2021-01-01")))
    message = "`de.gadgets.again` says the same as `de.gadgets.radio` while both are in force"
    assert_refused(found, "id", message, "keep one, or part their dates")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"category": "[drones, batteries]"}, {"category": "[batteries, drones]"}),
        ({"evidence": "[de.permit, de.declaration]"}, {"evidence": "[de.declaration, de.permit]"}),
        (
            {"when": "{contains_radio: true, colour: {in: [red, blue]}}"},
            {"when": "{colour: {in: [blue, red]}, contains_radio: true}"},
        ),
        ({"also_in": "[FR, AT]"}, {"also_in": "[AT, FR]"}),
    ],
)
def test_another_order_does_not_hide_a_duplicate(
    one: dict[str, str], other: dict[str, str]
) -> None:
    found = files(sale=rules(rule(**one), rule(id="de.gadgets.again", **other)))
    assert messages(found) == [
        "`de.gadgets.again` says the same as `de.gadgets.radio` while both are in force"
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"status": "suspended"},
        {"category": "drones"},
        {"when": "{contains_radio: false}"},
        {"evidence": "[de.permit]"},
        {"also_in": "[FR]"},
    ],
)
def test_a_suspended_rule_and_one_that_says_something_else_are_no_duplicates(
    other: dict[str, str],
) -> None:
    assert messages(files(sale=rules(rule(), rule(id="de.gadgets.other", **other)))) == []


def test_a_dated_successor_is_no_duplicate() -> None:
    first = rule(status="repealed", to="2022-01-01")
    assert messages(files(sale=rules(first, rule(id="de.gadgets.new", start="2022-01-01")))) == []
    overlapping = rule(id="de.gadgets.new", start="2021-12-31")
    assert len(messages(files(sale=rules(first, overlapping)))) == 1


def test_two_duties_with_different_titles_are_no_duplicates() -> None:
    one, other = (
        rule(id=f"de.gadgets.{name}", title=name, effect="oblige", evidence=None)
        for name in ("label", "notify")
    )
    assert messages(files(sale=rules(one, other))) == []


def test_the_same_words_in_two_jurisdictions_are_two_rules() -> None:
    found = files()
    found["sale/FR/gadgets.yaml"] = rules(rule(id="fr.gadgets.radio"))
    assert messages(found) == []


def feeds_itself(*texts: str) -> list[str]:
    return messages(files(classification=rules(*texts)))


def test_a_derive_rule_that_sets_what_it_looks_at_is_a_circle() -> None:
    found = files(classification=rules(derive(sets="{contains_radio: true}")))
    assert_refused(found, "id", "`classify.x` feeds itself", "take the attribute out of one `when`")


def test_a_circle_over_another_rule_is_found() -> None:
    back = derive(
        id="classify.y",
        when="{colour: red}",
        sets="{contains_radio: true}",
        cases="{fires: [{colour: red}], silent: [{colour: blue}], undetermined: [{}]}",
    )
    assert feeds_itself(derive(sets="{colour: red}"), back) == [
        "`classify.x` feeds itself",
        "`classify.y` feeds itself",
    ]


@pytest.mark.parametrize("category", ["batteries", "gadgets", "goods"])
def test_a_rule_that_adds_a_category_is_no_circle(category: str) -> None:
    assert feeds_itself(derive(adds_category="drones", category=category)) == []


def test_a_circle_over_the_parent_of_a_derived_category_is_found() -> None:
    adds = derive(adds_category="drones", category="batteries")
    back = derive(
        id="classify.y",
        category="gadgets",  # above `drones`, so its rules hold for what was just derived
        when="{colour: red}",
        sets="{contains_radio: true}",
        cases="{fires: [{colour: red}], silent: [{colour: blue}], undetermined: [{}]}",
    )
    assert feeds_itself(adds, back) == ["`classify.x` feeds itself", "`classify.y` feeds itself"]


def test_a_chain_is_no_circle() -> None:
    onward = derive(
        id="classify.y",
        when="{colour: red}",
        adds_category="batteries",
        cases="{fires: [{colour: red}], silent: [{colour: blue}], undetermined: [{}]}",
    )
    assert feeds_itself(derive(sets="{colour: red}"), onward) == []


def test_a_category_is_covered_once() -> None:
    found = files(sale=f"coverage:\n  - {COVERAGE}\n  - {COVERAGE}\n")
    message = "`gadgets` is covered twice for DE"
    assert_refused(found, "{category", message, f"first at {SALE}:2:5: keep the newer row")


def test_coverage_reports_every_wrong_field() -> None:
    row = "{category: gadgetz, researched_on: today, from: 2026-01-01, certainty: sure}"
    found = files(sale=f"coverage:\n  - {row}\n")
    assert messages(found) == [
        "unknown category `gadgetz`",
        "`today` is no date",
        "unknown certainty `sure`",
    ]


@pytest.mark.parametrize(
    ("folder", "hint"),
    [
        ("UK", "did you mean `GB`?"),
        ("EFTAA", "did you mean `EFTA`?"),
        ("Germany", "did you mean `DE`?"),
        ("US-ZZ", "no such region; the country is `US`"),
        ("us-ca", "did you mean `US-CA`?"),
        ("QQ", "use an ISO 3166-1 alpha-2 code, or a bloc of rulesets/vocabulary/"),
    ],
)
def test_a_folder_that_is_no_place_is_refused(folder: str, hint: str) -> None:
    found = files() | {f"sale/{folder}/x.yaml": rules(rule(id="x.y", **PROHIBIT))}
    (problem,) = problems(found)
    assert problem.message == f"the folder `{folder}` is no country, region or bloc"
    assert problem.hint == hint


@pytest.mark.parametrize(
    "path",
    ["", "x.yaml", "sale/x.yaml", "sale/DE", "sale/DE/", "./vocabulary/x.yaml", "vocabulary",
     "/sale/DE/x.yaml", "../sale/DE/x.yaml", "clearance/x.yaml", "clearance/DE/"],
)  # fmt: skip
def test_a_file_in_the_wrong_place_is_refused_and_never_passed_over(path: str) -> None:
    (problem,) = problems(files() | {path: rules(rule(**UNCONDITIONAL))})
    assert problem.message == "the file stands where no rules belong"


@pytest.mark.parametrize("code", ["EU", "US-CA", "NO"])
def test_a_folder_may_be_a_bloc_a_region_or_a_country(code: str) -> None:
    assert messages(files() | {f"sale/{code}/x.yaml": rules(rule(id="x.y"))}) == []


def test_an_unknown_section_is_refused() -> None:
    found = files(sale="rule:\n" + rule())
    assert_refused(found, "rule", "unknown key `rule`", "did you mean `rules`?")


@pytest.mark.parametrize("path", ["provider/DE/x.yaml", "drop/x.yaml"])
def test_no_gate_but_the_sale_gate_says_what_was_looked_into(path: str) -> None:
    """A category that counted as covered for a provider's sake would be sold unresearched."""
    found = {**files(), path: f"coverage:\n  - {COVERAGE}\n"}
    assert_refused(found, "coverage", "unknown key `coverage`", "known keys: rules")


def test_coverage_of_no_market_is_refused() -> None:
    found = files(classification=f"coverage:\n  - {COVERAGE}\n")
    assert_refused(found, "coverage", "unknown key `coverage`", "known keys: rules")
