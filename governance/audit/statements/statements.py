"""Statements of reasons: why an offer of a seller in the EU is not shown in some markets.

Regulation (EU) 2022/2065, article 17 (https://eur-lex.europa.eu/eli/reg/2022/2065/oj; read on
2026-11-23 in copies published elsewhere, certainty medium), owes one to the recipient of every
restriction of the visibility of what they provided, "on the ground that the information … is
illegal content or incompatible with their terms and conditions". What follows from it here:

- A refusal is every verdict but `allowed`. One that asks for a paper, a fact or a person is owed a
  statement too: until then the offer is not shown, "regardless of why or how" (paragraph 2).
- The ground is *illegal content* only where a rule of the Union or of a Member State prohibits the
  sale: article 3(h) knows no other law. A sale that Singapore forbids is refused under the terms,
  which let an offer be shown only where it may lawfully be sold; the statement cites the law of
  Singapore all the same. Every verdict short of `prohibited` is refused under the same clause.
- It is owed to a seller who declares to be established in a Member State on the day of decision.
- It holds no personal data (article 24(5)): nothing of the request enters it but the category, the
  day of sale and declared facts whose values come from the vocabulary or are numbers and days.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from pydantic_core import from_json

from governance.audit.statements.redress import redress
from governance.audit.statements.refusals import Refusal, is_member, refusals
from governance.audit.statements.schemas import LegalGround, Statement
from governance.decisions.models import Decision
from governance.rules.listing import source_json
from governance.rules.model import Library, Rule
from governance.rules.vocabulary import Attribute
from governance.settings import Settings

_DEFINITION = (
    "An offer whose sale the law of the European Union or of a Member State forbids is illegal "
    "content (Regulation (EU) 2022/2065, article 3(h))."
)
_FOREIGN = "That law is not of the European Union, so the ground is the terms and conditions."
_NOT_YET = {
    "prohibited": "The policies of the service do not let it be.",
    "unknown": "Nobody has established yet whether it may.",
    "needs_review": "A person must look at it first.",
    "needs_facts": "That cannot be judged before these facts are declared in a new request.",
    "needs_evidence": "It may, once a new request shows these papers.",
}


def statements(decision: Decision, library: Library, settings: Settings) -> list[Statement]:
    """The statements owed for a decision: one for all places refused for the same reasons.

    `library` is that of the decision's own release. Empty for a decision that is not about a sale,
    that allows everything, or whose seller is not known to be established in the EU.
    """
    if decision.gate != "sale":
        return []
    asked = from_json(decision.input)
    country = asked["seller"].get("established_in")
    if country is None or not is_member(library, country, decision.timestamp.date()):
        return []
    found = refusals(from_json(decision.result), library)
    return [_statement(decision, asked, refusal, library, settings) for refusal in found]


def _statement(
    decision: Decision,
    asked: Mapping[str, Any],
    refusal: Refusal,
    library: Library,
    settings: Settings,
) -> Statement:
    day = decision.timestamp.date()
    illegal = refusal.by_union_law(library, day)
    puid = _puid(decision, refusal)
    return Statement(
        puid=puid,
        decision_id=decision.decision_id,
        release=decision.release,
        decided_on=day,
        verdict=refusal.verdict,
        ground="illegal_content" if illegal else "incompatible_with_terms",
        restriction=f"The offer is not shown to buyers in {refusal.where()}.",
        territories=list(refusal.places),
        excepted=list(refusal.excepted),
        duration=f"From {day}, without an end; a new request is judged afresh.",
        facts=_facts(asked, day, refusal, library),
        legal_grounds=[_legal_ground(rule) for rule in refusal.rules],
        contractual_ground=None if illegal else settings.terms_clause,
        contractual_ground_url=None if illegal else _link(settings.terms_url),
        explanation=_explanation(refusal, illegal),
        source="own_initiative",
        automated_detection=True,
        automated_decision="fully",
        redress=redress(puid, _link(settings.complaints_url)),
    )


def _puid(decision: Decision, refusal: Refusal) -> str:
    """Unique and stable: the decision, and a digest of what was refused where by which rules."""
    ground = [refusal.verdict, [rule.id for rule in refusal.rules], refusal.places]
    return f"{decision.decision_id}-{sha256(json.dumps(ground).encode()).hexdigest()[:16]}"


def _explanation(refusal: Refusal, illegal: bool) -> str:
    why = " ".join(refusal.reasons)
    if illegal:
        return f"The offer may not be sold in {refusal.where()}: {why} {_DEFINITION}"
    if refusal.verdict == "prohibited" and refusal.rules:
        return f"The law there forbids the sale in {refusal.where()}: {why} {_FOREIGN}"
    rest = _NOT_YET[refusal.verdict]
    return f"The terms ask that the offer may be sold in {refusal.where()}. {rest} {why}"


def _facts(asked: Mapping[str, Any], day: date, refusal: Refusal, library: Library) -> str:
    category = library.vocabulary.categories[asked["product"]["category"]].title
    declared = "; ".join(_declared(asked, refusal.rules, library))
    return (
        f"On {day} a seller established in the European Union asked to offer goods of the category "
        f"“{category}” for sale on {asked['as_of']} in {refusal.where()}. The service examined the "
        "offer of its own accord, not after a notice, under the law of the day of sale."
        + (f" Declared and relied on: {declared}." if declared else "")
    )


def _declared(asked: Mapping[str, Any], rules: Iterable[Rule], library: Library) -> Iterable[str]:
    """The declared facts that the rules look at; free text and the seller's own are left out."""
    looked_at = {name for rule in rules for name in rule.attributes}
    for name in sorted(looked_at):
        attribute = library.vocabulary.attributes[name]
        if attribute.of in ("product", "offer") and attribute.type != "string":
            part = asked[attribute.of]
            value = part.get(name, (part.get("attributes") or {}).get(name))
            if value is not None:
                yield f"{attribute.title}: {_words(value, attribute)}"


def _words(value: Any, attribute: Attribute) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_words(one, attribute) for one in value)
    return f"{value} {attribute.unit}" if attribute.unit else str(value).replace("_", " ")


def _legal_ground(rule: Rule) -> LegalGround:
    source = source_json(rule)
    return LegalGround(
        rule=rule.id,
        title=rule.title,
        citation=source["citation"],
        url=source["url"],
        imposed_by=rule.jurisdiction,
    )


def _link(url: object) -> str | None:
    return str(url) if url is not None else None
