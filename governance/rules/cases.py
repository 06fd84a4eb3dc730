"""Runs the cases that stand beside the rules, by the reference evaluator."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from governance.rules.model import Case, CaseOutcome, Library, Rule
from governance.rules.problems import Problem
from governance.rules.reference import truth
from governance.rules.vocabulary import Vocabulary

_OUTCOMES: dict[bool | None, CaseOutcome] = {True: "fires", False: "silent", None: "undetermined"}


@dataclass(frozen=True)
class CaseResult:
    """What a case expected and what came out."""

    rule: Rule
    case: Case
    outcome: CaseOutcome

    @property
    def passed(self) -> bool:
        return self.outcome == self.case.outcome

    def problem(self) -> Problem:
        facts = ", ".join(f"{name}: {value}" for name, value in self.case.written.items())
        return Problem(
            self.case.place,
            f"`{self.rule.id}` was to be `{self.case.outcome}` for {{{facts}}} "
            f"on {self.case.as_of or self.rule.start}, but is `{self.outcome}`",
            "mend the case or the `when`",
        )


def run_cases(library: Library) -> Iterator[CaseResult]:
    """Every case of every rule; a suspended rule is tried as if it were in force."""
    for rule in library.rules_by_id.values():
        for case in rule.cases:
            yield CaseResult(rule, case, _outcome(rule, case, library.vocabulary))


def _outcome(rule: Rule, case: Case, vocabulary: Vocabulary) -> CaseOutcome:
    day: date = case.as_of or rule.start
    if day < rule.start or (rule.end is not None and day >= rule.end):
        return "silent"
    lineage = vocabulary.lineage(case.category or rule.categories[0])
    if not set(lineage).intersection(rule.categories):
        return "silent"
    return _OUTCOMES[truth(rule.condition, case.facts)]
