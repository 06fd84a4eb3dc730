"""The codes of the provider policy and of the gate, in plain sentences."""

from collections.abc import Callable

from governance.rules.model import Library

_SENTENCES = {
    "grave_incident_open": "A grave incident is open.",
    "incident_open": "An incident is open: no better standing before it is closed.",
    "reinstatement_requested": "A reviewer asked for the reinstatement.",
    "delisting_requested": "A reviewer asked for the delisting.",
    "no_cells": "It offers no service in any market.",
    "proven_in_a_cell": "Where it is allowed, its deliveries prove what is asked for.",
    "licences_and_coverage_in_order": "Its licences and services are in order.",
    "a_cell_is_not_covered": "Some service in some market has no rules yet, and is not served.",
    "a_cell_needs_review": "Something that was found must be looked at by a person.",
    "a_cell_lacks_facts": "Figures that a rule asks for are not known.",
    "a_cell_lacks_proof": "Somewhere proof by deliveries is still lacking.",
}
_NAMED: dict[str, Callable[[Library, str], str]] = {
    "prohibited": lambda library, name: f"{_rule(library, name)}.",
    "breach": lambda library, name: f"{_rule(library, name)}.",
    "licence_lacking": lambda library, name: f"Not held, or run out: {_paper(library, name)}.",
    "promise_broken": lambda library, name: f"It certainly does not keep its promise: {name}.",
}


def sentence(library: Library, code: str) -> str:
    """What a code says; one that a policy invented since is given as it is."""
    kind, _, name = code.partition(":")
    if name and kind in _NAMED:
        return _NAMED[kind](library, name)
    return _SENTENCES.get(code, code)


def _rule(library: Library, name: str) -> str:
    rule = library.rules_by_id.get(name)
    return rule.title if rule else name


def _paper(library: Library, name: str) -> str:
    known = library.vocabulary.evidence_types.get(name)
    return known.title if known else name
