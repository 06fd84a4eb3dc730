"""The syntax tree of Rego modules, as the embedded engine parses them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import regorus

Node = dict[str, Any]


@dataclass(frozen=True)
class Module:
    """One parsed file: `package` is dotted, `tree` is the engine's own tree."""

    path: str
    text: str
    package: str
    tree: Node

    @cached_property
    def rules(self) -> list[tuple[str, Node]]:
        """Each rule, or part of a rule, with its name: the first word of its head."""
        return [(_rule_name(rule), rule) for rule in self.tree["rules"]]

    @cached_property
    def imports(self) -> dict[str, str]:
        """The imported name that each alias of the file stands for."""
        found = {}
        for imported in self.tree["imports"]:
            name = dotted_name(imported["refr"]) or ""
            alias = self.source(imported["as"]) if "as" in imported else name.rpartition(".")[2]
            found[alias] = name
        return found

    def resolved(self, name: str) -> str:
        """The full name, from `data` on, of what `name` means in this file; else `name`."""
        root, dot, rest = name.partition(".")
        if root in self.imports:
            return self.imports[root] + dot + rest
        if any(root == own for own, _ in self.rules):
            return f"data.{self.package}.{name}"
        return name

    def source(self, span: Node) -> str:
        """The text of a span; the engine counts in bytes."""
        return self.text.encode()[span["start"] : span["end"]].decode()


def parse(path: str, text: str) -> Module:
    """Parses one file; raises RuntimeError with line and column as the engine gives them."""
    engine = regorus.Engine()
    engine.add_policy(path, text)
    return module_of(path, text, json.loads(engine.get_ast_as_json())[0]["ast"])


def module_of(path: str, text: str, tree: Node) -> Module:
    """The module in the tree that the engine gives of a file."""
    return Module(path, text, dotted_name(tree["package"]["refr"]) or "", tree)


def nodes(tree: Any) -> Iterator[tuple[str, Node]]:
    """Every node of the tree, outermost first: its kind (`Call`, `Var`, …) and what it holds."""
    if isinstance(tree, list):
        for item in tree:
            yield from nodes(item)
    elif isinstance(tree, dict):
        for key, value in tree.items():
            if key[0].isupper():
                yield key, value
            if key != "span":
                yield from nodes(value)


@dataclass(frozen=True)
class Reference:
    """A name in the text, with all its fixed parts: `data.a.b` of `data.a.b[c].d`."""

    name: str
    span: Node
    called: bool
    whole: bool

    @property
    def root(self) -> str:
        """The first part of the name."""
        return self.name.partition(".")[0]


def references(tree: Any, called: bool = False) -> Iterator[Reference]:
    """Every name that the tree refers to, longest form only."""
    if isinstance(tree, list):
        for item in tree:
            yield from references(item)
    elif isinstance(tree, dict):
        for kind, body in tree.items():
            if kind == "Call":
                yield from references(body["fcn"], called=True)
                yield from references(body["params"])
            elif kind in {"Var", "RefDot", "RefBrack"}:
                yield from _reference(tree, called)
            elif kind != "span":
                yield from references(body)


def _reference(node: Node, called: bool) -> Iterator[Reference]:
    name: str | None = None
    whole = True
    head = node
    while True:
        ((kind, body),) = head.items()
        if name is None and (name := dotted_name(head)) is not None:
            whole = head is node
        if kind == "RefBrack":
            yield from references(body["index"])
        if kind not in {"RefDot", "RefBrack"}:
            break
        head = body["refr"]
    if name is not None:
        yield Reference(name, body["span"], called, whole)
    else:
        # Something that is no name is indexed, such as the result of a call.
        yield from references(head)


def dotted_name(reference: Node) -> str | None:
    """`a.b.c` of a reference that is fixed in the text (`a.b["c"]` is one too), else None."""
    ((kind, body),) = reference.items()
    if kind == "Var":
        return str(body["value"])
    if kind == "RefDot":
        head, last = dotted_name(body["refr"]), body["field"][1]
    elif kind == "RefBrack" and set(body["index"]) & {"String", "RawString"}:
        (index,) = body["index"].values()
        head, last = dotted_name(body["refr"]), index["value"]
    else:
        return None
    return None if head is None else f"{head}.{last}"


def is_function(rule: Node) -> bool:
    """Whether the rule takes arguments, and so cannot be asked for by itself."""
    ((kind, body),) = rule.items()
    return bool(body["args"]) if kind == "Default" else "Func" in body["head"]


def is_set(rule: Node) -> bool:
    """Whether the rule adds to a set, which is always defined, if only as an empty one."""
    ((kind, body),) = rule.items()
    return kind == "Spec" and "Set" in body["head"]


def functions(modules: list[Module]) -> frozenset[str]:
    """The full names, from `data` on, of all functions in the modules."""
    return frozenset(
        f"data.{module.package}.{name}"
        for module in modules
        for name, rule in module.rules
        if is_function(rule)
    )


def _rule_name(rule: Node) -> str:
    variables = (body["value"] for kind, body in nodes(rule) if kind == "Var")
    return str(next(variables))
