"""A thing that is wrong with a policy, and where."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PolicyProblem:
    """One thing wrong with one policy file; `line` and `column` count from 1."""

    path: str
    line: int
    message: str
    hint: str | None = None
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


def problem_at(
    path: str, text: str, place: tuple[int, int], message: str, hint: str | None = None
) -> PolicyProblem:
    """The problem at a line and column of the embedded engine, which counts a tab as four."""
    number, engine_column = place
    line = (text.splitlines() or [""])[min(number, len(text.splitlines())) - 1]
    column, counted = 1, 1
    for letter in line:
        if counted >= engine_column:
            break
        counted += 4 if letter == "\t" else 1
        column += 1
    return PolicyProblem(path, number, message, hint, column)
