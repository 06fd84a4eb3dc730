"""Patterns that reviewers write: RE2 syntax, and none that a backtracking engine could hang on."""

import re
from functools import lru_cache
from typing import Any

import re2

_OPEN_ENDED = re.compile(r"\{[0-9]+,\}")


def pattern_fault(pattern: str) -> tuple[str, str] | None:
    """What is wrong with a pattern and how to mend it; None if nothing is.

    RE2 itself takes linear time, but a pattern travels: into documentation, a portal's form, an
    export. One with a repetition inside a repetition would hang a backtracking engine there.
    """
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        return (
            f"not a pattern: {error.args[0].decode()}",
            "RE2 syntax: no back-references, no look-around",
        )
    if _repeats_a_repetition(pattern):
        return (
            "the pattern repeats a repetition: matching could take for ever",
            "write the inner part once: `(a+)+` is `a+`",
        )
    return None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern)


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text has the pattern's form."""
    return _compiled(pattern).fullmatch(text) is not None


def _repeats_a_repetition(pattern: str) -> bool:
    """Whether an unbounded repetition stands inside a group that is itself repeated unboundedly."""
    groups = [False]  # per open group: does it hold an unbounded repetition?
    closed: bool | None = None  # of the group that has just been closed
    position = 0
    while position < len(pattern):
        character = pattern[position]
        unbounded = character in "*+" or _OPEN_ENDED.match(pattern, position) is not None
        if unbounded and closed:
            return True
        if unbounded:
            groups[-1] = True
        if character == "\\":
            position = _escape_end(pattern, position)
        elif character == "[":
            position = _class_end(pattern, position)
        elif character == "(":
            groups.append(False)
        was_closed = None
        if character == ")" and len(groups) > 1:
            was_closed = groups.pop()
            groups[-1] = groups[-1] or was_closed
        closed = was_closed
        position += 1
    return False


def _escape_end(pattern: str, position: int) -> int:
    """Where the escape ends: `\\Q…\\E` quotes all between, any other escape one character."""
    if not pattern.startswith("\\Q", position):
        return position + 1
    end = pattern.find("\\E", position)
    return len(pattern) if end < 0 else end + 1


def _class_end(pattern: str, position: int) -> int:
    """Where the `]` stands that closes the class; a `]` that comes first stands for itself."""
    position += 2 if pattern.startswith("[^", position) else 1
    first = position
    while position < len(pattern) and (pattern[position] != "]" or position == first):
        named = pattern.find(":]", position) if pattern.startswith("[:", position) else -1
        if named >= 0:
            position = named + 2
        else:
            position += 2 if pattern[position] == "\\" else 1
    return position
