"""Reads `rulesets/vocabulary/`."""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, get_args

from governance.markets.blocs import Bloc, Membership
from governance.markets.countries import country_codes, is_region
from governance.rules import reading
from governance.rules.patterns import pattern_fault
from governance.rules.problems import did_you_mean
from governance.rules.reading import Problems, Unreadable
from governance.rules.vocabulary import (
    Attribute,
    AttributeType,
    Category,
    EvidenceType,
    ImportMode,
    Namespace,
    Vocabulary,
)
from governance.rules.yaml_text import Entries, Node, Scalar

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_EVIDENCE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9][a-z0-9_-]*)+")
_BLOC_CODE = re.compile(r"[A-Z][A-Z_]{1,15}")
_RESERVED = ("any", "not", "as_of", "category")
_SECTIONS = ("categories", "attributes", "evidence_types", "blocs", "import_modes")

T = TypeVar("T")


def read_vocabulary(documents: Iterable[Entries], problems: Problems) -> Vocabulary:
    """The vocabulary of all given files; what is wrong is noted and left out."""
    categories: dict[str, Category] = {}
    attributes: dict[str, Attribute] = {}
    evidence_types: dict[str, EvidenceType] = {}
    blocs: dict[str, Bloc] = {}
    import_modes: dict[str, ImportMode] = {}
    places: dict[str, Scalar] = {}
    readers: dict[str, tuple[dict[str, Any], Callable[..., Any]]] = {
        "categories": (categories, _category),
        "attributes": (attributes, _attribute),
        "evidence_types": (evidence_types, _evidence_type),
        "blocs": (blocs, _bloc),
        "import_modes": (import_modes, _import_mode),
    }
    for document in documents:
        reading.entries(document, problems, required=(), optional=_SECTIONS)
        for section, (into, read) in readers.items():
            with problems.collect():
                for name, key, node in reading.section(document, section):
                    if name in into:
                        first = places[f"{section} {name}"].place
                        problems.add(key.place, f"`{name}` is declared twice", f"first at {first}")
                        continue
                    places[f"{section} {name}"] = key
                    with problems.collect():
                        into[name] = read(key, node, problems)
    for category in categories.values():
        if category.parent is not None and category.parent not in categories:
            problems.add(
                places[f"categories {category.name}"].place,
                f"unknown parent `{category.parent}`",
                did_you_mean(category.parent, categories) or "declare it as a category",
            )
    for evidence in evidence_types.values():
        code = evidence.jurisdiction
        if not evidence.observed and not (
            code in country_codes() or is_region(code) or code in blocs
        ):
            problems.add(
                places[f"evidence_types {evidence.name}"].place,
                f"`{evidence.name}` starts with no country, region or bloc",
                reading.suggest_place(code, blocs),
            )
    vocabulary = Vocabulary(categories, attributes, evidence_types, blocs, import_modes)
    for name in categories:
        if categories[vocabulary.lineage(name)[-1]].parent in vocabulary.lineage(name):
            problems.add(
                places[f"categories {name}"].place, f"`{name}` lies below itself", "mend `parent`"
            )
    return vocabulary


def _checked_name(key: Scalar, pattern: re.Pattern[str], form: str) -> str:
    reading.text(key, "a name")
    if not pattern.fullmatch(key.text) or key.text in _RESERVED:
        raise Unreadable(key.place, f"`{key.text}` cannot be a name", form)
    return key.text


def _optional(entries: Entries, name: str, read: Callable[[Node], T]) -> T | None:
    return read(entries.values[name]) if name in entries.values else None


def _category(key: Scalar, node: Node, problems: Problems) -> Category:
    found = reading.entries(node, problems, required=["title"], optional=["parent", "hs"])
    return Category(
        name=_checked_name(key, _NAME, "lower-case letters, digits and _"),
        title=reading.text(found.values["title"]),
        parent=_optional(found, "parent", reading.text),
        hs=_optional(found, "hs", lambda hs: reading.listed(hs, reading.hs_prefix)) or (),
    )


def _attribute(key: Scalar, node: Node, problems: Problems) -> Attribute:
    found = reading.entries(
        node,
        problems,
        required=["of", "type", "title"],
        optional=["values", "unit", "minimum", "maximum", "note"],
    )
    of: Namespace = reading.one_of(found.values["of"], get_args(Namespace), "namespace")  # type: ignore[assignment]
    typed: AttributeType = reading.one_of(  # type: ignore[assignment]
        found.values["type"], get_args(AttributeType), "type"
    )
    values = _optional(found, "values", lambda v: reading.listed(v, reading.text)) or ()
    if (typed in ("choice", "set")) != bool(values):
        raise Unreadable(
            node.place,
            f"`{key.text}` is a {typed}" + (" without" if not values else " with") + " `values`",
            "choice and set list their `values`, other types have none",
        )
    minimum = _optional(found, "minimum", reading.number)
    maximum = _optional(found, "maximum", reading.number)
    if (minimum, maximum) != (None, None) and typed not in ("integer", "number"):
        raise Unreadable(
            node.place, f"`{key.text}` is a {typed} with a range", "only numbers have one"
        )
    if minimum is not None and maximum is not None and maximum < minimum:
        raise Unreadable(
            found.values["maximum"].place, "`maximum` lies below `minimum`", "swap the two"
        )
    return Attribute(
        name=_checked_name(key, _NAME, "lower-case letters, digits and _"),
        of=of,
        type=typed,
        title=reading.text(found.values["title"]),
        values=values,
        unit=_optional(found, "unit", reading.text),
        minimum=minimum,
        maximum=maximum,
        note=_optional(found, "note", reading.text),
    )


def _evidence_type(key: Scalar, node: Node, problems: Problems) -> EvidenceType:
    found = reading.entries(
        node, problems, required=["title"], optional=["description", "reference_pattern"]
    )
    name = _checked_name(key, _EVIDENCE_NAME, "jurisdiction.what, as in eu.responsible_person")
    pattern = _optional(found, "reference_pattern", reading.text)
    if pattern is not None and (fault := pattern_fault(pattern)):
        raise Unreadable(found.values["reference_pattern"].place, *fault)
    return EvidenceType(
        name=name,
        title=reading.text(found.values["title"]),
        description=_optional(found, "description", reading.text) or "",
        jurisdiction=name.partition(".")[0].upper(),
        reference_pattern=pattern,
    )


def _bloc(key: Scalar, node: Node, problems: Problems) -> Bloc:
    found = reading.entries(node, problems, required=["title", "members"])
    if key.text in country_codes():
        raise Unreadable(
            key.place, f"`{key.text}` is a country", "a bloc has a code of its own, as in EU"
        )
    members: dict[str, Membership] = {}
    listed = reading.mapping(found.values["members"])
    for code, child in listed.values.items():
        with problems.collect():
            reading.country(listed.keys[code])
            span = reading.entries(child, problems, required=["from"], optional=["to"])
            start = reading.day(span.values["from"])
            end = _optional(span, "to", reading.day)
            if end is not None and end <= start:
                raise Unreadable(
                    span.values["to"].place,
                    f"`to` ({end}) must lie after `from` ({start})",
                    "`to` is the first day outside the bloc",
                )
            members[code] = Membership(start, end)
    return Bloc(
        _checked_name(key, _BLOC_CODE, "capital letters, as in EU"),
        reading.text(found.values["title"]),
        members,
    )


def _import_mode(key: Scalar, node: Node, problems: Problems) -> ImportMode:
    found = reading.entries(node, problems, required=["title", "markets"])
    markets = found.values["markets"]
    every = isinstance(markets, Scalar) and markets.text == "all"
    return ImportMode(
        _checked_name(key, _NAME, "lower-case letters, digits and _"),
        reading.text(found.values["title"]),
        None if every else reading.listed(markets, reading.country),
    )
