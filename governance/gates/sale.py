"""The sale gate: may this seller sell this product in these markets on this date?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Any

from governance.gates.geography import Cover, Geography, regions_of
from governance.gates.sale_facts import SaleFacts, read_facts
from governance.gates.sale_judgement import VERDICTS as VERDICTS
from governance.gates.sale_judgement import Case, Judge, Result
from governance.rego.engine import PolicyEngine
from governance.rules.classification import Classified, Classifier
from governance.rules.matcher import Finding
from governance.rules.model import Library
from governance.rules.shards import Shards

POLICY_PATH = "governance.sale.judgement"
_MILDNESS = {verdict: degree for degree, verdict in enumerate(VERDICTS)}


@dataclass(frozen=True)
class _Mode:
    """What one way in brings: the product's categories, findings everywhere and by place."""

    name: str
    categories: tuple[str, ...]
    doubts: tuple[str, ...]
    everywhere: tuple[Finding, ...]
    findings: Mapping[str, tuple[Finding, ...]]

    def at(self, place: str) -> tuple[Finding, ...]:
        """What was found for a country or region: about the product itself, then its rules."""
        return self.findings.get(place, self.everywhere)


class SaleGate:
    """The sale gate of one release; may be called from any thread."""

    def __init__(self, library: Library, policies: PolicyEngine) -> None:
        self.library = library
        self._judge = Judge(policies, POLICY_PATH)
        self._classifier = Classifier(library)
        self._shards = Shards(library.rules["sale"], library.vocabulary)
        self._geography = lru_cache(maxsize=64)(self._geography_on)
        self._market = lru_cache(maxsize=None)(self._ways_and_regions)

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
        modes = [self._under(name, facts, geography) for name in self._mode_names(facts)]
        places = {market: self._places(market, modes) for market in facts.markets}
        cases = {
            (place, mode.name): _case(facts, mode, place, geography.cover(market, mode.categories))
            for market, (there, names) in places.items()
            for place in names
            for mode in there
        }
        judged = self._judge.results(list(cases.values()))
        results = {
            (place, mode): {**result, "import_mode": mode}
            for (place, mode), result in zip(cases, judged, strict=True)
        }
        return {
            "as_of": facts.as_of,
            "categories": modes[0].categories,
            "markets": [
                _market_result(
                    market, {place: [results[place, m.name] for m in there] for place in names}
                )
                for market, (there, names) in places.items()
            ],
        }

    def _geography_on(self, day: date) -> Geography:
        return Geography(self.library, "sale", day)

    def _ways_and_regions(self, market: str) -> tuple[list[str], Sequence[str]]:
        return self.library.vocabulary.modes_of(market), regions_of(self.library, market)

    def _mode_names(self, facts: SaleFacts) -> list[str]:
        if facts.import_mode is not None:
            return [facts.import_mode]
        known = {mode for market in facts.markets for mode in self._market(market)[0]}
        return [name for name in self.library.vocabulary.import_modes if name in known]

    def _under(self, mode: str, facts: SaleFacts, geography: Geography) -> _Mode:
        """Classify and match: one question to the engine finds the rules of every market."""
        classified = self._classifier.classify(facts.category, facts.under_mode(mode), facts.day)
        found = self._shards.match(classified.categories, classified.facts)
        by_place: dict[str, list[Finding]] = {}
        # Sorted, so that a result does not depend on the order in which an engine found it.
        for finding in sorted(found, key=attrgetter("rule.id")):
            for place in geography.places(finding.rule):
                by_place.setdefault(place, []).append(finding)
        doubts = tuple(self._doubts(mode, facts, classified))
        everywhere = classified.undetermined
        findings = {place: (*everywhere, *there) for place, there in by_place.items()}
        return _Mode(mode, classified.categories, doubts, everywhere, findings)

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

    def _places(self, market: str, modes: list[_Mode]) -> tuple[list[_Mode], list[str]]:
        """The ways into a market, and where to judge: the country, then regions that differ.

        A region under the same rules has the same verdict, so it need not be judged.
        """
        known, regions = self._market(market)
        there = [mode for mode in modes if mode.name in known]
        differ = [
            region
            for region in regions
            if any(mode.at(region) != mode.at(market) for mode in there)
        ]
        return there, [market, *differ]


def _case(facts: SaleFacts, mode: _Mode, place: str, cover: Cover) -> Case:
    findings = mode.at(place)
    papers = [
        paper
        for finding in findings
        for name in finding.rule.evidence
        for paper in facts.papers.get(name, ())
    ]
    return Case(facts.as_of, cover, mode.doubts, findings, tuple(papers))


def _market_result(market: str, places: dict[str, list[Result]]) -> Result:
    """A market's verdict is that of its mildest way in; regions are shown where theirs differs."""
    country = _mildest(places.pop(market))
    regions = [{"region": place, **_mildest(modes)} for place, modes in places.items()]
    differ = [found for found in regions if found["verdict"] != country["verdict"]]
    return {"market": market, **country, "regions": differ}


def _mildest(modes: list[Result]) -> Result:
    """The verdict of the mildest way in, of the first one where several are as mild."""
    best = modes[0]
    for mode in modes[1:]:
        if _MILDNESS[mode["verdict"]] > _MILDNESS[best["verdict"]]:
            best = mode
    return {"verdict": best["verdict"], "import_mode": best["import_mode"], "import_modes": modes}
