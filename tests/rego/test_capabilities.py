"""What a policy may not do is found before it is part of a release."""

import pytest

from governance.rego.capabilities import PolicyProblem, check_policies


def problems_of(body: str, path: str = "a/policy.rego") -> list[PolicyProblem]:
    return check_policies({path: f"package a\n\n{body}\n"})


def test_shipped_policies_have_no_problem(shipped_policies: dict[str, str]) -> None:
    assert check_policies(shipped_policies) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('p := http.send({"url": input.x})', "http.send is impure"),
        ('p := http["send"]({"url": input.x})', "http.send is impure"),
        ("p[opa.runtime().env] := 1", "opa.runtime is impure"),
        ('p := input.x[rand.intn("a", 3)]', "rand.intn is impure"),
        ("p := [x | some x in net.lookup_ip_addr(input.x)]", "net.lookup_ip_addr is impure"),
        ("p if every x in input.y { time.now_ns() > x }", "time.now_ns is impure"),
        ("p := 1 if false\n\nelse := time.now_ns()", "time.now_ns is impure"),
        ('default p := 1\n\np := uuid.rfc4122("x") if input.y', "uuid.rfc4122 is impure"),
        ('p := io.jwt.decode("x")', "the embedded engine lacks the builtin io.jwt.decode"),
        ('p := regex.match("a", input.x)', "regex.match is not known"),
        ("p := time.date(1)", "time.date is not known"),
        ("p := q(1)", "lacks the builtin q"),
        ("p := data.b.q(1)", "there is no function data.b.q"),
        ("f(x) := x\n\np := data.a[input.x].f(1)", "Failed to parse rule-ref"),
        ("count(x) := x\n\np := count(1)", "the rule count hides a builtin"),
        ("http := input.x", "the rule http hides a builtin"),
        ("p := 0.5", "no decimals in Rego: 0.5"),
        ("p if input.x > 1e3", "no decimals in Rego: 1e3"),
        ("p := 1.0", "no decimals in Rego: 1.0"),
        ("p := 9007199254740993", "larger than 2^53"),
        ("p := input.x / 2", "no division"),
        ("p := -input.x", "no minus before a name"),
        ("p if input.x with input as {}", "`with` is for tests"),
        ("f(x) := f(x + 1)\n\np := f(1)", "a.f depends on itself"),
        ("p if not q\n\nq if not p", "depends on itself"),
        ("p := data.a.q\n\nq := data.a.p", "depends on itself"),
        ("p := data[input.x]", "depends on itself"),
        ("p if not count(input.x) == 0", "where input.x is undefined"),
        ("p if not [input.x]", "where input.x is undefined"),
        ("q := input.x\n\nf(x) if x\n\np if not f(q)", "where q is undefined"),
        ("p if not input.x[input.y]", "where input.y is undefined"),
        ("p := 1\n\np := 2", "conflicts"),
        ("p := ", "expecting expression"),
        ("p if { not y; x := y }", "var y is unsafe"),
    ],
)
def test_problem_is_found_and_named(body: str, message: str) -> None:
    found = problems_of(body)
    assert any(message in problem.message for problem in found), found


@pytest.mark.parametrize(
    "body",
    [
        "p := count(input.x) + 1",
        "p if not input.x.y",
        "held contains x if some x in input.x\n\np if {\n\tsome y in input.y\n\tnot y in held\n}",
        "f(x) := x\n\nf(x) := x if false\n\np := f(input.f)",
        "p := -1",
        'p := "0.5 http.send(1)" # 0.5',
        "p contains x if {\n\tx := input.y\n\tnot f(x)\n}\n\nf(x) if x > 1",
    ],
)
def test_what_both_engines_do_alike_is_no_problem(body: str) -> None:
    assert problems_of(body) == []


def test_function_of_another_package_may_be_called_by_its_import() -> None:
    library = "package lib.words\n\nf(x) := x\n"
    policy = "package a\n\nimport data.lib.words as w\n\np := w.f(input.x)\n"
    assert check_policies({"lib.rego": library, "a.rego": policy}) == []
    (problem,) = check_policies({"a.rego": policy})
    assert "there is no function w.f" in problem.message


def test_import_cannot_hide_a_builtin() -> None:
    policy = "package a\n\nimport data.lib as http\n\np := http.x\n"
    (problem,) = check_policies({"a.rego": policy})
    assert "hides a builtin" in problem.message


def test_tests_may_replace_input_and_data_only() -> None:
    mock = "test_p if p with count as f\n\nf(x) := 1\n\np := count([])"
    (problem,) = problems_of(mock, "a/policy_test.rego")
    assert "only input and data" in problem.message
    assert problems_of("test_p if p with input as 1\n\np := input", "a/policy_test.rego") == []


def test_impure_builtin_cannot_be_smuggled_in_as_a_value() -> None:
    body = "test_p if p with data.a.f as http.send\n\nf(x) := x\n\np := f(1)"
    messages = [problem.message for problem in problems_of(body, "a/policy_test.rego")]
    assert any("http.send is impure" in message for message in messages)


def test_problem_has_file_line_and_column() -> None:
    (problem,) = problems_of("p := 1\n\nq := ]")
    assert str(problem) == "a/policy.rego:5:6: expecting expression"


def test_all_problems_come_in_the_order_of_the_text() -> None:
    found = problems_of("p := sprintf(0.5, 1)\n\nq := time.now_ns()")
    assert [(problem.line, problem.column) for problem in found] == [(3, 6), (3, 14), (5, 6)]


@pytest.mark.parametrize(
    "body",
    [
        "p := " + "[" * 100 + "]" * 100,
        "p := input" + "\n.a" * 9000,
        "f(x) := x\n\np := " + "f(\n" * 9000 + "1" + ")" * 9000,
        "p := 1" + "\n+ 1" * 9000,
        "p := 1 # " + "x" * 70_000,
        "\n".join(f"p{i} := p{i + 1}" for i in range(60)) + "\np60 := 1",
    ],
    ids=["nested arrays", "dots", "calls", "sum", "long line", "chain of rules"],
)
def test_text_that_would_take_the_process_down_is_refused(body: str) -> None:
    assert problems_of(body) != []
