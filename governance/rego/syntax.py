"""The syntax tree of Rego modules, as the embedded engine parses them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
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

    @property
    def rules(self) -> list[tuple[str, Node]]:
        """Each rule, or part of a rule, with its name: the first word of its head."""
        return [(_rule_name(rule), rule) for rule in self.tree["rules"]]

    def source(self, span: Node) -> str:
        """The text of a span; the engine counts in bytes."""
        return self.text.encode()[span["start"] : span["end"]].decode()


def parse(path: str, text: str) -> Module:
    """Parses one file; raises RuntimeError with line and column as the engine gives them."""
    engine = regorus.Engine()
    engine.add_policy(path, text)
    return module_of(path, text, engine.get_ast_as_json())


def module_of(path: str, text: str, ast: str) -> Module:
    """The module in the JSON that the engine gives of a file."""
    tree: Node = json.loads(ast)[0]["ast"]
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


def _rule_name(rule: Node) -> str:
    variables = (body["value"] for kind, body in nodes(rule) if kind == "Var")
    return str(next(variables))
