"""A rule that names what nobody declared is refused, with what was probably meant."""

import pytest
from small_library import SOURCE, assert_refused, files, problems, rule, rules

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


@pytest.mark.parametrize(
    ("fields", "at", "message", "hint"), UNKNOWN_NAMES.values(), ids=UNKNOWN_NAMES
)
def test_a_rule_with_an_unknown_name_is_refused(
    fields: dict[str, str | None], at: str, message: str, hint: str
) -> None:
    assert_refused(files(sale=rules(rule(**fields))), at, message, hint)


def test_a_misspelt_key_is_named_with_the_key_that_was_meant() -> None:
    found = problems(files(sale=rules(rule(source=SOURCE.replace("rank", "rnak")))))
    assert "unknown key `rnak`" in [problem.message for problem in found]
    assert "did you mean `rank`?" in [problem.hint for problem in found]
