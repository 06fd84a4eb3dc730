"""Reads an eligibility request from a JSON or YAML file."""

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
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8")
        document: Any = yaml.load(text, Loader=_JsonTypes)  # noqa: S506 - a safe loader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidRequest(f"{file} cannot be read: {error}") from error
    if isinstance(document, dict) and as_of is not None:
        document["as_of"] = as_of
    try:
        return EligibilityRequest.model_validate(document)
    except ValidationError as error:
        errors = field_errors(error.errors())
        raise InvalidRequest(f"{file}: {errors[0].message}", errors=errors) from None
