"""What may be asked: markets, categories, evidence types and rules of the release in force."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from governance.access.caller import Caller, may
from governance.eligibility.answer import pointer
from governance.eligibility.catalogue_schemas import (
    CategoryOut,
    CategorySummary,
    EvidenceTypeOut,
    MarketSummary,
    RuleOut,
    RulePage,
)
from governance.eligibility.schemas import Date
from governance.errors import NotFound
from governance.markets.countries import place_name
from governance.problems import problems
from governance.rules.listing import check_filters, select_rules, summary
from governance.rules.model import Library

router = APIRouter(prefix="/v1", tags=["catalogue"])
_ERRORS = problems(401, 403, 422, 503)
_ERRORS_OF_ONE = problems(401, 403, 404, 422, 503)


def _library(caller: Annotated[Caller, Depends(may("catalogue:read"))]) -> Library:
    return caller.gates.library


InForce = Annotated[Library, Depends(_library)]


@router.get("/markets", response_model=list[MarketSummary], responses=_ERRORS)
def list_markets(library: InForce) -> list[dict[str, Any]]:
    """Every covered market with its coverage: what "all" stands for."""
    today = datetime.now(UTC).date()
    return [
        {
            "market": code,
            "name": place_name(code),
            "blocs": library.vocabulary.blocs_of(code, today),
            "regions": list(library.regions.get(code, ())),
            "import_modes": library.vocabulary.modes_of(code),
            "coverage": [
                {
                    "category": row.category,
                    "researched_on": row.researched_on.isoformat(),
                    "from": row.start.isoformat(),
                    "certainty": row.certainty,
                    "note": row.note,
                }
                for row in library.coverage
                if row.jurisdiction == code
            ],
        }
        for code in library.covered_markets
    ]


@router.get("/categories", response_model=list[CategorySummary], responses=_ERRORS)
def list_categories(library: InForce) -> list[dict[str, Any]]:
    """Every category that a product can have."""
    return [_category(library, name) for name in library.vocabulary.goods]


@router.get("/categories/{category}", response_model=CategoryOut, responses=_ERRORS_OF_ONE)
def read_category(category: str, library: InForce) -> dict[str, Any]:
    """A category with the facts to declare for it: what a portal's form asks."""
    if category not in library.vocabulary.goods:
        raise NotFound(f"There is no category {category!r}")
    lineage = set(library.vocabulary.lineage(category))
    rules = [*library.classification, *library.rules["sale"]]
    names = {
        name
        for rule in rules
        if not lineage.isdisjoint(rule.categories)
        for name in rule.attributes
    }
    return _category(library, category) | {
        "attributes": [
            {
                "attribute": name,
                "title": attribute.title,
                "pointer": pointer(attribute.of, name),
                "type": attribute.type,
                "values": list(attribute.values),
                "unit": attribute.unit,
                "minimum": attribute.minimum,
                "maximum": attribute.maximum,
            }
            for name, attribute in library.vocabulary.attributes.items()
            if name in names
        ]
    }


@router.get("/evidence-types", response_model=list[EvidenceTypeOut], responses=_ERRORS)
def list_evidence_types(library: InForce) -> list[dict[str, Any]]:
    """Every paper that a rule can ask for."""
    return [
        {
            "type": found.name,
            "title": found.title,
            "description": found.description,
            "jurisdiction": found.jurisdiction,
            "reference_pattern": found.reference_pattern,
        }
        for found in library.vocabulary.papers.values()
    ]


@router.get("/rules", response_model=RulePage, responses=_ERRORS)
def list_rules(
    library: InForce,
    market: Annotated[
        str | None, Query(description="Rules that bind this country or region.")
    ] = None,
    category: Annotated[str | None, Query(description="Rules for this category.")] = None,
    as_of: Annotated[Date | None, Query(description="Rules in force on this day.")] = None,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """The rules of the release in force, by market, category and day."""
    check_filters(library, market, category)
    day = date.fromisoformat(as_of) if as_of else None
    found = select_rules(library, market=market, category=category, day=day)
    after = offset + limit
    return {
        "rules": [summary(rule) for rule in found[offset:after]],
        "total": len(found),
        "next": after if after < len(found) else None,
    }


@router.get("/rules/{rule_id}", response_model=RuleOut, responses=_ERRORS_OF_ONE)
def read_rule(rule_id: str, library: InForce) -> dict[str, Any]:
    """One rule with its source."""
    rule = library.rules_by_id.get(rule_id)
    if rule is None:
        raise NotFound(f"There is no rule {rule_id!r}")
    due = rule.deadline
    return summary(rule) | {
        "note": rule.note,
        "attributes": sorted(rule.attributes),
        "also_in": list(rule.also_in),
        "not_in": list(rule.not_in),
        "deadline": {"days": due.days, "after": due.after} if due else None,
    }


def _category(library: Library, name: str) -> dict[str, Any]:
    category = library.vocabulary.categories[name]
    return {
        "category": name,
        "title": category.title,
        "parent": category.parent,
        "hs_prefixes": list(category.hs),
    }
