"""The rulesets of this repository: clean, cited, dated, and each rule shown by its cases."""

import time
from datetime import date

import pytest
import real_library

from governance.rules.cases import run_cases
from governance.rules.library import read_library
from governance.rules.model import Rule

_LIBRARY, _PROBLEMS = read_library(real_library.files())
_RESULTS = list(run_cases(_LIBRARY))
every_rule = pytest.mark.parametrize(
    "rule", _LIBRARY.rules_by_id.values(), ids=list(_LIBRARY.rules_by_id)
)


def test_lint_has_nothing_to_say() -> None:
    files = real_library.files()
    assert not _PROBLEMS, "\n".join(problem.render(files) for problem in _PROBLEMS)


def test_there_are_rules_and_coverage() -> None:
    assert len(_LIBRARY.rules["sale"]) >= 200
    assert len(_LIBRARY.coverage) >= 100
    assert _LIBRARY.classification


@every_rule
def test_every_case_comes_out_as_written(rule: Rule) -> None:
    files = real_library.files()
    failed = [r.problem().render(files) for r in _RESULTS if r.rule is rule and not r.passed]
    assert not failed, "\n".join(failed)


@every_rule
def test_every_rule_is_shown_to_fire_and_to_be_silent(rule: Rule) -> None:
    outcomes = {case.outcome for case in rule.cases}
    assert {"fires", "silent"} <= outcomes
    assert rule.unconditional or "undetermined" in outcomes


@every_rule
def test_every_rule_is_cited_and_dated(rule: Rule) -> None:
    assert rule.source.url.startswith("https://")
    assert rule.source.citation
    assert date(1900, 1, 1) <= rule.start
    assert date(2026, 1, 1) <= rule.source.read_on


@every_rule
def test_every_rule_is_named_after_its_jurisdiction(rule: Rule) -> None:
    folder = {"classification": "classify", "drop": "drop"}.get(rule.place.file.partition("/")[0])
    prefix = folder if rule.jurisdiction is None else rule.jurisdiction.lower()
    assert rule.id.startswith(f"{prefix}.")


def test_every_source_of_a_coverage_row_is_https() -> None:
    sources = [row.source for row in _LIBRARY.coverage if row.source]
    assert all(source.url.startswith("https://") for source in sources)


def test_every_evidence_type_is_asked_for_by_a_rule_or_a_clearance_scheme() -> None:
    asked = {name for rule in _LIBRARY.rules_by_id.values() for name in rule.evidence}
    asked |= {needed.evidence for scheme in _LIBRARY.clearance for needed in scheme.requires}
    assert set(_LIBRARY.vocabulary.evidence_types) - asked == set()


def test_the_library_is_read_in_half_a_second() -> None:
    quickest = min(_reading() for _ in range(3))
    assert quickest < 0.5, quickest


def _reading() -> float:
    start = time.process_time()
    read_library(real_library.files())
    return time.process_time() - start
