"""Patterns that reviewers write: RE2's syntax, and nothing that repeats a repetition."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.rules.patterns import matches, pattern_fault


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$", "(a*)*b", "([a-z]+)*", "(a+){2,}", "(a{2,})*", "((a|b)+c)+", "(?:a+)+",
        "(?i:a+)+", "(?P<name>a+)+", "(a+b*)+", "((a+))+", r"(\(+)+", "(a+)+?", "(a+?)+",
        r"([\])]a+)+", "([])]a+)+", "([(]a+)+", r"(\Q(\Ea+)+", "([^]]+)+", "([[:alpha:]]+)+",
    ],
)  # fmt: skip
def test_a_repeated_repetition_is_refused(pattern: str) -> None:
    fault = pattern_fault(pattern)
    assert fault is not None
    assert fault[0].startswith("the pattern repeats a repetition")


@pytest.mark.parametrize(
    "pattern",
    [
        "a+b+", "(ab)+", "[+*]+", r"(\+)+", r"(\*a)*", "(a+)", "(a+)?", "(a+){3}", "(a{2,3})+",
        r"([\]+])+", "([]+])+", "([^]+*])+", "([[:alpha:]+])+", r"(\Qa+\E)+", r"\Q(a+)+\E",
        "[(]a+[)]+", r"DE-[0-9]{6}", r"(a\x{2B})+", r"(\pL)+", "",
    ],
)  # fmt: skip
def test_a_harmless_pattern_is_taken(pattern: str) -> None:
    assert pattern_fault(pattern) is None


@pytest.mark.parametrize(
    "pattern", ["(a", "a)", "[a", "a**", "(?=a)", "(?<!a)b", r"(a)\1", "a{2,1}"]
)
def test_what_re2_cannot_read_is_refused_with_a_hint(pattern: str) -> None:
    fault = pattern_fault(pattern)
    assert fault is not None
    assert fault[0].startswith("not a pattern: ")
    assert "b'" not in fault[0]
    assert fault[1] == "RE2 syntax: no back-references, no look-around"


@given(st.text(alphabet="ab()[]{}^+*?|\\QE:,2.-", max_size=24))
def test_no_pattern_breaks_the_check_or_hangs_it(pattern: str) -> None:
    start = time.perf_counter()
    pattern_fault(pattern)
    assert time.perf_counter() - start < 1


_ATOMS = st.sampled_from(["a", "b", "[ab]", r"[\]a]", "[]b]", r"\(", "c"])
_FLAT = st.lists(_ATOMS, min_size=1, max_size=4).map("".join)


@given(inner=_FLAT, before=_FLAT, first=st.sampled_from("*+"), second=st.sampled_from("*+"))
def test_what_the_check_refuses_is_exactly_a_repetition_in_a_repeated_group(
    inner: str, before: str, first: str, second: str
) -> None:
    assert pattern_fault(f"({before}(?:{inner}){first}){second}") is not None
    assert pattern_fault(f"({before}(?:{inner})){second}") is None
    assert pattern_fault(f"({before}(?:{inner}){first})") is None


@given(st.from_regex(re.compile(r"DE-[0-9]{6}\Z", re.ASCII)))
def test_a_pattern_is_matched_from_end_to_end(text: str) -> None:
    assert matches("DE-[0-9]{6}", text) is (len(text) == 9 and text.startswith("DE-"))
    assert not matches("DE-[0-9]{6}", f"{text}0")
    assert not matches("DE-[0-9]{6}", f"{text}\n")
