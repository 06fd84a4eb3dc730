"""Judges a checked request of the drop gate: what the rules find in its facts, then the policy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from governance.errors import EngineUnavailable
from governance.gates.drop_facts import DropRequest, facts
from governance.gates.sale_judgement import VERDICTS
from governance.rego.engine import PolicyEngine
from governance.rules.matcher import Finding
from governance.rules.model import Library
from governance.rules.shards import Shards
from governance.rules.vocabulary import DROPS_ROOT


@dataclass(frozen=True)
class MarketJudgement:
    """The verdict on a product in a market, and the codes that are its own."""

    verdict: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Judgement:
    """The verdict on a plan; `reasons` come gravest first, `markets` in the order of the request.

    A code of `reasons` that no market has stands against the plan as a whole.
    """

    verdict: str
    reasons: tuple[str, ...]
    approved_reasons: tuple[str, ...]
    markets: tuple[MarketJudgement, ...]
    findings: tuple[Finding, ...]


class DropJudge:
    """Rules and policy about drops, of one release; may be called from any thread."""

    def __init__(self, library: Library, policies: PolicyEngine, path: str) -> None:
        self._vocabulary = library.vocabulary
        self._policies = policies
        self._path = path
        known = DROPS_ROOT in library.vocabulary.categories
        shards = Shards(library.rules["drop"], library.vocabulary)
        self._shard = shards[DROPS_ROOT] if known else None

    def judgement(self, asked: DropRequest) -> Judgement:
        """The judgement; raises EngineUnavailable where an engine did not judge everything."""
        findings, covered = self._found(asked)
        answer = self._policies.evaluate(self._path, _document(asked, findings, covered))
        if not _complete(answer, len(asked.markets)):
            raise EngineUnavailable("the policy did not judge the drop in every market")
        return Judgement(
            verdict=answer["verdict"],
            reasons=tuple(answer["reasons"]),
            approved_reasons=tuple(answer["approved_reasons"]),
            markets=tuple(
                MarketJudgement(one["verdict"], tuple(one["reasons"])) for one in answer["markets"]
            ),
            findings=findings,
        )

    def _found(self, asked: DropRequest) -> tuple[tuple[Finding, ...], bool]:
        """What the rules find, in an order that no engine decides, and whether any is in force."""
        if self._shard is None:
            return (), False
        day = date.fromisoformat(asked.as_of)
        bound = {rule.id for rule in self._shard.rules if rule.in_force_on(day)}
        found = self._shard.match(facts(asked, self._vocabulary))
        there = [finding for finding in found if finding.rule.id in bound]
        return tuple(sorted(there, key=attrgetter("rule.id"))), bool(bound)


def _document(asked: DropRequest, findings: Sequence[Finding], covered: bool) -> dict[str, Any]:
    """The request as the policy sees it: without a name of anybody, and with what was found."""
    document: dict[str, Any] = {
        "plan": asked.plan,
        # A day on which no rule binds was not thought of: nothing is allowed then.
        "uncovered": [] if covered else [DROPS_ROOT],
        "stale": [one.model_dump() for one in asked.stale],
        "markets": [one.model_dump() for one in asked.markets],
        "nodes": [one.model_dump() for one in asked.nodes],
        "approvals": [one.model_dump(exclude={"approver"}) for one in asked.approvals],
    }
    for effect in ("prohibit", "review"):
        document[effect] = [
            found.rule.id
            for found in findings
            if found.state == "fires" and found.rule.effect == effect
        ]
    document["undetermined"] = [f.rule.id for f in findings if f.state == "undetermined"]
    return document


def _complete(answer: Any, markets: int) -> bool:
    return (
        _is_judged(answer)
        and _are_codes(answer.get("approved_reasons"))
        and isinstance(answer.get("markets"), list)
        and len(answer["markets"]) == markets
        and all(_is_judged(one) for one in answer["markets"])
    )


def _is_judged(one: Any) -> bool:
    return (
        isinstance(one, Mapping)
        and one.get("verdict") in VERDICTS
        and _are_codes(one.get("reasons"))
    )


def _are_codes(codes: Any) -> bool:
    return isinstance(codes, list) and all(isinstance(code, str) for code in codes)
