"""A statement of reasons in the shape of the EU DSA Transparency Database.

What an online platform submits under Regulation (EU) 2022/2065, article 24(5)
(https://eur-lex.europa.eu/eli/reg/2022/2065/oj): the statements of article 17, without undue delay
and without personal data. Fields, lengths and conditions were read on 2026-11-23 in the
documentation (https://transparency.dsa.ec.europa.eu/page/api-documentation) and in the database's
own validator (https://github.com/digital-services-act/transparency-database, commit 69e80a0,
`app/Http/Requests/StatementStoreRequest.php`). Where the two differ, the stricter one is kept, save
for `territorial_scope`: the documentation calls it required, the validator lets it be empty, and
so must it be where the restriction reaches no country of the EEA.
"""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from governance.audit.statements.dsa_words import (
    AccountType,
    AutomatedDecision,
    Category,
    ContentType,
    DecisionAccount,
    DecisionGround,
    DecisionMonetary,
    DecisionProvision,
    DecisionVisibility,
    Keyword,
    SourceType,
    Territory,
    YesNo,
)

LONGEST_GROUND = 500
LONGEST_EXPLANATION = 2000
LONGEST_FACTS = 5000
LONGEST_URL = 500

_Text500 = Annotated[str, Field(min_length=1, max_length=500)]
_Explanation = Annotated[str, Field(min_length=1, max_length=LONGEST_EXPLANATION)]
_LAST_DAY = date(2038, 1, 1)
_EndDate = Annotated[date, Field(le=_LAST_DAY)] | None

# A companion is given exactly where its field has this value.
_COMPANIONS = (
    ("decision_visibility", "DECISION_VISIBILITY_OTHER", "decision_visibility_other"),
    ("decision_monetary", "DECISION_MONETARY_OTHER", "decision_monetary_other"),
    ("content_type", "CONTENT_TYPE_OTHER", "content_type_other"),
    ("decision_ground", "DECISION_GROUND_ILLEGAL_CONTENT", "illegal_content_legal_ground"),
    ("decision_ground", "DECISION_GROUND_ILLEGAL_CONTENT", "illegal_content_explanation"),
    ("decision_ground", "DECISION_GROUND_INCOMPATIBLE_CONTENT", "incompatible_content_ground"),
    ("decision_ground", "DECISION_GROUND_INCOMPATIBLE_CONTENT", "incompatible_content_explanation"),
)
_DECISIONS = ("decision_visibility", "decision_monetary", "decision_provision", "decision_account")
_END_DATES = ("visibility", "monetary", "service", "account")


class DsaStatement(BaseModel):
    """One statement as the database takes it; a field that is None is not sent."""

    model_config = ConfigDict(strict=True, extra="forbid")

    puid: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]+$", max_length=500)]
    decision_visibility: Annotated[list[DecisionVisibility], Field(min_length=1)] | None = None
    decision_visibility_other: _Text500 | None = None
    decision_monetary: DecisionMonetary | None = None
    decision_monetary_other: _Text500 | None = None
    decision_provision: DecisionProvision | None = None
    decision_account: DecisionAccount | None = None
    account_type: AccountType | None = None
    decision_ground: DecisionGround
    decision_ground_reference_url: (
        Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=LONGEST_URL)] | None
    ) = None
    illegal_content_legal_ground: _Text500 | None = None
    illegal_content_explanation: _Explanation | None = None
    incompatible_content_ground: _Text500 | None = None
    incompatible_content_explanation: _Explanation | None = None
    incompatible_content_illegal: YesNo | None = None
    content_type: Annotated[list[ContentType], Field(min_length=1)]
    content_type_other: _Text500 | None = None
    content_id: dict[Literal["EAN-13"], Annotated[str, Field(pattern=r"^[0-9]{13}$")]] | None = None
    content_language: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    content_date: Annotated[date, Field(ge=date(2000, 1, 1), le=_LAST_DAY)]
    category: Category
    category_addition: list[Category] | None = None
    category_specification: list[Keyword] | None = None
    category_specification_other: _Text500 | None = None
    territorial_scope: list[Territory] = Field(description="May be empty: see the module.")
    application_date: Annotated[date, Field(ge=date(2020, 1, 1), le=_LAST_DAY)]
    end_date_visibility_restriction: _EndDate = None
    end_date_monetary_restriction: _EndDate = None
    end_date_service_restriction: _EndDate = None
    end_date_account_restriction: _EndDate = None
    decision_facts: Annotated[str, Field(min_length=1, max_length=LONGEST_FACTS)]
    source_type: SourceType
    source_identity: _Text500 | None = None
    automated_detection: YesNo
    automated_decision: AutomatedDecision

    @model_validator(mode="after")
    def _fields_fit_together(self) -> Self:
        if all(getattr(self, name) is None for name in _DECISIONS):
            raise ValueError(f"at least one of {', '.join(_DECISIONS)} must be given")
        for name, value, companion in _COMPANIONS:
            chosen = getattr(self, name) or ()
            is_chosen = value in ([chosen] if isinstance(chosen, str) else chosen)
            if is_chosen != (getattr(self, companion) is not None):
                raise ValueError(f"{companion} must be given if, and only if, {name} is {value}")
        if self.decision_ground == "DECISION_GROUND_ILLEGAL_CONTENT":
            self._must_be_absent("incompatible_content_illegal", "the ground is illegal content")
        if self.source_type == "SOURCE_VOLUNTARY":
            self._must_be_absent("source_identity", "nobody gave notice")
        for kind in _END_DATES:
            end = getattr(self, f"end_date_{kind}_restriction")
            if end is not None and end < self.application_date:
                raise ValueError(f"end_date_{kind}_restriction lies before application_date")
        return self

    def _must_be_absent(self, name: str, why: str) -> None:
        if getattr(self, name) is not None:
            raise ValueError(f"{name} must be absent: {why}")

    def as_json(self) -> dict[str, Any]:
        """What is sent, as JSON: days are YYYY-MM-DD."""
        return self.model_dump(mode="json", exclude_none=True)
