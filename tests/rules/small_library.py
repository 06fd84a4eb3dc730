"""A small library that is right in everything, for tests to break in one thing each."""

from collections.abc import Mapping

from governance.rules.library import load_library, read_library
from governance.rules.model import Library
from governance.rules.problems import Problem

CATEGORIES = """\
categories:
  goods: {title: All goods}
  gadgets: {parent: goods, title: Gadgets, hs: ["85"]}
  drones: {parent: gadgets, title: Drones}
  batteries: {parent: goods, title: Batteries}
"""
ATTRIBUTES = """\
attributes:
  contains_radio: {of: product, type: boolean, title: Sends or receives radio}
  cells: {of: product, type: integer, title: Battery cells, minimum: 0}
  emission_mw:
    {of: product, type: number, unit: mW, title: Radiant power, minimum: 0, maximum: 5000}
  colour: {of: product, type: choice, values: [red, green, blue], title: Colour}
  materials: {of: product, type: set, values: [leather, wood, steel], title: Materials}
  made_in: {of: product, type: country, title: Country of manufacture}
  hs: {of: product, type: hs_code, title: HS code}
  made_on: {of: product, type: date, title: Day of manufacture}
  model_name: {of: product, type: string, title: Model}
"""
EVIDENCE = """\
evidence_types:
  de.declaration:
    {title: Declaration, description: A signed paper., reference_pattern: "DE-[0-9]{6}"}
  de.permit: {title: Permit, description: A permit.}
"""
BLOCS = """\
blocs:
  EU:
    title: European Union
    members:
      DE: {from: 1958-01-01}
      GB: {from: 1973-01-01, to: 2021-01-01}
  EFTA:
    title: European Free Trade Association
    members:
      "NO": {from: 1960-05-03}
"""
IMPORT_MODES = "import_modes:\n  commercial: {title: For sale, markets: all}\n"
VOCABULARY = {
    "vocabulary/categories.yaml": CATEGORIES,
    "vocabulary/attributes/product.yaml": ATTRIBUTES,
    "vocabulary/evidence/DE.yaml": EVIDENCE,
    "vocabulary/blocs.yaml": BLOCS,
    "vocabulary/import_modes.yaml": IMPORT_MODES,
}
SALE = "sale/DE/gadgets.yaml"
SOURCE = (
    "{citation: An Act, url: https://example.org/act, rank: primary, "
    "read_on: 2026-11-22, certainty: high}"
)
_RULE = {
    "id": "de.gadgets.radio",
    "title": "A gadget with a radio needs a declaration",
    "status": "in_force",
    "from": "2020-01-01",
    "category": "gadgets",
    "when": "{contains_radio: true}",
    "effect": "require",
    "evidence": "[de.declaration]",
    "source": SOURCE,
    "cases": "{fires: [{contains_radio: true}], silent: [{contains_radio: false}], "
    "undetermined: [{}]}",
}
UNCONDITIONAL = {
    "when": None,
    "cases": "{fires: [{}], silent: [{as_of: 2019-12-31}]}",
}
PROHIBIT = {"effect": "prohibit", "evidence": None}


def rule(**fields: str | None) -> str:
    """A good rule with some fields written otherwise, or left out (None); `start` is `from`."""
    named = {"from" if name == "start" else name: text for name, text in fields.items()}
    written = {name: text for name, text in (_RULE | named).items() if text is not None}
    return "\n".join(
        f"  {'- ' if index == 0 else '  '}{name}: {text}"
        for index, (name, text) in enumerate(written.items())
    )


def derive(**fields: str | None) -> str:
    """A good derive rule: what contains radio has red colour."""
    return rule(**{"id": "classify.x", "effect": "derive", "evidence": None, **fields})


def rules(*texts: str) -> str:
    return "rules:\n" + "\n".join(texts) + "\n"


def files(**others: str) -> dict[str, str]:
    """The vocabulary and one good rule; `sale=`, `classification=` and so on replace or add."""
    paths = {
        "sale": SALE,
        "classification": "classification/x.yaml",
        "categories": "vocabulary/categories.yaml",
        "attributes": "vocabulary/attributes/product.yaml",
        "evidence": "vocabulary/evidence/DE.yaml",
        "blocs": "vocabulary/blocs.yaml",
        "import_modes": "vocabulary/import_modes.yaml",
    }
    return VOCABULARY | {SALE: rules(rule())} | {paths[name]: t for name, t in others.items()}


def library(**others: str) -> Library:
    """The library of `files(…)`, which must be clean."""
    return load_library(files(**others))


def problems(found: Mapping[str, str]) -> list[Problem]:
    return read_library(found)[1]


def assert_refused(found: Mapping[str, str], at: str, message: str, hint: str) -> None:
    """Exactly one problem: its caret stands under `at`, and it says `message` and `hint`."""
    first, *others = problems(found)
    assert not others, [problem.message for problem in others]
    assert first.message == message
    assert first.hint is not None
    assert hint in first.hint
    head, line, caret, shown_hint = first.render(found).split("\n")
    assert head == f"{first.place}: {message}"
    assert line[caret.index("^") :].startswith(at), f"{line}\n{caret}"
    assert caret.strip() == "^"
    assert shown_hint == f"    hint: {first.hint}"
    source = found[first.place.file].splitlines()[first.place.line - 1]
    assert source[first.place.column - 1 :].startswith(at)
