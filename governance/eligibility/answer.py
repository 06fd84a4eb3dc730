"""Turns a recorded result into the answer: the same verdicts, with every rule spelled out."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from governance.gates.reasons import reasons
from governance.markets.countries import place_name
from governance.rules.listing import source_json
from governance.rules.model import Library, Rule


def answer(decision_id: str, release: str, result: Mapping[str, Any], library: Library) -> Any:
    """The answer to an eligibility request (see `schemas.EligibilityAnswer`)."""
    writer = _writer(library)
    return {
        "decision_id": decision_id,
        "as_of": result["as_of"],
        "release": release,
        "categories": result["categories"],
        "markets": [
            writer.verdict({"market": market["market"]}, market)
            | {"regions": [writer.verdict({"region": r["region"]}, r) for r in market["regions"]]}
            for market in result["markets"]
        ],
    }


@lru_cache(maxsize=4)
def _writer(library: Library) -> "_Writer":
    return _Writer(library)


class _Writer:
    """Spells out the results of one release."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._vocabulary = library.vocabulary
        self._finding = lru_cache(maxsize=None)(self._spell_finding)

    def verdict(self, name: dict[str, str], result: Mapping[str, Any]) -> dict[str, Any]:
        place = next(iter(name.values()))
        return {
            **name,
            "verdict": result["verdict"],
            "import_mode": result["import_mode"],
            "import_modes": [self._mode(place, mode) for mode in result["import_modes"]],
        }

    def _mode(self, place: str, mode: Mapping[str, Any]) -> dict[str, Any]:
        found = [(self._library.rules_by_id[name], state) for name, state in mode["findings"]]
        fired = [rule for rule, state in found if state == "fires"]
        undetermined = [rule for rule, state in found if state == "undetermined"]
        return {
            "import_mode": mode["import_mode"],
            "verdict": mode["verdict"],
            "reasons": list(reasons(self._library, place_name(place), mode, fired)),
            "missing_evidence": [self._evidence(name, fired) for name in mode["missing_evidence"]],
            "missing_facts": [self._fact(name, undetermined) for name in mode["missing_facts"]],
            "obligations": [_obligation(rule) for rule in fired if rule.effect == "oblige"],
            "findings": [self._finding(name, state) for name, state in mode["findings"]],
        }

    def _evidence(self, name: str, fired: list[Rule]) -> dict[str, Any]:
        kind = self._vocabulary.evidence_types[name]
        return {
            "type": name,
            "title": kind.title,
            "description": kind.description,
            "asked_by": [rule.id for rule in fired if name in rule.evidence],
        }

    def _fact(self, name: str, undetermined: list[Rule]) -> dict[str, Any]:
        attribute = self._vocabulary.attributes[name]
        return {
            "attribute": name,
            "title": attribute.title,
            "pointer": pointer(attribute.of, name),
            "asked_by": [rule.id for rule in undetermined if name in rule.attributes],
        }

    def _spell_finding(self, name: str, state: str) -> dict[str, Any]:
        rule = self._library.rules_by_id[name]
        return {
            "rule": rule.id,
            "title": rule.title,
            "effect": rule.effect,
            "state": state,
            "imposed_by": rule.jurisdiction,
            "source": source_json(rule),
        }


# Facts that have a field of their own in a request; all others go under `attributes`.
_FIELDS = {
    "seller": ("established_in", "kind"),
    "product": ("hs", "origin"),
    "offer": (
        "import_mode",
        "units_per_consignment",
        "shipped_by",
        "importer",
        "stock_located_in_market",
        "first_placed_on_market",
    ),
}


def pointer(namespace: str, attribute: str) -> str:
    """Where in a request an attribute is declared, as a JSON pointer."""
    own = attribute in _FIELDS.get(namespace, ())
    return f"/{namespace}/{attribute}" if own else f"/{namespace}/attributes/{attribute}"


def _obligation(rule: Rule) -> dict[str, Any]:
    due = rule.deadline
    return {
        "rule": rule.id,
        "title": rule.title,
        "deadline": {"days": due.days, "after": due.after} if due else None,
    }
