"""A value of another type than its field or attribute has is refused."""

import pytest
from small_library import SOURCE, assert_refused, files, problems, rule, rules

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
        "`8517.62` is no HS prefix",
        "two to six digits",
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


@pytest.mark.parametrize(("fields", "at", "message", "hint"), WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_a_value_of_another_type_is_refused(
    fields: dict[str, str | None], at: str, message: str, hint: str
) -> None:
    assert_refused(files(sale=rules(rule(**fields))), at, message, hint)


def test_a_number_of_5000_digits_is_refused_in_a_short_message() -> None:
    found = files(sale=rules(rule(when=f"{{cells: {'9' * 5000}}}")))
    (problem,) = problems(found)
    assert problem.message.startswith("expected a whole number, found `999")
    assert len(problem.render(found)) < 800
