"""The sale gate: may this seller sell this product in these markets on this date?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from governance.errors import EngineUnavailable
from governance.gates.geography import Cover, Geography, regions_of
from governance.gates.sale_facts import SaleFacts, read_facts
from governance.rego.engine import PolicyEngine
from governance.rules.classification import Classified, Classifier
from governance.rules.matcher import Finding
from governance.rules.model import Library
from governance.rules.shards import Shards

POLICY_PATH = "governance.sale.judgement"
# In this order of severity; the mildest way in is a market's verdict.
VERDICTS = ("prohibited", "unknown", "needs_review", "needs_facts", "needs_evidence", "allowed")


@dataclass(frozen=True)
class _Mode:
    """What one way in brings: the classification and the findings by country and region."""

    name: str
    classified: Classified
    doubts: tuple[str, ...]
    findings: Mapping[str, Sequence[Finding]]


@dataclass(frozen=True)
class _Case:
    """One place under one way in, to be judged."""

    market: str
    place: str
    mode: _Mode
    findings: Sequence[Finding]
    cover: Cover


class SaleGate:
    """The sale gate of one release; may be called from any thread."""

    def __init__(self, library: Library, policies: PolicyEngine) -> None:
        self.library = library
        self._policies = policies
        self._classifier = Classifier(library)
        self._shards = Shards(library.rules["sale"], library.vocabulary)
        self._geography = lru_cache(maxsize=64)(self._geography_on)
        self._modes_of = lru_cache(maxsize=None)(library.vocabulary.modes_of)

    def evaluate(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The result that goes on the record: verdicts, with the rules that found something.

        The same request under the same release gives the same result for ever: nothing else is
        read, neither clock nor database.

        Raises:
            InvalidRequest: the request names something that the release does not know.
            EngineUnavailable: an engine failed; there is no verdict.
        """
        facts = read_facts(request, self.library)
        geography = self._geography(facts.day)
        modes = {name: self._under(name, facts, geography) for name in self._mode_names(facts)}
        by_market: dict[str, dict[str, list[dict[str, Any]]]] = {m: {} for m in facts.markets}
        for case, result in self._judge(facts, list(self._cases(facts, modes, geography))):
            by_market[case.market].setdefault(case.place, []).append(result)
        return {
            "as_of": facts.day.isoformat(),
            "categories": list(next(iter(modes.values())).classified.categories),
            "markets": [_market_result(market, places) for market, places in by_market.items()],
        }

    def _geography_on(self, day: date) -> Geography:
        return Geography(self.library, "sale", day)

    def _mode_names(self, facts: SaleFacts) -> list[str]:
        if facts.import_mode is not None:
            return [facts.import_mode]
        known = {mode for market in facts.markets for mode in self._modes_of(market)}
        return [name for name in self.library.vocabulary.import_modes if name in known]

    def _under(self, mode: str, facts: SaleFacts, geography: Geography) -> _Mode:
        """Classify and match: one question to the engine finds the rules of every market."""
        classified = self._classifier.classify(facts.category, facts.under_mode(mode), facts.day)
        by_place: dict[str, list[Finding]] = {
            place: []
            for market in facts.markets
            for place in (market, *regions_of(self.library, market))
        }
        # Sorted, so that a result does not depend on the order in which an engine found it.
        found = self._shards.match(classified.categories, classified.facts)
        for finding in sorted(found, key=lambda finding: finding.rule.id):
            for place in geography.places(finding.rule):
                if place in by_place:
                    by_place[place].append(finding)
        return _Mode(mode, classified, tuple(self._doubts(mode, facts, classified)), by_place)

    def _doubts(self, mode: str, facts: SaleFacts, classified: Classified) -> Iterator[str]:
        """What a person must look at whatever the rules say."""
        for name in facts.contradicting(mode):
            yield f"way_in_contradicts:{name}"
        for rule in classified.contradicted:
            yield f"facts_contradict:{rule.id}"
        hs = facts.declared.get("hs")
        if hs and not self.library.vocabulary.hs_fits(classified.categories, hs):
            yield "hs_contradicts_category"
        looked_at = self._classifier.looks_at(classified.categories).union(
            *(self._shards[category].attributes for category in classified.categories)
        )
        attributes = self.library.vocabulary.attributes
        for name, value in facts.declared.items():
            if value is True and attributes[name].of == "product" and name not in looked_at:
                yield f"fact_not_examined:{name}"

    def _cases(
        self, facts: SaleFacts, modes: Mapping[str, _Mode], geography: Geography
    ) -> Iterator[_Case]:
        for market in facts.markets:
            known = self._modes_of(market)
            there = [mode for name, mode in modes.items() if name in known]
            # A region under the same rules has the same verdict, so it need not be judged.
            regions = [
                region
                for region in regions_of(self.library, market)
                if any(m.findings[region] != m.findings[market] for m in there)
            ]
            for place in [market, *regions]:
                for mode in there:
                    cover = geography.cover(market, mode.classified.categories)
                    findings = [*mode.classified.undetermined, *mode.findings[place]]
                    yield _Case(market, place, mode, findings, cover)

    def _judge(
        self, facts: SaleFacts, cases: Sequence[_Case]
    ) -> list[tuple[_Case, dict[str, Any]]]:
        """One call to the policy for all cases that differ, and the result of each.

        Most do not: the members of a bloc share its rules, and most rules hold for every way in.
        """
        distinct: dict[tuple[object, ...], _Case] = {}
        keys = []
        for case in cases:
            key = (case.cover, case.mode.doubts, *map(id, case.findings))
            distinct.setdefault(key, case)
            keys.append(key)
        documents = [_policy_case(case) for case in distinct.values()]
        asked = {name for document in documents for name in document["require"]}
        evidence = [held for held in facts.evidence if held["type"] in asked]
        answer = self._policies.evaluate(
            POLICY_PATH,
            {"as_of": facts.day.isoformat(), "evidence": evidence, "cases": documents},
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
        holds = frozenset(held)
        results = {
            key: _case_result(case, document, verdict, holds)
            | {"research_too_old": case.cover.oldest_days > oldest_allowed}
            for (key, case), document, verdict in zip(
                distinct.items(), documents, verdicts, strict=True
            )
        }
        return [
            (case, {"import_mode": case.mode.name} | results[key])
            for case, key in zip(cases, keys, strict=True)
        ]


def _policy_case(case: _Case) -> dict[str, Any]:
    """A case as the policy sees it: what was found, by what it means. Not where or how: what the
    law of one market or of one way in says is a rule, and the same findings get the same verdict.
    """
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
        "doubts": case.mode.doubts,
        "prohibit": prohibit,
        "review": review,
        "undetermined": undetermined,
        "require": list(require),
    }


def _case_result(
    case: _Case, document: Mapping[str, Any], verdict: str, held: frozenset[str]
) -> dict[str, Any]:
    missing = {name for finding in case.findings for name in finding.missing}
    return {
        "verdict": verdict,
        "missing_evidence": [name for name in document["require"] if name not in held],
        "missing_facts": sorted(missing),
        "uncovered": list(case.cover.uncovered),
        "low_certainty": list(case.cover.low_certainty),
        "oldest_research_days": case.cover.oldest_days,
        "doubts": list(case.mode.doubts),
        "findings": [[finding.rule.id, finding.state] for finding in case.findings],
    }


def _market_result(market: str, places: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """A market's verdict is that of its mildest way in; regions are shown where theirs differs."""
    country = _mildest(places.pop(market))
    regions = [{"region": place} | _mildest(modes) for place, modes in places.items()]
    return {
        "market": market,
        **country,
        "regions": [found for found in regions if found["verdict"] != country["verdict"]],
    }


def _mildest(modes: list[dict[str, Any]]) -> dict[str, Any]:
    best = max(modes, key=lambda mode: VERDICTS.index(mode["verdict"]))
    return {
        "verdict": best["verdict"],
        "import_mode": best["import_mode"],
        "import_modes": modes,
    }
