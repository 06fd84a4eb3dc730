"""Selects rules and shows them as JSON."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from governance.errors import FieldError, InvalidRequest
from governance.markets.countries import country_codes, is_region, suggest_country
from governance.rules.model import Library, Rule
from governance.rules.problems import did_you_mean


def select_rules(
    library: Library,
    *,
    gate: str = "sale",
    market: str | None = None,
    category: str | None = None,
    day: date | None = None,
) -> list[Rule]:
    """The rules of a gate that bind a market (or region), hold for a category, are in force."""
    on = day or datetime.now(UTC).date()
    jurisdictions = library.vocabulary.jurisdictions(market, on) if market else frozenset()
    lineage = library.vocabulary.lineage(category) if category else ()
    return [
        rule
        for rule in library.rules[gate]
        if (market is None or rule.binds(market, jurisdictions))
        and (category is None or not set(lineage).isdisjoint(rule.categories))
        and (day is None or rule.in_force_on(day))
    ]


def summary(rule: Rule) -> dict[str, Any]:
    """A rule in brief, as JSON."""
    return {
        "rule": rule.id,
        "title": rule.title,
        "effect": rule.effect,
        "status": rule.status,
        "from": rule.start.isoformat(),
        "to": rule.end.isoformat() if rule.end else None,
        "imposed_by": rule.jurisdiction,
        "categories": list(rule.categories),
        "evidence": list(rule.evidence),
        "source": source_json(rule),
    }


def source_json(rule: Rule) -> dict[str, str]:
    """A rule's source as JSON."""
    return {key: str(value) for key, value in asdict(rule.source).items()}


def check_filters(library: Library, market: str | None, category: str | None) -> None:
    """Refuse a market or a category that does not exist. Raises InvalidRequest."""
    errors = []
    if market is not None and market not in country_codes() and not is_region(market):
        suggestion = suggest_country(market)
        hint = f"did you mean {suggestion}?" if suggestion else "ISO 3166, as in FR or US-CA"
        errors.append(FieldError("market", f"unknown market `{market}`", hint))
    if category is not None and category not in library.vocabulary.goods:
        hint = did_you_mean(category, library.vocabulary.goods) or "the vocabulary lists them"
        errors.append(FieldError("category", f"unknown category `{category}`", hint))
    if errors:
        raise InvalidRequest(errors[0].message, errors=errors)
