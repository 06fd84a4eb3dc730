"""Reads providers from YAML or JSON, strictly: every error says where, and nothing is passed over.

A text holds one provider, or several under `providers`.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from governance.errors import FieldError, InvalidRequest
from governance.problems import field_errors
from governance.providers.checks import MOST_ERRORS, faults
from governance.providers.documents import ProviderDocument
from governance.rules.vocabulary import Vocabulary
from governance.rules.yaml_text import Entries, Items, Node, Scalar, parse

MOST_BYTES = 1_000_000
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Source:
    """A text to read and the name that errors give it; JSON, or else YAML."""

    name: str
    text: str
    is_json: bool = False


def read_documents(sources: Sequence[Source], vocabulary: Vocabulary) -> list[ProviderDocument]:
    """Every provider of the sources, checked.

    Raises InvalidRequest with all that is wrong in all of them: the field's pointer, and for YAML
    file, line and column.
    """
    documents: list[ProviderDocument] = []
    errors: list[FieldError] = []
    for source in sources:
        for read in _read(source, vocabulary):
            if isinstance(read, FieldError):
                errors.append(read)
            elif read.id in {one.id for one in documents}:
                message = f"{source.name}: provider `{read.id}` stands there twice"
                errors.append(FieldError("/id", message, "keep one of them"))
            else:
                documents.append(read)
    if errors:
        raise InvalidRequest(errors[0].message, errors=errors[:MOST_ERRORS])
    return documents


def _read(source: Source, vocabulary: Vocabulary) -> Iterator[ProviderDocument | FieldError]:
    root: Node | None = None
    if source.is_json:
        try:
            value = _json(source.text)
        except (ValueError, RecursionError) as error:
            yield FieldError("", f"{source.name}: {_why(error)}", "mend the JSON there")
            return
    else:
        root, problems = parse(source.name, source.text, of="providers", most_bytes=MOST_BYTES)
        for problem in problems:
            yield FieldError("", f"{problem.place}: {problem.message}", problem.hint)
        if root is None or problems:
            return
        value = _plain(root)
    several = isinstance(value, dict) and "providers" in value
    if several and (len(value) > 1 or not isinstance(value["providers"], list)):
        message = f"{source.name}: `providers` is a list, and stands alone"
        yield FieldError("/providers", message, "write providers: [ … ] and nothing beside it")
        return
    for number, one in enumerate(value["providers"] if several else [value]):
        at = f"/providers/{number}" if several else ""
        for read in _document(one, vocabulary):
            if isinstance(read, FieldError):
                pointer = at + read.field
                yield FieldError(pointer, _placed(source, root, pointer, read), read.hint)
            else:
                yield read


def _document(value: Any, vocabulary: Vocabulary) -> Iterator[ProviderDocument | FieldError]:
    try:
        document = ProviderDocument.model_validate(value)
    except ValidationError as error:
        yield from field_errors(error.errors(include_url=False))
        return
    errors = faults(document, vocabulary)
    yield from errors
    if not errors:
        yield document


def _placed(source: Source, root: Node | None, pointer: str, error: FieldError) -> str:
    """The message with where it is: line and column of the deepest part that is there."""
    node = root
    if node is None:
        return f"{source.name}: {error.message}"
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, Entries) and name in node.values:
            node = node.values[name]
        elif isinstance(node, Items) and name.isdecimal() and int(name) < len(node.items):
            node = node.items[int(name)]
        else:
            break
    return f"{node.place}: {error.message}"


def _plain(node: Node) -> Any:
    """The value with the types of JSON only: a date, `NO` and `12:30` stay text."""
    if isinstance(node, Entries):
        return {name: _plain(value) for name, value in node.values.items()}
    if isinstance(node, Items):
        return [_plain(item) for item in node.items]
    return _scalar(node)


def _scalar(node: Scalar) -> str | bool | int | float | None:
    if not node.plain:
        return node.text
    if node.text in _WORDS:
        return _WORDS[node.text]
    if _INTEGER.fullmatch(node.text):
        return int(node.text)
    return float(node.text) if _NUMBER.fullmatch(node.text) else node.text


def _json(text: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise ValueError(f"`{name}` stands twice in the same object")
            found[name] = value
        return found

    def refuse(constant: str) -> None:
        raise ValueError(f"`{constant}` is no number of JSON")

    return json.loads(text, object_pairs_hook=once, parse_constant=refuse)


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}: not JSON: {error.msg}"
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
