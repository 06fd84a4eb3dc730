"""Asks the sale policy for verdicts on cases, and remembers what the embedded engine answered."""

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any, NamedTuple

from governance.errors import EngineUnavailable
from governance.gates.geography import Cover
from governance.gates.sale_facts import Paper
from governance.rego.embedded import EmbeddedEngine
from governance.rego.engine import PolicyEngine
from governance.rules.matcher import Finding

# In this order of severity.
VERDICTS = ("prohibited", "unknown", "needs_review", "needs_facts", "needs_evidence", "allowed")

_MOST_REMEMBERED = 20_000  # cases, of somewhat less than 1 kB each

Result = dict[str, Any]


class Case(NamedTuple):
    """All that a verdict depends on: the day of sale, what was found, what is held of its evidence.

    Not where or how: what the law of one market or of one way in says is a rule, and the same
    findings get the same verdict.
    """

    as_of: str
    cover: Cover
    doubts: tuple[str, ...]
    findings: tuple[Finding, ...]
    papers: tuple[Paper, ...]


class Judge:
    """The sale policy of one release; may be called from any thread.

    A policy reads nothing but its input, so what the engine in this process said of a case holds
    for every case that equals it. A server is asked every time: it may be away, and then there is
    no verdict.
    """

    def __init__(self, policies: PolicyEngine, path: str) -> None:
        self._policies = policies
        self._path = path
        self._remembers = isinstance(policies, EmbeddedEngine)
        self._known: dict[Case, Result] = {}
        self._lock = Lock()

    def results(self, cases: Sequence[Case]) -> list[Result]:
        """The result of each of the cases of one request, in their order.

        Most are alike or known: the members of a bloc share its rules, most rules hold for every
        way in, and products of a kind meet the same ones. The others take one call to the policy.
        A result is shared by all who get it: copy it to change it; what it holds is immutable.

        Raises:
            EngineUnavailable: the engine failed or did not judge every case: there is no verdict.
        """
        known = [self._known.get(case) for case in cases]
        new = self._judged(
            dict.fromkeys(case for case, result in zip(cases, known, strict=True) if result is None)
        )
        return [result or new[case] for case, result in zip(cases, known, strict=True)]

    def _judged(self, cases: Iterable[Case]) -> dict[Case, Result]:
        documents = {case: _document(case) for case in cases}
        if not documents:
            return {}
        papers = dict.fromkeys(paper for case in documents for paper in case.papers)
        answer = self._policies.evaluate(
            self._path,
            {
                "as_of": next(iter(documents)).as_of,
                "evidence": [paper._asdict() for paper in papers],
                "cases": list(documents.values()),
            },
        )
        if not isinstance(answer, dict):
            raise EngineUnavailable("the policy answered no judgement")
        verdicts, held = answer.get("verdicts"), answer.get("held")
        oldest_allowed = answer.get("oldest_research_allowed")
        if (
            not isinstance(verdicts, list)
            or not isinstance(held, list)
            or not isinstance(oldest_allowed, int)
            or len(verdicts) != len(documents)
            or any(verdict not in VERDICTS for verdict in verdicts)
        ):
            raise EngineUnavailable("the policy did not judge every case")
        results = {
            case: _result(
                case,
                verdict,
                [name for name in document["require"] if name not in held],
                too_old=case.cover.oldest_days > oldest_allowed,
            )
            for (case, document), verdict in zip(documents.items(), verdicts, strict=True)
        }
        if self._remembers:
            self._remember(results)
        return results

    def _remember(self, results: dict[Case, Result]) -> None:
        with self._lock:
            self._known |= results
            while len(self._known) > _MOST_REMEMBERED:
                del self._known[next(iter(self._known))]


def _document(case: Case) -> dict[str, Any]:
    """A case as the policy sees it: what was found, by what it means."""
    prohibit: list[str] = []
    review: list[str] = []
    undetermined: list[str] = []
    require: dict[str, None] = {}
    for finding in case.findings:
        rule = finding.rule
        if finding.state == "undetermined":
            undetermined.append(rule.id)
        elif rule.effect == "prohibit":
            prohibit.append(rule.id)
        elif rule.effect == "review":
            review.append(rule.id)
        elif rule.effect == "require":
            require.update(dict.fromkeys(rule.evidence))
    return {
        "uncovered": case.cover.uncovered,
        "low_certainty": case.cover.low_certainty,
        "oldest_research_days": case.cover.oldest_days,
        "doubts": case.doubts,
        "prohibit": prohibit,
        "review": review,
        "undetermined": undetermined,
        "require": list(require),
    }


def _result(case: Case, verdict: str, missing_evidence: list[str], *, too_old: bool) -> Result:
    missing_facts = {name for finding in case.findings for name in finding.missing}
    return {
        "verdict": verdict,
        "missing_evidence": tuple(missing_evidence),
        "missing_facts": tuple(sorted(missing_facts)),
        "uncovered": case.cover.uncovered,
        "low_certainty": case.cover.low_certainty,
        "oldest_research_days": case.cover.oldest_days,
        "research_too_old": too_old,
        "doubts": case.doubts,
        "findings": tuple([(finding.rule.id, finding.state) for finding in case.findings]),
    }
