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
