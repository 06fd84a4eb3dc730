"""Tests of policies pass only when they are true."""

from governance.rego.policy_tests import run_policy_tests

TESTS = """package a_test

import data.a

test_true if a.p == 1

test_false := false

test_undefined if a.p == 2

test_other_value := 5

test_error if count(1) == 1

test_same_name if a.p == 1

test_same_name if a.p == 2

helper := true
"""


def test_only_true_passes_and_equal_names_are_refused() -> None:
    results = run_policy_tests({"a.rego": "package a\n\np := 1\n", "a_test.rego": TESTS})
    assert {result.name for result in results if result.failure is None} == {"a_test.test_true"}
    failures = {result.name.removeprefix("a_test.test_"): result.failure for result in results}
    assert failures.keys() == {"true", "false", "undefined", "other_value", "error", "same_name"}
    assert failures["false"] == "it is False"
    assert "no answer" in (failures["undefined"] or "")
    assert "count" in (failures["error"] or "")
    assert failures["same_name"] == "2 tests have this name"


def test_shipped_policies_pass_their_tests(shipped_policies: dict[str, str]) -> None:
    results = run_policy_tests(shipped_policies)
    assert {result.path for result in results} >= {
        "sale/policy_test.rego",
        "access/policy_test.rego",
    }
    assert [result for result in results if result.failure] == []
