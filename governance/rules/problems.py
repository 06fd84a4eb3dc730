"""What lint says: where, what is wrong, and how to mend it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from governance.errors import GovernanceError

_LONGEST_LINE = 110
_LONGEST_MESSAGE = 400


@dataclass(frozen=True, order=True, slots=True)
class Place:
    """A place in a rules file; `line` and `column` count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the rulesets."""

    place: Place
    message: str
    hint: str | None = None

    def render(self, files: Mapping[str, str]) -> str:
        """The problem as text: place and message, the line with a caret, the hint."""
        parts = [_shown(f"{self.place}: {self.message}", _LONGEST_MESSAGE)]
        lines = files.get(self.place.file, "").splitlines()
        if self.place.line <= len(lines):
            line = lines[self.place.line - 1].rstrip()
            start = max(0, self.place.column - 80)
            parts += [
                f"    {_shown(line[start:], _LONGEST_LINE)}",
                f"    {' ' * (self.place.column - 1 - start)}^",
            ]
        if self.hint:
            parts.append(f"    hint: {_shown(self.hint, _LONGEST_MESSAGE)}")
        return "\n".join(parts)


def _shown(text: str, longest: int) -> str:
    """`text` on one line of a terminal: what does not print (escape codes too) becomes a mark."""
    kept = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in kept
    )


class LibraryInvalid(GovernanceError):
    """The rulesets break the language's rules; `problems` says where."""

    status = 422
    code = "library-invalid"
    title = "The rulesets are not valid"

    def __init__(self, problems: Sequence[Problem], files: Mapping[str, str]) -> None:
        super().__init__(
            f"{len(problems)} problem(s), the first: {problems[0].render(files)}",
            problems=[problem.render(files) for problem in problems],
        )
        self.problems = tuple(problems)


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A hint naming the known word nearest to `name`, if one is near."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else None
