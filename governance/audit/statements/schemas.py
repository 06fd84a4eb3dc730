"""The shape of a statement of reasons, as a seller is given it.

What it must hold: Regulation (EU) 2022/2065, article 17(3)
(https://eur-lex.europa.eu/eli/reg/2022/2065/oj; read on 2026-11-23 in copies published elsewhere,
certainty medium). The point of that paragraph stands beside each field.
"""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from governance.audit.statements.refusals import Verdict


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class LegalGround(_Strict):
    """A rule that refused, and the law that it states."""

    rule: str
    title: str
    citation: str
    url: str
    imposed_by: str | None = Field(description="Country, region or bloc.")


class Redress(_Strict):
    """A way to have the refusal looked at again."""

    kind: Literal["internal_complaint", "out_of_court_settlement", "court"]
    description: str
    url: str | None


class Statement(_Strict):
    """Why an offer is not shown in some markets, and what its seller can do about it."""

    puid: str = Field(description="Names this statement for ever, and nothing else.")
    decision_id: str = Field(description="The decision, with everything that was found.")
    release: str = Field(description="Digest of the rules and policies that decided.")
    decided_on: date = Field(description="UTC; the refusal applies from then on.")
    verdict: Verdict
    ground: Literal["illegal_content", "incompatible_with_terms"] = Field(
        description="(d) or (e): illegal content is what the law of the EU or of a Member State "
        "forbids; every other refusal rests on the terms and conditions."
    )
    restriction: str = Field(description="(a) What is withheld from whom.")
    territories: list[str] = Field(description="(a) ISO 3166 codes of countries and regions.")
    excepted: list[str] = Field(
        description="(a) Regions of these countries that the refusal does not reach."
    )
    duration: str = Field(description="(a) From when until when.")
    facts: str = Field(description="(b) Facts and circumstances relied on.")
    legal_grounds: list[LegalGround] = Field(
        description="(d) The rules that refused; empty where nobody has researched the law."
    )
    contractual_ground: str | None = Field(
        description="(e) The clause of the terms; null: the ground is illegal content."
    )
    contractual_ground_url: str | None
    explanation: str = Field(description="(d), (e) Why the offer falls under that ground.")
    source: Literal["own_initiative"] = Field(description="(b) No notice led to the decision.")
    automated_detection: Literal[True] = Field(description="(c) Every offer is examined.")
    automated_decision: Literal["fully"] = Field(description="(c) No person took part.")
    redress: list[Redress] = Field(description="(f) Ways to have it looked at again.")


class StatementsOut(_Strict):
    """The statements owed for a decision; none: everything allowed, or no seller in the EU."""

    decision_id: str
    statements: list[Statement]
