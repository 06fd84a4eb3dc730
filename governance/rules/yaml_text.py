"""Strict YAML: no aliases, no tags, no duplicate keys; scalars stay text until they are typed."""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import AliasEvent

from governance.rules.problems import Place, Problem

# libyaml's parser where PyYAML was built with it: ten times as fast, same events.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# More than a person reviews; and what a file full of unknown names costs grows with its square.
MAX_FILE_BYTES = 64_000
MAX_DEPTH = 20
# What YAML 1.1 leaves out of its character set: controls, and halves of a pair (text that was not
# UTF-8 arrives as those). Looked for here, because libyaml does not say where one stands.
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar as it was written; `plain` when it stood without quotes."""

    text: str
    plain: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Items:
    """A sequence."""

    items: tuple["Node", ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping; `keys` holds where each key stands."""

    values: dict[str, "Node"]
    keys: dict[str, Scalar]
    place: Place


Node = Scalar | Items | Entries


@dataclass
class _Composer:
    """Builds nodes from the parser's events, collecting what the language forbids."""

    file: str
    parser: Any
    problems: list[Problem] = field(default_factory=list)

    def place(self, mark: Any) -> Place:
        return Place(self.file, mark.line + 1, mark.column + 1)

    def node(self, depth: int) -> Node:
        event = self.parser.get_event()
        place = self.place(event.start_mark)
        if depth > MAX_DEPTH:
            raise _Stop(Problem(place, f"nested deeper than {MAX_DEPTH} levels", "flatten it"))
        if isinstance(event, AliasEvent):
            raise _Stop(
                Problem(place, f"alias `*{event.anchor}` is not allowed", "write the value out")
            )
        if event.anchor is not None:
            raise _Stop(
                Problem(place, f"anchor `&{event.anchor}` is not allowed", "write the value out")
            )
        if event.tag is not None:
            raise _Stop(
                Problem(place, f"tag `{event.tag}` is not allowed", "the schema types the values")
            )
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, not event.style, place)
        if isinstance(event, yaml.SequenceStartEvent):
            items = []
            while not self.parser.check_event(yaml.SequenceEndEvent):
                items.append(self.node(depth + 1))
            self.parser.get_event()
            return Items(tuple(items), place)
        return self.entries(place, depth)

    def entries(self, place: Place, depth: int) -> Entries:
        values: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        while not self.parser.check_event(yaml.MappingEndEvent):
            key = self.node(depth + 1)
            if not isinstance(key, Scalar):
                raise _Stop(Problem(key.place, "a key must be a plain word", "write key: value"))
            value = self.node(depth + 1)
            if key.text in values:
                first = keys[key.text].place
                self.problems.append(
                    Problem(
                        key.place,
                        f"key `{key.text}` stands twice in the same mapping",
                        f"the first one is at line {first.line}: keep one of them",
                    )
                )
            else:
                values[key.text], keys[key.text] = value, key
        self.parser.get_event()
        return Entries(values, keys, place)


class _Stop(Exception):
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


def parse(
    file: str, text: str, *, of: str = "rules", most_bytes: int = MAX_FILE_BYTES
) -> tuple[Entries | None, list[Problem]]:
    """Read one file into nodes; problems instead of an exception, None when it cannot be read.

    `of` says in hints what the file holds. Refused: more than `most_bytes`, more than `MAX_DEPTH`
    levels, control characters, aliases, anchors, tags, duplicate keys, more than one document, a
    top level that is no mapping.
    """
    unfit = _unfit(file, text, of, most_bytes)
    if unfit:
        return None, [unfit]
    parser = _Loader(text)
    composer = _Composer(file, parser)
    try:
        parser.get_event()  # stream start
        if parser.check_event(yaml.StreamEndEvent):
            return None, [Problem(Place(file), "the file is empty", "delete it, or fill it")]
        parser.get_event()  # document start
        root = composer.node(0)
        parser.get_event()  # document end
        if not parser.check_event(yaml.StreamEndEvent):
            place = composer.place(parser.peek_event().start_mark)
            raise _Stop(Problem(place, "a second document in one file", "one file, one document"))
        if not isinstance(root, Entries):
            raise _Stop(
                Problem(root.place, "the file must be a mapping at its top level", f"write {of}: …")
            )
    except _Stop as stop:
        return None, [*composer.problems, stop.problem]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = min(composer.place(mark), _last_of(file, text)) if mark else Place(file)
        hint = "mend the indentation, the quotes or the brackets here or just above"
        problem = Problem(place, f"not YAML: {error.problem or error.context}", hint)
        return None, [*composer.problems, problem]
    finally:
        parser.dispose()
    return root, composer.problems


def _unfit(file: str, text: str, of: str, most_bytes: int) -> Problem | None:
    """What keeps a text from being parsed at all: its size, or a character."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > most_bytes:
        return Problem(
            Place(file),
            f"the file has {size:,} bytes; at most {most_bytes:,} are read",
            "split it by topic",
        )
    forbidden = _FORBIDDEN.search(text)
    if forbidden is None:
        return None
    return Problem(
        _last_of(file, text[: forbidden.start()] + "?"),
        f"the character U+{ord(forbidden[0]):04X} cannot stand in a {of} file",
        "delete it; files are UTF-8 without control characters",
    )


def _last_of(file: str, text: str) -> Place:
    """Where the last character of `text` stands, line breaks aside."""
    lines = text.rstrip().splitlines() or [""]
    return Place(file, len(lines), max(1, len(lines[-1])))
