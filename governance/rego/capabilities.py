"""Checks policies before they become part of a release: what they may call, and that they load."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from governance.rego.dialect import dialect_problems
from governance.rego.embedded import message_of
from governance.rego.parser import ParserGaveUp, parse_apart
from governance.rego.problems import PolicyProblem, problem_at
from governance.rego.recursion import recursion
from governance.rego.syntax import Module, functions, module_of

_LARGEST_FILE = 64 * 1024
_LARGEST_TOGETHER = 4 * _LARGEST_FILE


__all__ = ["PolicyProblem", "check_policies"]


def check_policies(policies: Mapping[str, str]) -> list[PolicyProblem]:
    """Everything wrong with `policies` (path to text, tests too), in the order of the text.

    Needs no OPA. All are parsed in one process apart, some 0.3 s; where something is wrong, each in
    one of its own, to say which.
    """
    modules, problems = _read(dict(sorted(policies.items())))
    callable_here = functions(modules)
    for module in modules:
        problems += dialect_problems(module, callable_here)
    for found in recursion(modules):
        place = (found.span["line"], found.span["col"])
        hint = "Go over the input with `some` and `every`; give variables other names than rules."
        problems.append(problem_at(found.path, policies[found.path], place, found.message, hint))
    if not problems:
        problems += _evaluation(modules)
    return sorted(problems, key=lambda problem: (problem.path, problem.line, problem.column))


class _Unreadable(Exception):
    def __init__(self, problem: PolicyProblem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _read(policies: Mapping[str, str]) -> tuple[list[Module], list[PolicyProblem]]:
    """The modules that can be read, and what is wrong with the others."""
    trees = _together(policies)
    if trees is not None:
        found = zip(policies.items(), trees, strict=True)
        return [module_of(path, text, tree) for (path, text), tree in found], []
    modules, problems = [], []
    for path, text in policies.items():
        try:
            modules.append(_parse(path, text))
        except _Unreadable as unreadable:
            problems.append(unreadable.problem)
    return modules, problems


def _together(policies: Mapping[str, str], evaluate: Sequence[str] = ()) -> list[Any] | None:
    """The trees of several files; None where something is wrong, or they are too many."""
    total = sum(len(text.encode()) for text in policies.values())
    if len(policies) < 2 or total > _LARGEST_TOGETHER:
        return None
    try:
        said = parse_apart(policies, evaluate)
    except ParserGaveUp:
        return None
    trees: list[Any] | None = said.get("trees")
    return trees


def _parse(path: str, text: str) -> Module:
    if len(text.encode()) > _LARGEST_FILE:
        size = f"the file is larger than {_LARGEST_FILE // 1024} kB"
        raise _Unreadable(PolicyProblem(path, 1, size, "Split it by package."))
    try:
        said = parse_apart({path: text})
    except ParserGaveUp as gave_up:
        hint = "Write shorter chains and nest fewer arrays and calls in each other."
        raise _Unreadable(PolicyProblem(path, 1, str(gave_up), hint)) from gave_up
    if "error" in said:
        raise _Unreadable(_problem_of(path, {path: text}, said["error"]))
    return module_of(path, text, said["trees"][0])


def _problem_of(path: str, policies: Mapping[str, str], error: str) -> PolicyProblem:
    """The problem in an error of the engine: `--> file:line:column`, the line, `error: …`."""
    said = message_of(RuntimeError(error))
    reason = re.search(r"error: (.*)", said)
    message = reason[1] if reason else said
    if (found := re.search(r"--> (.*):(\d+):(\d+)\n", said)) is None:
        return PolicyProblem(path, 1, message)
    place = (int(found[2]), int(found[3]))
    return problem_at(found[1], policies[found[1]], place, message)


def _evaluation(modules: list[Module]) -> Iterator[PolicyProblem]:
    """What the engine finds only when it prepares to evaluate: conflicts, unsafe variables."""
    texts = {module.path: module.text for module in modules}
    first = {
        module.path: f"data.{module.package}.{module.rules[0][0]}"
        for module in modules
        if module.rules
    }
    if _together(texts, list(first.values())) is not None:
        return
    for module in modules:
        if module.path not in first:
            continue
        try:
            said = parse_apart(texts, [first[module.path]])
        except ParserGaveUp as gave_up:
            yield PolicyProblem(module.path, 1, f"together with the others, {gave_up}")
        else:
            if "error" in said:
                yield _problem_of(module.path, texts, said["error"])
