"""The codes and changes of the drop gate as sentences for the creator."""

from collections.abc import Callable, Mapping
from typing import Any

from governance.rules.model import Library

_SENTENCES = {
    "no_market": "The plan has no market.",
    "no_units": "The plan places no unit anywhere.",
    "sale_not_allowed_on_first_day": "On the first day of the sale it may not be sold there.",
    "sale_not_allowed_on_last_day": "On the last day of the sale it may not be sold there.",
    "no_import_mode": "The plan does not say by which way the goods come in.",
    "no_provider": "The plan names nobody who brings the goods.",
    "units_not_counted": "The plan does not say how many units are meant for this market.",
    "clearance_not_open": "Customs can no longer be cleared in the way that the plan uses.",
    "lead_time_over_limit": "One parcel of ten takes longer than the limit that was set.",
}
_NAMED: Mapping[str, Callable[[Library, str], str]] = {
    "prohibited": lambda library, name: f"Not allowed: {_rule(library, name)}.",
    "not_covered": lambda library, name: "No rule for drops is in force on that day.",
    "review": lambda library, name: f"To be reviewed: {_rule(library, name)}.",
    "undetermined": lambda library, name: f"Cannot be judged yet: {_needed(library, name)}.",
    "stale": lambda library, name: f"The plan rests on what has changed since: {_changed(name)}.",
    "node_over_capacity": lambda library, name: f"More units than the stockroom {name} takes.",
    "import_mode_not_allowed": lambda library, name: (
        f"The goods may not come in as planned: {_way_in(library, name)}."
    ),
    "evidence_ends": lambda library, name: f"Ends before the sale does: {_paper(library, name)}.",
    "provider_not_serving": lambda library, name: f"{name} is not in a standing to serve anybody.",
    "provider_not_allowed": lambda library, name: f"Not cleared for what is planned: {name}.",
    "refused_by_lane": lambda library, name: f"The lane {name} does not carry such goods.",
    "refused_by_node": lambda library, name: f"The stockroom {name} does not take such goods.",
}
_CHANGES: Mapping[str, Callable[[Library, str], str]] = {
    "evidence": lambda library, what: f"renew {_paper(library, what)} to the end of the sale",
    "provider": lambda library, what: f"choose another provider than {what}",
    "lane": lambda library, what: f"choose another lane than {what}",
    "node": lambda library, what: f"choose another stockroom than {what}",
    "import_mode": lambda library, what: f"do without this way in: {_way_in(library, what)}",
    "fewer_units": lambda library, what: f"put no more units into {what} than it takes",
    "plan_again": lambda library, what: "plan again",
    "exchange_rates": lambda library, what: "bring in the exchange rates of the day",
    "less_stock": lambda library, what: f"secure stock for at most {int(what):,} USD",
    "review": lambda library, what: f"have it reviewed: {_rule(library, what.partition(':')[2])}",
    "leave_out": lambda library, what: f"leave out {what}",
}


def sentence(library: Library, code: str) -> str:
    """What a code says; one that a policy invented since is given as it is."""
    kind, _, name = code.partition(":")
    if name and kind in _NAMED:
        return _NAMED[kind](library, name)
    return _SENTENCES.get(code, code)


def change_sentence(library: Library, change: Mapping[str, Any]) -> str:
    """What a change of the gate's result asks for, and of which product and where."""
    asked: str = _CHANGES[change["change"]](library, change["what"])
    if change["product"] not in (None, change["what"]):
        asked += f", for {change['product']}"
    if change["market"] not in (None, change["what"]):
        asked += f", in {change['market']}"
    return f"{asked[0].upper()}{asked[1:]}."


def is_liftable(code: str) -> bool:
    """Whether a reviewer's approval that names the code lifts it, as the policy has it."""
    return code.startswith("review:")


def _rule(library: Library, name: str) -> str:
    rule = library.rules_by_id.get(name)
    return rule.title if rule else name


def _needed(library: Library, name: str) -> str:
    rule = library.rules_by_id.get(name)
    known = library.vocabulary.attributes
    titles = [known[one].title for one in sorted(rule.attributes)] if rule else [name]
    return " and ".join(title[0].lower() + title[1:] for title in titles)


def _paper(library: Library, name: str) -> str:
    known = library.vocabulary.evidence_types.get(name)
    return known.title if known else name


def _way_in(library: Library, name: str) -> str:
    known = library.vocabulary.import_modes.get(name)
    return known.title if known else name


def _changed(name: str) -> str:
    what, _, which = name.partition(":")
    return f"{what.replace('_', ' ')} ({which})"
