"""Says in words, for the seller, why the sale gate did not allow a sale."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from governance.rules.model import Library, Rule


def reasons(
    library: Library, where: str, mode: Mapping[str, Any], fired: Sequence[Rule]
) -> Iterator[dict[str, str]]:
    """Every reason against the sale under one way in, the gravest first.

    `mode` is that way in as the sale gate's result has it, `fired` its rules that fire, `where` the
    place in words. Gives `{"code": the verdict that it leads to, "message": a sentence}`.
    """
    vocabulary = library.vocabulary
    for rule in fired:
        if rule.effect == "prohibit":
            yield _reason("prohibited", f"{rule.title}.")
    for name in mode["uncovered"]:
        title = vocabulary.categories[name].title.lower()
        yield _reason("unknown", f"Nobody has researched the law for {title} in {where}.")
    for rule in fired:
        if rule.effect == "review":
            yield _reason("needs_review", f"To be reviewed: {rule.title}.")
    for name in mode["low_certainty"]:
        title = vocabulary.categories[name].title.lower()
        yield _reason("needs_review", f"The research into {title} is not certain enough.")
    for doubt in mode["doubts"]:
        yield _reason("needs_review", _doubt(library, doubt))
    if mode["research_too_old"]:
        days = mode["oldest_research_days"]
        yield _reason("needs_review", f"The research is {days} days older than the sale.")
    for name in mode["missing_facts"]:
        yield _reason("needs_facts", f"Please declare: {vocabulary.attributes[name].title}.")
    for name in mode["missing_evidence"]:
        title = vocabulary.evidence_types[name].title
        yield _reason("needs_evidence", f"Needed before the sale: {title}.")


def _doubt(library: Library, doubt: str) -> str:
    code, _, name = doubt.partition(":")
    if code == "hs_contradicts_category":
        return "The HS code belongs to other goods than the category."
    if code == "facts_contradict":
        rule = library.rules_by_id[name]
        return f"The declared facts contradict each other: {rule.title}."
    title = library.vocabulary.attributes[name].title
    if code == "way_in_contradicts":
        return f"A declared fact does not fit this way in: {title}."
    return f"No rule says what this means for such goods: {title}."


def _reason(code: str, message: str) -> dict[str, str]:
    return {"code": code, "message": message}
