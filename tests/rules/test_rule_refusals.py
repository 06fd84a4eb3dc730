"""Everything that lint refuses in one rule, each on real text, with place, line, caret and hint."""

import pytest
from small_library import (
    PROHIBIT,
    SALE,
    SOURCE,
    UNCONDITIONAL,
    assert_refused,
    derive,
    files,
    problems,
    rule,
    rules,
)


def test_the_small_library_is_clean() -> None:
    assert problems(files()) == []


UNKNOWN_NAMES = {
    "attribute": (
        {"when": "{contains_radios: true}"},
        "contains_radios",
        "unknown attribute `contains_radios`",
        "did you mean `contains_radio`?",
    ),
    "attribute unlike any other": (
        {"when": "{zzz: true}"},
        "zzz",
        "unknown attribute `zzz`",
        "declare it in rulesets/vocabulary/attributes/",
    ),
    "attribute in a case": (
        {"cases": "{fires: [{contains_radioo: true}], silent: [{}], undetermined: [{}]}"},
        "contains_radioo",
        "unknown attribute `contains_radioo`",
        "did you mean `contains_radio`?",
    ),
    "category": (
        {"category": "gadget"},
        "gadget",
        "unknown category `gadget`",
        "did you mean `gadgets`?",
    ),
    "category in a list": (
        {"category": "[goods, dronez]"},
        "dronez",
        "unknown category `dronez`",
        "did you mean `drones`?",
    ),
    "evidence type": (
        {"evidence": "[de.declaratoin]"},
        "de.declaratoin",
        "unknown evidence type `de.declaratoin`",
        "did you mean `de.declaration`?",
    ),
    "operator": (
        {"when": "{emission_mw: {gtt: 1}}"},
        "gtt",
        "unknown operator `gtt`",
        "did you mean `gt`?",
    ),
    "key": (
        {"titel": "x"},
        "titel",
        "unknown key `titel`",
        "did you mean `title`?",
    ),
    "source without a rank": (
        {"source": SOURCE.replace("rank: primary, ", "")},
        "{citation",
        "`rank` is missing",
        "add what is missing",
    ),
    "effect": (
        {"effect": "requires"},
        "requires",
        "unknown effect `requires`",
        "did you mean `require`?",
    ),
    "status": (
        {"status": "active"},
        "active",
        "unknown status `active`",
        "one of: deferred, in_force, planned, repealed, suspended",
    ),
    "country by its colloquial code": (
        {"when": "{made_in: UK}"},
        "UK",
        "unknown country `UK`",
        "did you mean `GB`?",
    ),
    "country by its name": (
        {"when": "{made_in: {in: [Germany]}}"},
        "Germany",
        "unknown country `Germany`",
        "did you mean `DE`?",
    ),
    "bloc": (
        {"when": "{made_in: {in: [EFTAA]}}"},
        "EFTAA",
        "unknown country `EFTAA`",
        "did you mean `EFTA`?",
    ),
    "bloc in small letters": (
        {"when": "{made_in: eu}"},
        "eu",
        "unknown country `eu`",
        "did you mean `EU`?",
    ),
    "region": (
        {"also_in": "[US-ZZ]"},
        "US-ZZ",
        "unknown country `US-ZZ`",
        "no such region; the country is `US`",
    ),
    "country like no other": (
        {"also_in": "[Q9Q9]"},
        "Q9Q9",
        "unknown country `Q9Q9`",
        "use an ISO 3166-1 alpha-2 code, or a bloc of rulesets/vocabulary/",
    ),
    "choice": (
        {"when": "{colour: {in: [red, gren]}}"},
        "gren",
        "unknown value of `colour` `gren`",
        "did you mean `green`?",
    ),
}

WRONG_TYPES = {
    "quoted number": (
        {"when": '{emission_mw: {gt: "5"}}'},
        '"5"',
        'expected a number, found `"5"`',
        "without quotes",
    ),
    "number with exponent": (
        {"when": "{emission_mw: {gt: 1e3}}"},
        "1e3",
        "expected a number, found `1e3`",
        "write it as 5 or 0.5",
    ),
    "number of 16 digits": (
        {"when": "{emission_mw: {gt: 1000000000000000}}"},
        "1000000000000000",
        "expected a number, found `1000000000000000`",
        "at most 15 digits",
    ),
    "number out of range": (
        {"when": "{emission_mw: {gt: 9000}}"},
        "9000",
        "`emission_mw` must be from 0 to 5000 mW, not 9000 mW",
        "it is: Radiant power",
    ),
    "fraction for a whole number": (
        {"when": "{cells: {gte: 1.5}}"},
        "1.5",
        "expected a whole number, found `1.5`",
        "no fraction",
    ),
    "leading zero": (
        {"when": "{cells: {gte: 010}}"},
        "010",
        "expected a whole number, found `010`",
        "no leading zero",
    ),
    "digits of another script": (
        {"when": "{cells: {gte: ٣}}"},
        "٣",
        "expected a whole number, found `٣`",
        "no quotes",
    ),
    "yes for a boolean": (
        {"when": "{contains_radio: yes}"},
        "yes",
        "expected true or false, found `yes`",
        "write true or false, without quotes",
    ),
    "quoted boolean": (
        {"when": '{contains_radio: "true"}'},
        '"true"',
        'expected true or false, found `"true"`',
        "without quotes",
    ),
    "1 for a boolean": (
        {"when": "{contains_radio: 1}"},
        "1",
        "expected true or false, found `1`",
        "write true or false",
    ),
    "list for one value": (
        {"when": "{contains_radio: [true]}"},
        "[true]",
        "expected true or false, found a list",
        "write one value",
    ),
    "one value for a list": (
        {"when": "{colour: {in: red}}"},
        "red",
        "expected a list, found `red`",
        "write [a, b]",
    ),
    "empty list": (
        {"when": "{colour: {in: []}}"},
        "[]",
        "the list is empty",
        "name something",
    ),
    "unquoted Norway": (
        {"when": "{made_in: {in: [NO]}}"},
        "NO",
        "expected a country, but an unquoted `NO` is a boolean or null in YAML",
        'write "NO" in quotes if you mean Norway',
    ),
    "unquoted Norway as an exception": (
        {"not_in": "[NO]"},
        "NO",
        "expected a country or region, but an unquoted `NO` is a boolean or null in YAML",
        'write "NO" in quotes if you mean Norway',
    ),
    "nothing for a title": (
        {"title": ""},
        "",
        "expected text, but an unquoted `` is a boolean or null in YAML",
        "in quotes",
    ),
    "blank title": (
        {"title": '" "'},
        '" "',
        "expected text, found nothing",
        "fill it",
    ),
    "dotted HS code": (
        {"when": '{hs: "8517.62"}'},
        '"8517.62"',
        '"8517.62" is no HS code',
        "2 to 12 digits without dots",
    ),
    "region for a country": (
        {"when": "{made_in: US-CA}"},
        "US-CA",
        "unknown country `US-CA`",
        "the country is `US`",
    ),
    "bloc for an exception": (
        {"not_in": "[EU]"},
        "EU",
        "unknown country `EU`",
        "use an ISO 3166-1 alpha-2 code",
    ),
    "order of a boolean": (
        {"when": "{contains_radio: {gt: 1}}"},
        "gt",
        "`gt` does not fit `contains_radio`, a boolean",
        "order is for numbers and dates",
    ),
    "contains for what is no set": (
        {"when": "{colour: {contains: red}}"},
        "contains",
        "`contains` does not fit `colour`, a choice",
        "contains is for sets",
    ),
    "in for a set": (
        {"when": "{materials: {in: [wood]}}"},
        "in",
        "`in` does not fit `materials`, a set",
        "use contains",
    ),
    "bare value for a set": (
        {"when": "{materials: wood}"},
        "wood",
        "`materials` is a set",
        "write {contains: value}",
    ),
    "empty comparison": (
        {"when": "{emission_mw: {}}"},
        "{}",
        "the comparison is empty",
        "write a value",
    ),
    "empty condition": (
        {"when": "{}"},
        "{}",
        "the condition is empty",
        "leave `when` out",
    ),
    "empty not": (
        {"when": "{not: {}}"},
        "{}",
        "the condition is empty",
        "leave `when` out",
    ),
    "empty any": (
        {"when": "{any: []}"},
        "[]",
        "the list is empty",
        "name something",
    ),
    "mapping for any": (
        {"when": "{any: {contains_radio: true}}"},
        "{contains_radio",
        "expected a list, found a mapping",
        "write [a, b]",
    ),
    "id in capitals": (
        {"id": "DE.gadgets"},
        "DE.gadgets",
        "`DE.gadgets` cannot be a rule's id",
        "as in au.laser-pointers.over-1mw",
    ),
    "address without https": (
        {"source": SOURCE.replace("https", "http")},
        "http://example.org/act",
        "`http://example.org/act` is no https address",
        "write https://…",
    ),
}

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
    **{f"unknown name: {name}": case for name, case in UNKNOWN_NAMES.items()},
    **{f"wrong type: {name}": case for name, case in WRONG_TYPES.items()},
    **{f"dates: {name}": case for name, case in DATES.items()},
    **{f"companions: {name}": case for name, case in COMPANIONS.items()},
}


@pytest.mark.parametrize(("fields", "at", "message", "hint"), REFUSALS.values(), ids=REFUSALS)
def test_a_rule_is_refused_for_one_wrong_thing(
    fields: dict[str, str | None], at: str, message: str, hint: str
) -> None:
    assert_refused(files(sale=rules(rule(**fields))), at, message, hint)


def test_a_number_of_5000_digits_is_refused_in_a_short_message() -> None:
    found = files(sale=rules(rule(when=f"{{cells: {'9' * 5000}}}")))
    (problem,) = problems(found)
    assert problem.message.startswith("expected a whole number, found `999")
    assert len(problem.render(found)) < 800


def test_a_misspelt_key_is_named_with_the_key_that_was_meant() -> None:
    found = problems(files(sale=rules(rule(source=SOURCE.replace("rank", "rnak")))))
    assert "unknown key `rnak`" in [problem.message for problem in found]
    assert "did you mean `rank`?" in [problem.hint for problem in found]


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
    from governance.rules.library import read_library

    found = files(sale=rules(rule(status="active"), rule(id="de.gadgets.good")))
    found["sale/DE/broken.yaml"] = "\x00"
    library, _ = read_library(found)
    assert list(library.rules_by_id) == ["de.gadgets.good"]


def test_an_unconditional_rule_needs_no_undetermined_case() -> None:
    assert problems(files(sale=rules(rule(**UNCONDITIONAL)))) == []
