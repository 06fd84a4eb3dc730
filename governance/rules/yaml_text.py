"""Strict YAML: no aliases, no tags, no duplicate keys; scalars stay text until they are typed."""

from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import AliasEvent

from governance.rules.problems import Place, Problem

# libyaml's parser where PyYAML was built with it: ten times as fast, same events.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MAX_FILE_BYTES = 200_000
MAX_DEPTH = 20


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
                raise _Stop(Problem(key.place, "a key must be a plain word", None))
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


def parse(file: str, text: str) -> tuple[Entries | None, list[Problem]]:
    """Read one file into nodes; problems instead of an exception, None when it cannot be read.

    Refused: more than `MAX_FILE_BYTES`, more than `MAX_DEPTH` levels, aliases, anchors, tags,
    duplicate keys, more than one document, a top level that is no mapping.
    """
    size = len(text.encode())
    if size > MAX_FILE_BYTES:
        return None, [
            Problem(
                Place(file),
                f"the file has {size:,} bytes; at most {MAX_FILE_BYTES:,} are read",
                "split it by topic",
            )
        ]
    try:
        parser = _Loader(text)
    except yaml.YAMLError as error:  # a control character, say
        return None, [Problem(Place(file), f"not YAML: {error}", None)]
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
            raise _Stop(Problem(root.place, "the file must be a mapping at its top level", None))
    except _Stop as stop:
        return None, [*composer.problems, stop.problem]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = composer.place(mark) if mark else Place(file)
        return None, [Problem(place, f"not YAML: {error.problem or error.context}", None)]
    except yaml.YAMLError as error:
        return None, [Problem(Place(file), f"not YAML: {error}", None)]
    finally:
        parser.dispose()
    return root, composer.problems
