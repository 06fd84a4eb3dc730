"""The part of Rego that both engines have and understand alike."""

import re
from collections.abc import Iterator

from governance.rego.builtins import RESERVED, impurity, refusal
from governance.rego.engine import is_test
from governance.rego.problems import PolicyProblem, problem_at
from governance.rego.syntax import Module, Node, is_set, nodes, references

_LARGEST_INTEGER = 2**53


def dialect_problems(module: Module, callable_here: frozenset[str]) -> Iterator[PolicyProblem]:
    """Everything in one file that is impure, or that the two engines take differently.

    `callable_here` has the full names of all functions that the policies define.
    """
    yield from _names(module)
    yield from _calls(module, callable_here)
    yield from _numbers(module)
    yield from _replacements(module)
    yield from _negations(module)


def _problem(module: Module, span: Node, message: str, hint: str | None) -> PolicyProblem:
    return problem_at(module.path, module.text, (span["line"], span["col"]), message, hint)


def _names(module: Module) -> Iterator[PolicyProblem]:
    hint = "Choose another name; a builtin begins with this one."
    for name, rule in module.rules:
        ((_, body),) = rule.items()
        if name in RESERVED:
            yield _problem(module, body["span"], f"the rule {name} hides a builtin", hint)
    for alias, imported in module.imports.items():
        if alias in RESERVED:
            span = module.tree["imports"][0]["span"]
            yield _problem(module, span, f"the import {imported} hides a builtin", hint)


def _calls(module: Module, callable_here: frozenset[str]) -> Iterator[PolicyProblem]:
    for found in references(module.tree["rules"]):
        name = module.resolved(found.name)
        if name.startswith("data."):
            if found.called and name not in callable_here:
                hint = "Define it in one of the policies; tests may call it too."
                yield _problem(module, found.span, f"there is no function {found.name}", hint)
        elif found.called:
            if (refused := refusal(name)) is not None:
                yield _problem(module, found.span, *refused)
        elif "." in name and (depends_on := impurity(name)) is not None:
            # `with f as http.send` calls it without a call in the text.
            message = f"the builtin {name} is impure: it depends on {depends_on}"
            yield _problem(module, found.span, message, None)


def _numbers(module: Module) -> Iterator[PolicyProblem]:
    for kind, body in nodes(module.tree["rules"]):
        if kind == "Number":
            written = module.source(body["span"])
            if re.search(r"[.eE]", written):
                hint = "Use whole numbers of a smaller unit: per mille, cents, grams."
                yield _problem(module, body["span"], f"no decimals in Rego: {written}", hint)
            elif abs(int(written)) > _LARGEST_INTEGER:
                hint = "The engines keep larger numbers with different precision."
                yield _problem(module, body["span"], f"{written} is larger than 2^53", hint)
        elif kind == "ArithExpr" and body["op"] == "Div":
            hint = "Multiply the other side instead: 100 * part > 30 * whole."
            yield _problem(module, body["span"], "no division in Rego: it makes decimals", hint)
        elif kind == "UnaryExpr":
            message = "the embedded engine has no minus before a name"
            yield _problem(module, body["span"], message, "Write 0 - value.")


def _replacements(module: Module) -> Iterator[PolicyProblem]:
    for modifier in _modifiers(module.tree["rules"]):
        target = next(references(modifier["refr"]))
        if not is_test(module.path):
            message = "`with` is for tests: a policy judges the input that it is given"
            yield _problem(module, target.span, message, "Give the value to a function instead.")
        elif target.root not in {"input", "data"}:
            message = "only input and data may be replaced by `with`"
            yield _problem(module, target.span, message, None)


def _modifiers(tree: object) -> Iterator[Node]:
    if isinstance(tree, list):
        for item in tree:
            yield from _modifiers(item)
    elif isinstance(tree, dict):
        for key, value in tree.items():
            if key == "with_mods":
                yield from value
            yield from _modifiers(value)


def _negations(module: Module) -> Iterator[PolicyProblem]:
    """What is undefined under a `not`, unless it is all that the `not` is about.

    For `not f(input.x)` without an `x`, OPA leaves the whole line undefined, and the embedded
    engine takes it for true.
    """
    always_defined = {name for name, rule in module.rules if "Default" in rule or is_set(rule)}
    rules = {name for name, _ in module.rules}
    for kind, body in nodes(module.tree["rules"]):
        if kind != "NotExpr":
            continue
        inside = list(references(body["expr"]))
        if set(body["expr"]) & {"Var", "RefDot", "RefBrack"}:
            # The reference itself comes last, after those in its brackets.
            inside.pop()
        for found in inside:
            may_lack = "." in found.name or not found.whole or found.name in {"input", "data"}
            own = found.name in rules - always_defined
            if not found.called and (may_lack or own):
                message = f"the engines differ on this `not` where {found.name} is undefined"
                hint = f"Name it in a line of its own first: value := {found.name}."
                yield _problem(module, found.span, message, hint)
