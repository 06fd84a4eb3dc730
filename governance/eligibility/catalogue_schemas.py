"""What comes out of the catalogue endpoints."""

from typing import Any

from pydantic import BaseModel, Field

from governance.eligibility.schemas import Effect, SourceOut


class CoverageOut(BaseModel):
    """Somebody looked into a category for this market."""

    category: str
    researched_on: str
    from_: str = Field(alias="from", description="Earliest day of sale that can be judged.")
    certainty: str
    note: str | None


class MarketSummary(BaseModel):
    """A market that "all" stands for."""

    market: str
    name: str
    blocs: list[str]
    regions: list[str] = Field(description="Regions with law of their own.")
    import_modes: list[str]
    coverage: list[CoverageOut]


class CategorySummary(BaseModel):
    """A category; what holds for its parent holds for it."""

    category: str
    title: str
    parent: str | None
    hs_prefixes: list[str]


class AttributeOut(BaseModel):
    """A fact that rules look at."""

    attribute: str
    title: str
    pointer: str = Field(description="Where in a request it is declared.")
    type: str
    values: list[str]
    unit: str | None
    minimum: float | None
    maximum: float | None


class CategoryOut(CategorySummary):
    """A category with every fact that some rule for it looks at."""

    attributes: list[AttributeOut]


class EvidenceTypeOut(BaseModel):
    """A paper that a rule can ask for."""

    type: str
    title: str
    description: str
    jurisdiction: str
    reference_pattern: str | None


class RuleSummary(BaseModel):
    """A rule in brief; `from` is inclusive, `to` exclusive."""

    rule: str
    title: str
    effect: Effect
    status: str
    from_: str = Field(alias="from")
    to: str | None
    imposed_by: str | None
    categories: list[str]
    evidence: list[str]
    source: SourceOut


class RuleOut(RuleSummary):
    """A rule with its note and the facts that it looks at."""

    note: str | None
    attributes: list[str]
    also_in: list[str]
    not_in: list[str]
    deadline: dict[str, Any] | None


class RulePage(BaseModel):
    """A page of rules; `next` is the offset of the next one."""

    rules: list[RuleSummary]
    total: int
    next: int | None
