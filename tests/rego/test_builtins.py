"""The allow-list of builtins: both engines have each of them, and they agree, failures included."""

import json
import random
import subprocess
from typing import Any

import pytest

from governance.errors import EngineUnavailable
from governance.rego.builtins import ALLOWED, OPERATORS, refusal
from governance.rego.engine import PolicyEngine, open_policy_engine
from governance.settings import Settings

STRINGS = [
    "",
    "a",
    "abc",
    "a.b.c",
    "é",
    "Straße",
    "aé日",
    "  x\n",
    "0",
    "12",
    "a,b,,c",
    "2026-11-22",
]
NUMBERS = [0, 1, 2, -1, 5, 100, -7, 2**31]
ARRAYS: list[Any] = [[], [1], [3, 1, 2], ["a", "b"], ["b", "a", "b"], [None, True], [{"a": 1}]]
NESTED: list[Any] = [[["a"], ["b"]], [[1], [2, 3]], [["", "a"]]]
OBJECTS: list[Any] = [{}, {"a": 1}, {"a": {"b": 1}}, {"b": [1, 2], "a": None}]
BY_TYPE: dict[str, list[Any]] = {
    "string": STRINGS,
    "number": NUMBERS,
    "boolean": [True, False],
    "array": ARRAYS + NESTED,
    "set": ARRAYS + NESTED,
    "object": OBJECTS,
    "any": [*STRINGS[:4], *NUMBERS[:3], *ARRAYS[:4], *OBJECTS[:2], None, True],
}


@pytest.fixture(scope="session")
def declarations(opa_binary: str) -> dict[str, Any]:
    """What OPA says of each of its builtins."""
    said = subprocess.run(
        [opa_binary, "capabilities", "--current"], capture_output=True, check=True
    )
    return {builtin["name"]: builtin for builtin in json.loads(said.stdout)["builtins"]}


def test_opa_has_every_allowed_builtin_and_operator(declarations: dict[str, Any]) -> None:
    assert declarations.keys() >= ALLOWED | OPERATORS


def test_allowed_builtins_are_pure(declarations: dict[str, Any]) -> None:
    assert not [name for name in ALLOWED if declarations[name].get("nondeterministic")]


@pytest.mark.parametrize("name", sorted(ALLOWED))
def test_allowed_builtin_answers_alike_in_both_engines(
    name: str, declarations: dict[str, Any], opa_settings: Settings
) -> None:
    kinds = [_kind(argument) for argument in declarations[name]["decl"].get("args", [])]
    arguments = ", ".join(
        f"{{e | some e in input.a{i}}}" if kind == "set" else f"input.a{i}"
        for i, kind in enumerate(kinds)
    )
    text = f"package probe\n\nvalue := {name}({arguments})\n\n"
    text += 'answer := {"value": value, "type": type_name(value)}\n'
    engines = [
        open_policy_engine({"probe.rego": text}, "sha256:1", settings)
        for settings in (Settings(policy_engine="embedded"), opa_settings)
    ]
    chance = random.Random(name)
    for _ in range(40):
        document = {f"a{i}": _value(kind, chance) for i, kind in enumerate(kinds)}
        embedded, opa = (_outcome(engine, document) for engine in engines)
        assert embedded == opa, document


def _kind(argument: dict[str, Any]) -> str:
    if argument["type"] == "any" and argument.get("of"):
        return "|".join(_kind(one) for one in argument["of"] if one["type"] != "set")
    return str(argument["type"])


def _value(kind: str, chance: random.Random) -> Any:
    # Now and then something of a wrong type, so that failures are compared too.
    fitting = chance.choice(kind.split("|")) if chance.random() < 0.9 else "any"
    return chance.choice(ARRAYS if kind == "set" and fitting == "any" else BY_TYPE[fitting])


def _outcome(engine: PolicyEngine, document: dict[str, Any]) -> str:
    try:
        return json.dumps(engine.evaluate("probe.answer", document), sort_keys=True)
    except EngineUnavailable:
        return "no answer"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("http.send", "impure: it depends on the network"),
        ("net.lookup_ip_addr", "impure: it depends on the network"),
        ("time.now_ns", "impure: it depends on the clock"),
        ("rand.intn", "impure: it depends on chance"),
        ("uuid.rfc4122", "impure: it depends on chance"),
        ("opa.runtime", "impure: it depends on the configuration"),
        ("io.jwt.decode", "the embedded engine lacks the builtin io.jwt.decode"),
        ("strings.split_n", "the embedded engine lacks the builtin strings.split_n"),
        ("no such ( thing", "the embedded engine lacks"),
        ("regex.match", "not known to answer alike"),
        ("time.add_date", "not known to answer alike"),
        ("sprintf", "not known to answer alike"),
    ],
)
def test_refused_builtin_is_named_with_the_reason(name: str, why: str) -> None:
    refused = refusal(name)
    assert refused is not None
    assert name in refused[0]
    assert why in refused[0]


def test_whatever_opa_calls_nondeterministic_is_refused(declarations: dict[str, Any]) -> None:
    impure = [name for name, said in declarations.items() if said.get("nondeterministic")]
    assert "http.send" in impure
    for name in impure:
        refused = refusal(name)
        assert refused is not None
        assert "impure" in refused[0]
