"""Which builtin functions a policy may call, and why not the others."""

import re

import regorus

# Every one of these is tested to answer alike in both engines, failures included.
ALLOWED = frozenset(
    [
        "abs",
        "array.concat",
        "array.reverse",
        "array.slice",
        "concat",
        "contains",
        "count",
        "endswith",
        "intersection",
        "is_array",
        "is_boolean",
        "is_null",
        "is_number",
        "is_object",
        "is_set",
        "is_string",
        "max",
        "min",
        "object.filter",
        "object.get",
        "object.keys",
        "object.remove",
        "object.union",
        "object.union_n",
        "product",
        "sort",
        "split",
        "startswith",
        "strings.any_prefix_match",
        "strings.any_suffix_match",
        "strings.reverse",
        "substring",
        "sum",
        "trim",
        "trim_left",
        "trim_prefix",
        "trim_right",
        "trim_space",
        "trim_suffix",
        "type_name",
        "union",
    ]
)

# What the operators and keywords of the language are called in a capabilities file.
OPERATORS = frozenset(
    [
        "and",
        "assign",
        "eq",
        "equal",
        "gt",
        "gte",
        "internal.member_2",
        "internal.member_3",
        "lt",
        "lte",
        "minus",
        "mul",
        "neq",
        "or",
        "plus",
        "rem",
    ]
)

# A name, or the beginning of one, and what a judgement would depend on besides its input.
_IMPURE = {
    "http.": "the network",
    "net.": "the network",
    "providers.": "the clock and credentials",
    "rand.": "chance",
    "uuid.rfc4122": "chance",
    "time.now_ns": "the clock",
    "opa.runtime": "the configuration and environment of the server",
    "rego.metadata": "how the policies were loaded",
    "io.jwt.decode_verify": "the clock",
    "io.jwt.encode_sign": "chance",
    "print": "nothing, but writes to the log of the server",
    "trace": "nothing, but writes to the log of the server",
    "internal.": "the inside of the engine",
}

_HINTS = {
    "time.": "Dates are ISO 8601 strings, which compare as strings; let the input bring the rest.",
    "regex.": "Use startswith, endswith, contains or a set of the words that are meant.",
    "glob.": "Use startswith, endswith, contains or a set of the words that are meant.",
    "sprintf": 'Use concat: concat("", ["The market ", code, " is closed."]).',
    "numbers.range": "A range of a large number would fill the memory; go over a given array.",
    "to_number": "Let the input bring a number.",
    "upper": "Write codes as the input does; letters outside ASCII differ between the engines.",
    "lower": "Write codes as the input does; letters outside ASCII differ between the engines.",
}
_DEFAULT_HINT = f"These may be called: {', '.join(sorted(ALLOWED))}."

# First words of builtins: a rule or an import of that name would hide them.
RESERVED = frozenset(name.partition(".")[0].rstrip(".") for name in {*ALLOWED, *_IMPURE, *_HINTS})


def impurity(name: str) -> str | None:
    """What the builtin `name` depends on besides its arguments, if it does."""
    return _by_beginning(_IMPURE, name)


def refusal(name: str) -> tuple[str, str] | None:
    """Why a policy may not call the builtin `name`, and a hint; None where it may."""
    if name in ALLOWED:
        return None
    hint = _by_beginning(_HINTS, name) or _DEFAULT_HINT
    if (depends_on := impurity(name)) is not None:
        because = f"is impure: it depends on {depends_on}"
        return f"the builtin {name} {because}", "Let the input bring what the policy must know."
    if not _embedded_has(name):
        return f"the embedded engine lacks the builtin {name}, if there is one", hint
    return f"the builtin {name} is not known to answer alike in both engines", hint


def _by_beginning(table: dict[str, str], name: str) -> str | None:
    return next((said for begins, said in table.items() if name.startswith(begins)), None)


def _embedded_has(name: str) -> bool:
    if not re.fullmatch(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*", name):
        return False
    engine = regorus.Engine()
    try:
        engine.add_policy("probe", f"package probe\n\nanswer := {name}()\n")
        engine.eval_rule_as_json("data.probe.answer")
    except RuntimeError as error:
        return "could not find function" not in str(error)
    return True
