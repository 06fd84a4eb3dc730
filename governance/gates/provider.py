"""The provider gate: may this provider serve these markets, and where does it stand?"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from governance.errors import EngineUnavailable
from governance.gates import provider_facts
from governance.gates.geography import Geography
from governance.gates.provider_facts import Cell
from governance.gates.sale_judgement import VERDICTS
from governance.rego.engine import PolicyEngine
from governance.rules.matcher import Finding
from governance.rules.model import Library, Rule
from governance.rules.shards import Shards

POLICY_PATH = "governance.provider.judgement"
_LIMITS = ("review", "prohibit")
_LISTS = ("verdicts", "held", "reasons")


class _Looked(NamedTuple):
    """A cell, the rules that bind it, what they found, and that as the policy sees it."""

    cell: Cell
    rules: Sequence[Rule]
    findings: Sequence[Finding]
    document: Mapping[str, list[str]]


class ProviderGate:
    """The provider gate of one release; may be called from any thread."""

    def __init__(self, library: Library, policies: PolicyEngine) -> None:
        self.library = library
        self._policies = policies
        self._shards = Shards(library.rules["provider"], library.vocabulary)
        self._metrics = provider_facts.metrics(library.vocabulary)
        self._geography = lru_cache(maxsize=64)(self._geography_on)

    def evaluate(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The result that goes on the record: a verdict for each cell, and the standing after it.

        The request is that of `provider_facts.ProviderRequest`. The bounds of what is certain
        (one-sided 95 %, as in `planning.certainty`) are computed here from its counts, so the
        record shows what was counted. The same request under the same release gives the same
        result for ever: nothing else is read, neither clock nor database.

        Raises:
            InvalidRequest: the request lacks something or names something unknown.
            EngineUnavailable: an engine failed; there is no verdict and no step.
        """
        vocabulary = self.library.vocabulary
        asked = provider_facts.read_request(request, vocabulary)
        geography = self._geography(date.fromisoformat(asked.as_of))
        looked = [self._look(cell, geography) for cell in provider_facts.cells(asked)]
        judged = self._judged(
            {
                "as_of": asked.as_of,
                "standing": asked.provider.standing,
                "licences": provider_facts.papers(asked, vocabulary),
                "open_incidents": provider_facts.open_incidents(asked),
                "reinstatement_requested": asked.reinstatement_requested,
                "delisting_requested": asked.delisting_requested,
                "cells": [one.document for one in looked],
            }
        )
        return {
            "as_of": asked.as_of,
            "provider": asked.provider.id,
            "standing_before": asked.provider.standing,
            "standing": judged["standing"],
            "reasons": judged["reasons"],
            "cells": [
                self._result(one, verdict, judged["held"])
                for one, verdict in zip(looked, judged["verdicts"], strict=True)
            ],
        }

    def _geography_on(self, day: date) -> Geography:
        return Geography(self.library, "provider", day)

    def _look(self, cell: Cell, geography: Geography) -> _Looked:
        """What the rules that bind the cell find in it, in an order that no engine decides."""
        shard = self._shards[cell.service]
        rules = [rule for rule in shard.rules if cell.market in geography.places(rule)]
        here = {rule.id for rule in rules}
        found = [finding for finding in shard.match(cell.facts) if finding.rule.id in here]
        findings = sorted(found, key=attrgetter("rule.id"))
        return _Looked(cell, rules, findings, self._document(cell, rules, findings))

    def _document(
        self, cell: Cell, rules: Sequence[Rule], findings: Sequence[Finding]
    ) -> dict[str, list[str]]:
        """A cell as the policy sees it: what was found, by what it means.

        Where no rule asks for a proof nothing could ever be proven: such a cell is not covered.
        """
        evidence = self.library.vocabulary.evidence_types
        covered = any(evidence[name].observed for rule in rules for name in rule.evidence)
        document: dict[str, list[str]] = {
            "uncovered": [] if covered else [cell.service],
            "doubts": [f"promise_broken:{metric}" for metric in cell.broken],
            "prohibit": [],
            "review": [],
            "undetermined": [],
            "licences": [],
            "proofs": [],
        }
        for rule, state, _ in findings:
            if state == "undetermined":
                document["undetermined"].append(rule.id)
            elif rule.effect in ("prohibit", "review"):
                document[rule.effect].append(rule.id)
            elif rule.effect == "require":
                for name in rule.evidence:
                    document["proofs" if evidence[name].observed else "licences"].append(name)
        return {name: list(dict.fromkeys(found)) for name, found in document.items()}

    def _judged(self, document: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._policies.evaluate(POLICY_PATH, document)
        if (
            not isinstance(answer, dict)
            or not isinstance(answer.get("standing"), str)
            or any(not isinstance(answer.get(name), list) for name in _LISTS)
            or len(answer["verdicts"]) != len(document["cells"])
            or any(verdict not in VERDICTS for verdict in answer["verdicts"])
        ):
            raise EngineUnavailable("the policy did not judge the provider in every cell")
        return answer

    def _result(self, one: _Looked, verdict: str, held: Sequence[str]) -> dict[str, Any]:
        lacking = [name for name in one.document["licences"] if name not in held]
        return {
            "service": one.cell.service,
            "market": one.cell.market,
            "verdict": verdict,
            "labels": self._labels(one),
            "bounds": {metric: bounds._asdict() for metric, bounds in one.cell.bounds.items()},
            "findings": [(finding.rule.id, finding.state) for finding in one.findings],
            "missing_facts": sorted({name for found in one.findings for name in found.missing}),
            "missing_evidence": [*lacking, *one.document["proofs"]],
            "doubts": one.document["doubts"],
        }

    def _labels(self, one: _Looked) -> dict[str, str]:
        """What is certain of each metric that some rule of the cell looks at.

        `breaches` where a limit is certainly broken, `meets` where a proof is asked for and no rule
        found anything, else `undecided`.
        """
        labels = {}
        for metric, attributes in self._metrics.items():
            about = {r.id: r for r in one.rules if not r.attributes.isdisjoint(attributes)}
            found = [finding for finding in one.findings if finding.rule.id in about]
            if any(state == "fires" and rule.effect in _LIMITS for rule, state, _ in found):
                labels[metric] = "breaches"
            elif not found and any(rule.effect == "require" for rule in about.values()):
                labels[metric] = "meets"
            elif about:
                labels[metric] = "undecided"
        return labels


def gravest(cells: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The gravest verdict of each market's cells; `unknown` under `""` where there is no cell."""
    verdicts: dict[str, str] = {}
    for cell in cells:
        others = verdicts.get(cell["market"], cell["verdict"])
        verdicts[cell["market"]] = min(others, cell["verdict"], key=VERDICTS.index)
    return verdicts or {"": "unknown"}
