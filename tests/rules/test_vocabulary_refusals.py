"""What lint refuses in the vocabulary."""

import pytest
from small_library import (
    ATTRIBUTES,
    BLOCS,
    CATEGORIES,
    EVIDENCE,
    IMPORT_MODES,
    assert_refused,
    files,
    library,
    problems,
)

EXTRA = {
    "categories": CATEGORIES,
    "attributes": ATTRIBUTES,
    "evidence": EVIDENCE,
    "blocs": BLOCS,
    "import_modes": IMPORT_MODES,
}
REFUSALS = {
    "category declared twice in one file": (
        "categories",
        "  gadgets: {parent: goods, title: Again}",
        "gadgets",
        "key `gadgets` stands twice in the same mapping",
        "keep one of them",
    ),
    "unknown parent": (
        "categories",
        "  phones: {parent: gadget, title: Phones}",
        "phones",
        "unknown parent `gadget`",
        "did you mean `gadgets`?",
    ),
    "parent like no other": (
        "categories",
        "  phones: {parent: zzz, title: Phones}",
        "phones",
        "unknown parent `zzz`",
        "declare it as a category",
    ),
    "category below itself": (
        "categories",
        "  phones: {parent: phones, title: Phones}",
        "phones",
        "`phones` lies below itself",
        "mend `parent`",
    ),
    "category in capitals": (
        "categories",
        "  Phones: {parent: goods, title: Phones}",
        "Phones",
        "`Phones` cannot be a name",
        "lower-case letters",
    ),
    "name that is a boolean elsewhere": (
        "categories",
        "  on: {parent: goods, title: Phones}",
        "on",
        "expected a name, but an unquoted `on` is a boolean or null in YAML",
        "in quotes",
    ),
    "HS prefix that is none": (
        "categories",
        '  phones: {parent: goods, title: Phones, hs: ["85.17"]}',
        '"85.17"',
        "`85.17` is no HS prefix",
        "digits",
    ),
    "HS prefix in digits of another script": (
        "categories",
        '  phones: {parent: goods, title: Phones, hs: ["٨٥"]}',
        '"٨٥"',
        "`٨٥` is no HS prefix",
        "digits",
    ),
    "reserved name": (
        "attributes",
        "  any: {of: product, type: boolean, title: Any}",
        "any",
        "`any` cannot be a name",
        "lower-case letters",
    ),
    "unknown type": (
        "attributes",
        "  x: {of: product, type: bool, title: X}",
        "bool",
        "unknown type `bool`",
        "did you mean `boolean`?",
    ),
    "unknown namespace": (
        "attributes",
        "  x: {of: sellers, type: boolean, title: X}",
        "sellers",
        "unknown namespace `sellers`",
        "did you mean `seller`?",
    ),
    "choice without values": (
        "attributes",
        "  x: {of: product, type: choice, title: X}",
        "{of",
        "`x` is a choice without `values`",
        "choice and set list their `values`",
    ),
    "boolean with values": (
        "attributes",
        "  x: {of: product, type: boolean, values: [a], title: X}",
        "{of",
        "`x` is a boolean with `values`",
        "other types have none",
    ),
    "range upside down": (
        "attributes",
        "  x: {of: product, type: number, minimum: 5, maximum: 1, title: X}",
        "1,",
        "`maximum` lies below `minimum`",
        "swap the two",
    ),
    "range of a boolean": (
        "attributes",
        "  x: {of: product, type: boolean, minimum: 5, title: X}",
        "{of",
        "`x` is a boolean with a range",
        "only numbers have one",
    ),
    "evidence without a jurisdiction": (
        "evidence",
        "  permit: {title: Permit}",
        "permit",
        "`permit` cannot be a name",
        "jurisdiction.what",
    ),
    "evidence of no jurisdiction": (
        "evidence",
        "  uk.permit: {title: Permit}",
        "uk.permit",
        "`uk.permit` starts with no country, region or bloc",
        "did you mean `GB`?",
    ),
    "pattern that backtracks": (
        "evidence",
        '  de.x: {title: X, reference_pattern: "([A-Z]+)+"}',
        '"([A-Z]+)+"',
        "the pattern repeats a repetition: matching could take for ever",
        "write the inner part once",
    ),
    "pattern that RE2 refuses": (
        "evidence",
        '  de.x: {title: X, reference_pattern: "(?=A)B"}',
        '"(?=A)B"',
        "not a pattern: invalid perl operator: (?=",
        "no look-around",
    ),
    "bloc in small letters": (
        "blocs",
        "  gcc: {title: Gulf, members: {SA: {from: 1981-05-25}}}",
        "gcc",
        "`gcc` cannot be a name",
        "capital letters",
    ),
    "bloc named as a country": (
        "blocs",
        "  FR: {title: France, members: {FR: {from: 1958-01-01}}}",
        "FR",
        "`FR` is a country",
        "a code of its own",
    ),
    "unknown member": (
        "blocs",
        "  GCC: {title: Gulf, members: {KSA: {from: 1981-05-25}}}",
        "KSA",
        "unknown country `KSA`",
        "did you mean `SA`?",
    ),
    "unquoted Norway": (
        "blocs",
        "  EEA: {title: EEA, members: {NO: {from: 1994-01-01}}}",
        "NO",
        "expected a country, but an unquoted `NO` is a boolean or null in YAML",
        'write "NO" in quotes if you mean Norway',
    ),
    "membership that ends before it starts": (
        "blocs",
        "  GCC: {title: Gulf, members: {SA: {from: 1981-05-25, to: 1981-05-25}}}",
        "1981-05-25}",
        "`to` (1981-05-25) must lie after `from` (1981-05-25)",
        "the first day outside the bloc",
    ),
    "way in to an unknown market": (
        "import_modes",
        "  cbec: {title: Cross-border, markets: [CHN]}",
        "CHN",
        "unknown country `CHN`",
        "did you mean `CN`?",
    ),
    "unknown section": (
        "import_modes",
        "atributes: {}",
        "atributes",
        "unknown key `atributes`",
        "did you mean `attributes`?",
    ),
}


@pytest.mark.parametrize(
    ("section", "line", "at", "message", "hint"), REFUSALS.values(), ids=REFUSALS
)
def test_a_word_is_refused_for_one_wrong_thing(
    section: str, line: str, at: str, message: str, hint: str
) -> None:
    assert_refused(files(**{section: f"{EXTRA[section]}{line}\n"}), at, message, hint)


def test_a_name_declared_in_two_files_is_refused_with_the_first_place() -> None:
    found = files() | {"vocabulary/categories_more.yaml": CATEGORIES}
    shown = [(problem.message, problem.hint) for problem in problems(found)]
    assert len(shown) == 4
    assert shown[0] == ("`goods` is declared twice", "first at vocabulary/categories.yaml:2:3")


def test_one_bad_name_leaves_its_section_standing() -> None:
    lines = CATEGORIES.replace("categories:\n", "categories:\n  no: {title: x}\n")
    assert [problem.place.line for problem in problems(files(categories=lines))] == [2]


def test_a_circle_of_three_categories_is_refused_at_each() -> None:
    circle = "".join(
        f"  {name}: {{parent: {parent}, title: x}}\n" for name, parent in ("ab", "bc", "ca")
    )
    shown = [problem.message for problem in problems(files(categories=CATEGORIES + circle))]
    assert shown == [f"`{name}` lies below itself" for name in "abc"]


def test_a_lineage_goes_up_to_the_root() -> None:
    vocabulary = library().vocabulary
    assert vocabulary.lineage("drones") == ("drones", "gadgets", "goods")
    assert vocabulary.lineage("goods") == ("goods",)


@pytest.mark.parametrize(
    ("hs", "fits"), [("851762", True), ("8517620000", True), ("950300", False), ("847130", False)]
)
def test_an_hs_code_fits_below_a_prefix_of_the_category(hs: str, fits: bool) -> None:
    vocabulary = library().vocabulary
    assert vocabulary.hs_fits(["gadgets"], hs) is fits
    assert vocabulary.hs_fits(["batteries"], hs)  # which names no prefix


def test_a_market_knows_the_ways_in_that_name_it_or_all() -> None:
    modes = IMPORT_MODES + "  cbec: {title: Cross-border, markets: [CN]}\n"
    vocabulary = library(import_modes=modes).vocabulary
    assert vocabulary.modes_of("CN") == ["commercial", "cbec"]
    assert vocabulary.modes_of("DE") == ["commercial"]
