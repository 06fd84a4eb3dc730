"""Reads an eligibility request from a JSON or YAML file."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from governance.eligibility.schemas import EligibilityRequest
from governance.errors import InvalidRequest
from governance.problems import field_errors


class _JsonTypes(yaml.SafeLoader):
    """YAML with the types of JSON only: a date, `NO` and `12:30` stay text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping in which every name stands once: of two, one would be ignored."""
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        for key, _ in node.value:
            if names.count(key.value) > 1:
                raise yaml.MarkedYAMLError(
                    problem=f"`{key.value}` stands there twice", problem_mark=key.start_mark
                )
        return super().construct_mapping(node, deep)


_JsonTypes.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("int", r"^-?(?:0|[1-9][0-9]*)$", "-0123456789"),
    ("float", r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$", "-0123456789"),
):
    _JsonTypes.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first)
    )


def read_request(file: Path, as_of: str | None) -> EligibilityRequest:
    """The request in `file` (`-`: standard input), on the day `as_of` if one is given.

    Raises:
        InvalidRequest: the file cannot be read, or a field of it is wrong.
    """
    name = "standard input" if str(file) == "-" else str(file)
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        document = _parsed(data.decode("utf-8"))
    except OSError as error:
        raise InvalidRequest(f"{name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{name} is not UTF-8 at byte {error.start}") from error
    except yaml.MarkedYAMLError as error:
        raise InvalidRequest(f"{_place(name, error)}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise InvalidRequest(f"{name} is no text that YAML allows: {error}") from error
    except RecursionError as error:
        raise InvalidRequest(f"{name}: lists and objects are nested too deeply") from error
    except ValueError as error:
        raise InvalidRequest(f"{name}: it holds a number of too many digits") from error
    if isinstance(document, dict) and as_of is not None:
        document["as_of"] = as_of
    try:
        return EligibilityRequest.model_validate(document)
    except ValidationError as error:
        errors = field_errors(error.errors())
        raise InvalidRequest(f"{name}: {errors[0].message}", errors=errors) from None


def _parsed(text: str) -> Any:
    # Not all JSON is YAML 1.1: tabs, 1e5 and characters written as two escapes are not.
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            pass  # YAML in braces, or broken: YAML says where
    return yaml.load(text, Loader=_JsonTypes)  # noqa: S506 - a safe loader


def _place(name: str, error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f"{name}, line {mark.line + 1}, column {mark.column + 1}" if mark else name
