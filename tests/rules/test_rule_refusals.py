"""Dates, companions and places that do not fit in a rule, and what one run reports."""

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

from governance.rules.library import read_library


def test_the_small_library_is_clean() -> None:
    assert problems(files()) == []


DATES = {
    "a day that does not exist": (
        {"start": "2023-02-29"},
        "2023-02-29",
        "`2023-02-29` is no date",
        "write YYYY-MM-DD",
    ),
    "another order": (
        {"start": "01-02-2023"},
        "01-02-2023",
        "`01-02-2023` is no date",
        "write YYYY-MM-DD",
    ),
    "a week date": (
        {"start": "2026-W47-7"},
        "2026-W47-7",
        "`2026-W47-7` is no date",
        "write YYYY-MM-DD",
    ),
    "no date in a condition": (
        {"when": "{made_on: {lt: yesterday}}"},
        "yesterday",
        "`yesterday` is no date",
        "write YYYY-MM-DD",
    ),
    "an end before its start": (
        {"to": "2019-12-31"},
        "2019-12-31",
        "`to` (2019-12-31) must lie after `from` (2020-01-01)",
        "`to` the first day after",
    ),
    "an end on its start": (
        {"to": "2020-01-01"},
        "2020-01-01",
        "`to` (2020-01-01) must lie after `from` (2020-01-01)",
        "`to` the first day after",
    ),
    "in force from a coming day": (
        {"start": "2027-01-01"},
        "status",
        "`in_force`, but it applies only from 2027-01-01, after its source was read",
        "status: planned",
    ),
    "planned for a past day": (
        {"status": "planned"},
        "status",
        "`planned`, but it applied already when its source was read",
        "status: in_force",
    ),
    "deferred to a past day": (
        {"status": "deferred"},
        "status",
        "`deferred`, but it applied already when its source was read",
        "a `from` after `read_on`",
    ),
    "repealed without an end": (
        {"status": "repealed"},
        "status",
        "a repealed rule needs its last day",
        "add `to`",
    ),
}

COMPANIONS = {
    "require without evidence": (
        {"evidence": None},
        "effect",
        "a `require` rule names no `evidence`",
        "add `evidence: […]`",
    ),
    "evidence without require": (
        {"effect": "prohibit"},
        "evidence",
        "`evidence` is only for `effect: require`",
        "drop `evidence`",
    ),
    "deadline without oblige": (
        {"deadline": "{days: 10, after: first sale}"},
        "deadline",
        "`deadline` is only for `effect: oblige`",
        "drop `deadline`",
    ),
    "negative deadline": (
        {**PROHIBIT, "effect": "oblige", "deadline": "{days: -1, after: first sale}"},
        "-1",
        "a deadline lies before its day",
        "0 or more",
    ),
    "sets without derive": (
        {"sets": "{colour: red}"},
        "sets",
        "`sets` is only for `effect: derive`",
        "drop `sets`",
    ),
    "derive under a market": (
        {**PROHIBIT, "effect": "derive", "sets": "{colour: red}"},
        "effect",
        "derive rules stand in rulesets/classification/, all others under a jurisdiction",
        "move the rule",
    ),
    "no undetermined case": (
        {"cases": "{fires: [{contains_radio: true}], silent: [{contains_radio: false}]}"},
        "id",
        "`de.gadgets.radio` has a `when` but no `undetermined` case",
        "often `undetermined: [{}]`",
    ),
    "no firing case": (
        {"cases": "{silent: [{contains_radio: false}], undetermined: [{}]}"},
        "{silent",
        "`fires` is missing",
        "add what is missing",
    ),
    "no silent case": (
        {"cases": "{fires: [{contains_radio: true}], undetermined: [{}]}"},
        "{fires",
        "`silent` is missing",
        "add what is missing",
    ),
    "no cases": ({"cases": None}, "id", "`cases` is missing", "add what is missing"),
    "no source and no date": (
        {"source": None, "start": None},
        "id",
        "`from`, `source` are missing",
        "add what is missing",
    ),
    "both in and not in": (
        {"also_in": "[FR]", "not_in": "[FR]"},
        "id",
        "`de.gadgets.radio` is both in and not in FR",
        "drop one of them",
    ),
    "not in its own jurisdiction": (
        {"not_in": "[DE]"},
        "id",
        "`de.gadgets.radio` is both in and not in DE",
        "drop one of them",
    ),
}

PLACES = {
    "an exception out of reach": (
        {"not_in": "[FR]"},
        "id",
        "`de.gadgets.radio` is not in FR, where it would not hold anyway",
        "`not_in` takes out parts of DE",
    ),
    "an exception out of reach of a bloc": (
        {"also_in": "[EFTA]", "not_in": "[SE]"},
        "id",
        "`de.gadgets.radio` is not in SE, where it would not hold anyway",
        "`not_in` takes out parts of DE, EFTA",
    ),
}

REFUSALS = {
    **{f"places: {name}": case for name, case in PLACES.items()},
    **{f"dates: {name}": case for name, case in DATES.items()},
    **{f"companions: {name}": case for name, case in COMPANIONS.items()},
}


@pytest.mark.parametrize(("fields", "at", "message", "hint"), REFUSALS.values(), ids=REFUSALS)
def test_a_rule_is_refused_for_one_wrong_thing(
    fields: dict[str, str | None], at: str, message: str, hint: str
) -> None:
    assert_refused(files(sale=rules(rule(**fields))), at, message, hint)


def test_a_derive_rule_that_derives_nothing_is_refused() -> None:
    found = files(classification=rules(derive()))
    assert_refused(found, "effect", "a `derive` rule derives nothing", "add sets or adds_category")


@pytest.mark.parametrize(
    ("sets", "kind"),
    [("made_in: DE", "country"), ("hs: '85'", "hs_code"), ("materials: wood", "set")],
)
def test_a_derive_rule_cannot_set_what_belongs_to_several_things(sets: str, kind: str) -> None:
    name, _, value = sets.partition(": ")
    found = files(classification=rules(derive(sets=f"{{{sets}}}")))
    message = f"a derive rule cannot set `{name}`, a {kind}"
    assert_refused(found, value, message, "set a boolean, a number, a choice or a text")


def test_a_derive_rule_that_names_places_is_refused() -> None:
    found = files(classification=rules(derive(sets="{colour: red}", also_in="[DE]")))
    message = "`classify.x` names places, but a derive rule holds everywhere"
    assert_refused(found, "id", message, "drop `also_in` and `not_in`")


@pytest.mark.parametrize(
    "fields",
    [
        {"not_in": "[DE-BY]"},
        {"also_in": "[EFTA]", "not_in": '["NO"]'},
        {"also_in": "[EU]", "not_in": "[GB-NIR]"},  # it held there until 2020
    ],
)
def test_an_exception_within_reach_is_taken(fields: dict[str, str]) -> None:
    assert problems(files(sale=rules(rule(**fields)))) == []


def test_a_market_rule_in_classification_is_refused() -> None:
    found = files(classification=rules(rule(id="x.y", **PROHIBIT)))
    message = "derive rules stand in rulesets/classification/, all others under a jurisdiction"
    assert_refused(found, "effect", message, "move the rule")


def test_every_wrong_field_of_every_rule_of_every_file_is_reported_in_one_run() -> None:
    broken = rule(status="active", start="soon", category="gadget", when="{cells: x}", effect="no")
    found = files(
        sale=rules(broken, rule(id="de.gadgets.second", title='""')),
        classification="rules: [",
        evidence="evidence_types: {de.x: {}}",
    )
    found["sale/FR/gadgets.yaml"] = rules(rule(id="fr.gadgets.radio"))
    places = {(p.place.file, p.place.line) for p in problems(found)}
    assert {(SALE, line) for line in (4, 5, 6, 7, 8, 13)} <= places
    assert {file for file, _ in places} == {
        SALE,
        "classification/x.yaml",
        "sale/FR/gadgets.yaml",
        "vocabulary/evidence/DE.yaml",
    }


def test_a_good_rule_beside_a_broken_one_and_a_broken_file_is_read_all_the_same() -> None:
    found = files(sale=rules(rule(status="active"), rule(id="de.gadgets.good")))
    found["sale/DE/broken.yaml"] = "\x00"
    library, _ = read_library(found)
    assert list(library.rules_by_id) == ["de.gadgets.good"]


def test_an_unconditional_rule_needs_no_undetermined_case() -> None:
    assert problems(files(sale=rules(rule(**UNCONDITIONAL)))) == []
