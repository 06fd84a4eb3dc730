"""Typed reading of nodes: each method returns a value of the wanted type, or notes a problem."""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from governance.markets import countries
from governance.rules.problems import Place, Problem, did_you_mean
from governance.rules.yaml_text import Entries, Items, Node, Scalar

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_HS_PREFIX = re.compile(r"[0-9]{2,6}")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?")
# Words that YAML 1.1 tools turn into booleans or null when they stand without quotes.
_AMBIGUOUS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", ""}

_LISTABLE = 12

T = TypeVar("T")


class Unreadable(Exception):
    """A node that is not of the wanted type."""

    def __init__(self, place: Place, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.problem = Problem(place, message, hint)


@dataclass
class Problems:
    """Collects what is wrong, so that one reading reports everything."""

    found: list[Problem] = field(default_factory=list)

    def add(self, place: Place, message: str, hint: str | None = None) -> None:
        self.found.append(Problem(place, message, hint))

    @contextmanager
    def collect(self) -> Iterator[None]:
        """Notes an `Unreadable` of the block and goes on after it."""
        try:
            yield
        except Unreadable as unreadable:
            self.found.append(unreadable.problem)


def kind(node: Node) -> str:
    """What a node is, in words."""
    if isinstance(node, Entries):
        return "a mapping"
    if isinstance(node, Items):
        return "a list"
    return f"`{node.text}`" if node.plain else f'`"{node.text}"`'


def scalar(node: Node, wanted: str) -> Scalar:
    """A single value; `wanted` says in words what should have stood there. Raises Unreadable."""
    if not isinstance(node, Scalar):
        raise Unreadable(node.place, f"expected {wanted}, found {kind(node)}", "write one value")
    return node


def text(node: Node, wanted: str = "text") -> str:
    """Text that says something; an unquoted word that other YAML readers take for a boolean or null
    is refused.
    """
    found = scalar(node, wanted)
    if found.plain and found.text.lower() in _AMBIGUOUS:
        raise Unreadable(
            found.place,
            f"expected {wanted}, but an unquoted `{found.text}` is a boolean or null in YAML",
            f'write "{found.text}" in quotes'
            + (" if you mean Norway" if found.text.upper() == "NO" else ""),
        )
    if not found.text.strip():
        raise Unreadable(found.place, f"expected {wanted}, found nothing", "fill it, or drop it")
    return found.text


def boolean(node: Node) -> bool:
    """Plain `true` or `false`, and no other word. Raises Unreadable."""
    found = scalar(node, "true or false")
    if not found.plain or found.text not in ("true", "false"):
        raise Unreadable(
            found.place,
            f"expected true or false, found {kind(found)}",
            "write true or false, without quotes",
        )
    return found.text == "true"


def integer(node: Node) -> int:
    """A plain whole number of at most 15 digits. Raises Unreadable."""
    found = scalar(node, "a whole number")
    if not found.plain or not _INTEGER.fullmatch(found.text):
        raise Unreadable(
            found.place,
            f"expected a whole number, found {kind(found)}",
            "no quotes, no leading zero, no fraction, at most 15 digits",
        )
    return int(found.text)


def number(node: Node) -> float:
    """A plain decimal number of at most 15 digits on either side. Raises Unreadable."""
    found = scalar(node, "a number")
    if not found.plain or not _NUMBER.fullmatch(found.text):
        raise Unreadable(
            found.place,
            f"expected a number, found {kind(found)}",
            "write it as 5 or 0.5, without quotes, at most 15 digits on either side",
        )
    return float(found.text) if "." in found.text else int(found.text)


def day(node: Node) -> date:
    """A day, YYYY-MM-DD. Raises Unreadable."""
    found = scalar(node, "a date")
    read = iso_date(found.text)
    if read is None:
        raise Unreadable(found.place, f"`{found.text}` is no date", "write YYYY-MM-DD")
    return read


def iso_date(written: str) -> date | None:
    """The day written as YYYY-MM-DD; None for anything else that ISO 8601 allows (2026-W47-7)."""
    try:
        read = date.fromisoformat(written)
    except ValueError:
        return None
    return read if read.isoformat() == written else None


def one_of(node: Node, allowed: Collection[str], what: str) -> str:
    """A word out of `allowed`."""
    word = text(node, what)
    if word not in allowed:
        raise Unreadable(
            node.place,
            f"unknown {what} `{word}`",
            did_you_mean(word, allowed)
            or (
                f"one of: {', '.join(sorted(allowed))}"
                if len(allowed) <= _LISTABLE
                else "declare it in rulesets/vocabulary/"
            ),
        )
    return word


def country(node: Node, also: Collection[str] = ()) -> str:
    """An ISO 3166-1 country, or one of `also` (blocs)."""
    code = text(node, "a country")
    if code in countries.country_codes() or code in also:
        return code
    raise Unreadable(node.place, f"unknown country `{code}`", suggest_place(code, also))


def place(node: Node, also: Collection[str] = ()) -> str:
    """An ISO 3166-1 country, an ISO 3166-2 region, or one of `also` (blocs)."""
    code = text(node, "a country or region")
    return code if countries.is_region(code) else country(node, also)


def suggest_place(code: str, blocs: Collection[str]) -> str:
    """A hint what an unknown country, region or bloc may have meant."""
    if countries.is_region(code.upper()) and code != code.upper():
        return f"did you mean `{code.upper()}`?"
    country_of = countries.country_of(code)
    if "-" in code and country_of in countries.country_codes():
        region = "" if countries.is_region(code) else "no such region; "
        return f"{region}the country is `{country_of}`"
    suggestion = countries.suggest_country(code)
    return (
        did_you_mean(code.upper(), blocs)
        or (f"did you mean `{suggestion}`?" if suggestion else None)
        or "use an ISO 3166-1 alpha-2 code, or a bloc of rulesets/vocabulary/"
    )


def hs_prefix(node: Node) -> str:
    """A prefix of the Harmonized System: its chapters, headings and subheadings."""
    prefix = text(node, "an HS prefix")
    if not _HS_PREFIX.fullmatch(prefix):
        raise Unreadable(
            node.place, f"`{prefix}` is no HS prefix", 'two to six digits, quoted: "3304"'
        )
    return prefix


def listed(node: Node, read: Callable[[Node], T]) -> tuple[T, ...]:
    """A list of values."""
    if not isinstance(node, Items):
        raise Unreadable(node.place, f"expected a list, found {kind(node)}", "write [a, b]")
    if not node.items:
        raise Unreadable(node.place, "the list is empty", "name something, or leave it out")
    return tuple(read(item) for item in node.items)


def one_or_more(node: Node, read: Callable[[Node], T]) -> tuple[T, ...]:
    """A list of values, or one value in place of a list of one."""
    return listed(node, read) if isinstance(node, Items) else (read(node),)


def entries(
    node: Node, problems: Problems, *, required: Collection[str], optional: Collection[str] = ()
) -> Entries:
    """A mapping with the required keys; an unknown key is noted with a hint.

    Raises:
        Unreadable: it is no mapping, or lacks a required key.
    """
    found = mapping(node)
    _note_unknown_keys(found, [*required, *optional], problems)
    lacking = _lacking(found, required)
    if lacking:
        raise Unreadable(found.place, *lacking)
    return found


class Fields:
    """The fields of a mapping, read one by one, so that one reading reports all that are wrong.

    `readable` turns false with the first that is missing or not of its type; the others are worth
    nothing then.
    """

    def __init__(
        self,
        node: Node,
        problems: Problems,
        *,
        required: Collection[str],
        optional: Collection[str] = (),
    ) -> None:
        self.found = mapping(node)
        self._problems = problems
        _note_unknown_keys(self.found, [*required, *optional], problems)
        lacking = _lacking(self.found, required)
        self.readable = not lacking
        if lacking:
            problems.add(self.found.place, *lacking)

    def read(self, name: str, how: Callable[[Node], Any], default: Any = None) -> Any:
        """The field's value; the default where it is left out, or where it is noted as wrong."""
        if name not in self.found.values:
            return default
        try:
            return how(self.found.values[name])
        except Unreadable as unreadable:
            self._problems.found.append(unreadable.problem)
            self.readable = False
            return default


def _note_unknown_keys(found: Entries, known: list[str], problems: Problems) -> None:
    for name, key in found.keys.items():
        if name not in known:
            problems.add(
                key.place,
                f"unknown key `{name}`",
                did_you_mean(name, known) or f"known keys: {', '.join(known)}",
            )


def _lacking(found: Entries, required: Collection[str]) -> tuple[str, str] | None:
    names = [f"`{name}`" for name in required if name not in found.values]
    if not names:
        return None
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} missing", "add what is missing"


def mapping(node: Node) -> Entries:
    """Any mapping."""
    if not isinstance(node, Entries):
        raise Unreadable(
            node.place, f"expected a mapping, found {kind(node)}", "write it as key: value"
        )
    return node


def section(root: Entries, name: str) -> Iterator[tuple[str, Scalar, Node]]:
    """The named children of a top-level section: name, where it stands, its node."""
    if name in root.values:
        children = mapping(root.values[name])
        for child, node in children.values.items():
            yield child, children.keys[child], node
