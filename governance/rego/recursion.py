"""Finds rules that depend on themselves: the embedded engine would overflow its stack."""

from collections.abc import Iterator
from dataclasses import dataclass

from governance.rego.syntax import Module, Node, nodes, references

_DEEPEST = 50


@dataclass(frozen=True)
class Recursion:
    """A rule that depends on itself, or through too many others, and where it stands."""

    path: str
    span: Node
    message: str


def recursion(modules: list[Module]) -> Iterator[Recursion]:
    """Every rule of a circle, or the first of a chain of more than 50 rules."""
    places: dict[str, tuple[str, Node]] = {}
    uses: dict[str, set[str]] = {}
    for module in modules:
        for name, rule in module.rules:
            ((_, body),) = rule.items()
            places.setdefault(f"data.{module.package}.{name}", (module.path, body["span"]))
    for module in modules:
        for name, rule in module.rules:
            used = uses.setdefault(f"data.{module.package}.{name}", set())
            used |= _used(module, rule, places)

    circles = [name for name in places if name in _reached(name, uses)]
    for name in circles:
        yield Recursion(*places[name], f"{name.removeprefix('data.')} depends on itself")
    deep = [name for name in places if _is_deep(name, uses)]
    if deep and not circles:
        message = f"{deep[0].removeprefix('data.')} begins a chain of over {_DEEPEST} rules"
        yield Recursion(*places[deep[0]], message)


def _used(module: Module, rule: Node, places: dict[str, tuple[str, Node]]) -> set[str]:
    ((kind, body),) = rule.items()
    head = body if kind == "Default" else next(iter(body["head"].values()))
    own = next(variable["span"] for kind, variable in nodes(head["refr"]) if kind == "Var")
    names = {module.resolved(found.name) for found in references(rule) if found.span != own}
    return {
        place
        for place in places
        for name in names
        if f"{name}.".startswith(f"{place}.") or f"{place}.".startswith(f"{name}.")
    }


def _reached(start: str, uses: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        new = uses[waiting.pop()] - reached
        reached |= new
        waiting += new
    return reached


def _is_deep(start: str, uses: dict[str, set[str]]) -> bool:
    layer = {start}
    for _ in range(_DEEPEST):
        layer = {used for name in layer for used in uses[name]}
    return bool(layer)
