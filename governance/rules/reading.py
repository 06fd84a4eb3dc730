"""Typed reading of nodes: each method returns a value of the wanted type, or notes a problem."""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from governance.markets import countries
from governance.rules.problems import Place, Problem, did_you_mean
from governance.rules.yaml_text import Entries, Items, Node, Scalar

_INTEGER = re.compile(r"-?(0|[1-9]\d*)")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
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
    return "a list" if isinstance(node, Items) else f"`{node.text}`"


def scalar(node: Node, wanted: str) -> Scalar:
    if not isinstance(node, Scalar):
        raise Unreadable(node.place, f"expected {wanted}, found {kind(node)}")
    return node


def text(node: Node, wanted: str = "text") -> str:
    """Text; an unquoted word that other YAML readers take for a boolean or null is refused."""
    found = scalar(node, wanted)
    if found.plain and found.text.lower() in _AMBIGUOUS:
        raise Unreadable(
            found.place,
            f"expected {wanted}, but an unquoted `{found.text}` is a boolean or null in YAML",
            f'write "{found.text}" in quotes'
            + (" if you mean Norway" if found.text.upper() == "NO" else ""),
        )
    return found.text


def boolean(node: Node) -> bool:
    found = scalar(node, "true or false")
    if not found.plain or found.text not in ("true", "false"):
        raise Unreadable(found.place, f"expected true or false, found `{found.text}`")
    return found.text == "true"


def integer(node: Node) -> int:
    found = scalar(node, "a whole number")
    if not found.plain or not _INTEGER.fullmatch(found.text):
        raise Unreadable(
            found.place,
            f"expected a whole number, found `{found.text}`",
            "no quotes, no leading zero, no fraction",
        )
    return int(found.text)


def number(node: Node) -> float:
    found = scalar(node, "a number")
    if not found.plain or not _NUMBER.fullmatch(found.text):
        raise Unreadable(
            found.place,
            f"expected a number, found `{found.text}`",
            "write it as 5 or 0.5, unquoted",
        )
    return float(found.text) if "." in found.text else int(found.text)


def day(node: Node) -> date:
    found = scalar(node, "a date")
    try:
        if _DATE.fullmatch(found.text):
            return date.fromisoformat(found.text)
    except ValueError:
        pass
    raise Unreadable(found.place, f"`{found.text}` is no date", "write YYYY-MM-DD")


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
    """An ISO 3166-1 country, or one of `also` (blocs, regions)."""
    code = text(node, "a country")
    if code in countries.country_codes() or code in also or countries.is_region(code):
        return code
    suggestion = countries.suggest_country(code)
    raise Unreadable(
        node.place,
        f"unknown country `{code}`",
        f"did you mean `{suggestion}`?" if suggestion else "use an ISO 3166-1 alpha-2 code",
    )


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
    known = [*required, *optional]
    for name, key in found.keys.items():
        if name not in known:
            problems.add(
                key.place,
                f"unknown key `{name}`",
                did_you_mean(name, known) or f"known keys: {', '.join(known)}",
            )
    for name in required:
        if name not in found.values:
            raise Unreadable(found.place, f"`{name}` is missing", f"add `{name}: …`")
    return found


def mapping(node: Node) -> Entries:
    """Any mapping."""
    if not isinstance(node, Entries):
        raise Unreadable(node.place, f"expected a mapping, found {kind(node)}")
    return node


def section(root: Entries, name: str) -> Iterator[tuple[str, Scalar, Node]]:
    """The named children of a top-level section: name, where it stands, its node."""
    if name in root.values:
        children = mapping(root.values[name])
        for child, node in children.values.items():
            text(children.keys[child])
            yield child, children.keys[child], node
