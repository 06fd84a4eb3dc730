"""The refusals in a sale decision: the places that were refused for the same reasons, together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from governance.gates.reasons import reasons
from governance.markets.countries import country_of, place_name
from governance.rules.model import Library, Rule

UNION = "EU"
Verdict = Literal["prohibited", "unknown", "needs_review", "needs_facts", "needs_evidence"]
_WHERE = "these markets"


@dataclass(frozen=True)
class Refusal:
    """Places with the same verdict for the same reasons.

    `rules` are those that refused and `reasons` what they come to, in sentences. `places` are codes
    of ISO 3166 and reach whole countries, but for the regions in `excepted`, whose verdict differs.
    """

    verdict: Verdict
    rules: tuple[Rule, ...]
    reasons: tuple[str, ...]
    places: tuple[str, ...]
    excepted: tuple[str, ...]

    def by_union_law(self, library: Library, day: date) -> bool:
        """Whether the sale itself is against the law of the Union or of a member on `day`."""
        if self.verdict != "prohibited":
            return False
        makers = [rule.jurisdiction for rule in self.rules if rule.jurisdiction is not None]
        return any(m == UNION or is_member(library, country_of(m), day) for m in makers)

    def where(self) -> str:
        """The places in words."""
        words = _list(self.places)
        return f"{words} (except {_list(self.excepted)})" if self.excepted else words


def is_member(library: Library, country: str, day: date) -> bool:
    """Whether a country is a Member State of the European Union on `day`."""
    return UNION in library.vocabulary.blocs_of(country, day)


def refusals(result: Mapping[str, Any], library: Library) -> list[Refusal]:
    """The refusals of a sale gate's recorded result, in the order of its markets.

    Every place that is not allowed is in one of them, and in one only.
    """
    grouped: dict[tuple[object, ...], list[tuple[str, tuple[str, ...]]]] = {}
    parts: dict[tuple[object, ...], tuple[Verdict, list[Rule], list[str]]] = {}
    for place, excepted, judged in _refused(result):
        rules, sentences = _grounds(judged, library)
        key = (judged["verdict"], *(rule.id for rule in rules), *sentences)
        grouped.setdefault(key, []).append((place, excepted))
        parts[key] = judged["verdict"], rules, sentences
    return [
        Refusal(
            verdict=verdict,
            rules=tuple(rules),
            reasons=tuple(sentences),
            places=tuple(place for place, _ in grouped[key]),
            excepted=tuple(region for _, regions in grouped[key] for region in regions),
        )
        for key, (verdict, rules, sentences) in parts.items()
    ]


def _refused(
    result: Mapping[str, Any],
) -> Iterator[tuple[str, tuple[str, ...], Mapping[str, Any]]]:
    """The places not allowed: code, its regions whose verdict differs, and the judgement."""
    for market in result["markets"]:
        regions = market["regions"]
        if market["verdict"] != "allowed":
            yield market["market"], tuple(region["region"] for region in regions), market
        for region in regions:
            if region["verdict"] != "allowed":
                yield region["region"], (), region


def _grounds(judged: Mapping[str, Any], library: Library) -> tuple[list[Rule], list[str]]:
    """The rules and reasons that gave a place its verdict.

    Where the sale is prohibited every way in is, so all count; otherwise the mildest one, whose
    verdict is the place's: it names what is left to do.
    """
    verdict = judged["verdict"]
    rules: dict[str, Rule] = {}
    said: list[dict[str, str]] = []
    for mode in judged["import_modes"]:
        if verdict != "prohibited" and mode["import_mode"] != judged["import_mode"]:
            continue
        found = [(library.rules_by_id[name], state) for name, state in mode["findings"]]
        rules |= {rule.id: rule for rule, state in found if _refuses(verdict, rule, state, mode)}
        fired = [rule for rule, state in found if state == "fires"]
        said += reasons(library, _WHERE, mode, fired)
    # A policy may be stricter than the reasons on their own: then all of them are told.
    own = [reason for reason in said if reason["code"] == verdict] or said
    sentences = dict.fromkeys(reason["message"] for reason in own)
    return [rules[name] for name in sorted(rules)], list(sentences)


def _refuses(verdict: str, rule: Rule, state: str, mode: Mapping[str, Any]) -> bool:
    if state == "undetermined":
        return verdict == "needs_facts"
    if verdict == "needs_evidence":
        asked = set(rule.evidence)
        return rule.effect == "require" and not asked.isdisjoint(mode["missing_evidence"])
    return (verdict, rule.effect) in {("prohibited", "prohibit"), ("needs_review", "review")}


def _list(codes: Sequence[str]) -> str:
    names = [place_name(code) + (f" ({code})" if "-" in code else "") for code in codes]
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
