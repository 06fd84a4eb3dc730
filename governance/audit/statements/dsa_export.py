"""Writes statements of reasons in the shape of the EU DSA Transparency Database."""

from collections.abc import Iterable, Iterator
from typing import Any, cast, get_args

from governance.audit.statements.dsa import (
    LONGEST_EXPLANATION,
    LONGEST_FACTS,
    LONGEST_GROUND,
    LONGEST_URL,
    DsaStatement,
)
from governance.audit.statements.dsa_words import Category, Keyword, Territory
from governance.audit.statements.schemas import Statement
from governance.markets.countries import country_of

_PRODUCTS: Category = "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS"
_TERMS: Category = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC"
_FORBIDDEN: Keyword = "KEYWORD_PROHIBITED_PRODUCTS"
_ELSEWHERE: Keyword = "KEYWORD_GEOGRAPHICAL_REQUIREMENTS"


def dsa_export(statements: Iterable[Statement]) -> Iterator[dict[str, Any]]:
    """Each statement as a JSON object that the database takes, one at a time.

    Texts longer than the database takes end in "…". Every object has passed `DsaStatement`; raises
    `pydantic.ValidationError` for one that the database would refuse.
    """
    for statement in statements:
        yield _row(statement).as_json()


def _row(statement: Statement) -> DsaStatement:
    illegal = statement.ground == "illegal_content"
    prohibited = statement.verdict == "prohibited"
    explanation = _within(LONGEST_EXPLANATION, statement.explanation)
    laws = "; ".join(dict.fromkeys(ground.citation for ground in statement.legal_grounds))
    return DsaStatement(
        puid=statement.puid,
        decision_visibility=["DECISION_VISIBILITY_CONTENT_DISABLED"],
        decision_ground=(
            "DECISION_GROUND_ILLEGAL_CONTENT" if illegal else "DECISION_GROUND_INCOMPATIBLE_CONTENT"
        ),
        decision_ground_reference_url=_reference(statement),
        illegal_content_legal_ground=_within(LONGEST_GROUND, laws) if illegal else None,
        illegal_content_explanation=explanation if illegal else None,
        incompatible_content_ground=None if illegal else _terms(statement, laws),
        incompatible_content_explanation=None if illegal else explanation,
        # Whether a sale is legal that is not yet established is left open.
        incompatible_content_illegal="No" if prohibited and not illegal else None,
        content_type=["CONTENT_TYPE_PRODUCT"],
        content_date=statement.decided_on,  # the offer came with the request
        category=_PRODUCTS if prohibited else _TERMS,
        category_addition=[_TERMS] if prohibited and not illegal else None,
        category_specification=(
            [_FORBIDDEN] if illegal else [_FORBIDDEN, _ELSEWHERE] if prohibited else [_ELSEWHERE]
        ),
        territorial_scope=_scope(statement.territories),
        application_date=statement.decided_on,
        decision_facts=_within(LONGEST_FACTS, statement.facts),
        source_type="SOURCE_VOLUNTARY",
        automated_detection="Yes",
        automated_decision="AUTOMATED_DECISION_FULLY",
    )


def _reference(statement: Statement) -> str | None:
    """Where the ground can be read: the law, or the terms; the law again if those have no page."""
    laws = [ground.url for ground in statement.legal_grounds]
    links = [statement.contractual_ground_url, *laws]
    return next((link for link in links if link and len(link) <= LONGEST_URL), None)


def _terms(statement: Statement, laws: str) -> str:
    clause = statement.contractual_ground or ""
    return _within(LONGEST_GROUND, f"{clause} Law of the market: {laws}" if laws else clause)


def _scope(territories: Iterable[str]) -> list[Territory]:
    """The countries of the EEA among the territories; the facts name all of them."""
    countries = {country_of(code) for code in territories}
    return [cast("Territory", code) for code in get_args(Territory) if code in countries]


def _within(longest: int, text: str) -> str:
    """The text, cut between two words where the database takes no more."""
    if len(text) <= longest:
        return text
    return text[: longest - 2].rsplit(" ", 1)[0] + " …"
