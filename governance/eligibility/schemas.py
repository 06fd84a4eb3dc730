"""What goes into and comes out of the eligibility endpoints."""

from math import isfinite
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
)

from governance.rules.values import WrongValue, check_hs, parse_date

Verdict = Literal[
    "prohibited", "unknown", "needs_review", "needs_facts", "needs_evidence", "allowed"
]
Effect = Literal["prohibit", "require", "review", "oblige", "derive"]


def _date(text: str) -> str:
    parse_date(text)
    return text


def _hs(text: str) -> str:
    check_hs(text)
    return text


Date = Annotated[str, AfterValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]
HsCode = Annotated[
    str,
    AfterValidator(_hs),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{6,12}$", "examples": ["330410"]}),
]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Word = Annotated[str, Field(max_length=100)]

_LONGEST_TEXT = 1000
_LONGEST_WORD = 200
_MOST_WORDS = 100


def _attribute_value(value: Any) -> Any:
    """One of the types that an attribute can have; the vocabulary says which it must be."""
    if isinstance(value, list):
        if len(value) > _MOST_WORDS:
            raise WrongValue(f"a list of at most {_MOST_WORDS} words", "name each word once")
        for word in value:
            if not isinstance(word, str) or not 0 < len(word) <= _LONGEST_WORD:
                raise WrongValue(f"a list holds words of 1 to {_LONGEST_WORD} characters")
            _check_text(word)
    elif isinstance(value, str):
        if len(value) > _LONGEST_TEXT:
            raise WrongValue(f"text of at most {_LONGEST_TEXT} characters")
        _check_text(value)
    elif isinstance(value, float) and not isfinite(value):
        raise WrongValue("it must be a finite number", "leave out what is not known")
    elif not (value is None or isinstance(value, bool | int | float)):
        raise WrongValue("it must be true, false, a number, text or a list of words")
    return value


def _check_text(text: str) -> None:
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise WrongValue("half a surrogate pair is no character", "write whole characters")


def _markets(value: Any) -> Any:
    if isinstance(value, str) and value != "all":
        raise WrongValue('`markets` is a list of country codes, or "all"', 'as in ["FR", "GB"]')
    return value


Attributes = Annotated[
    dict[
        Word,
        Annotated[
            Any,
            AfterValidator(_attribute_value),
            WithJsonSchema(
                {
                    "anyOf": [
                        {"type": "boolean"},
                        {"type": "number"},
                        {"type": "string", "maxLength": _LONGEST_TEXT},
                        {
                            "type": "array",
                            "maxItems": _MOST_WORDS,
                            "items": {
                                "type": "string",
                                "minLength": 1,
                                "maxLength": _LONGEST_WORD,
                            },
                        },
                        {"type": "null"},
                    ]
                }
            ),
        ],
    ],
    Field(max_length=200),
]
Markets = Annotated[
    Annotated[Literal["all"], Tag("<word>")]
    | Annotated[list[Word], Field(min_length=1, max_length=250), Tag("<list>")],
    Discriminator(lambda value: "<word>" if isinstance(value, str) else "<list>"),
    BeforeValidator(_markets),
]


class _Strict(BaseModel):
    """Nothing is converted and nothing unknown is accepted: `false` is not 0, "5" is not 5."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Seller(_Strict):
    """Who sells."""

    id: Name
    established_in: Word | None = Field(
        None, description="Country of establishment, ISO 3166-1 alpha-2.", examples=["US"]
    )
    kind: Word | None = Field(None, description="creator, brand, retailer or manufacturer.")
    attributes: Attributes = Field(
        default_factory=dict, description="Further facts about the seller, by attribute name."
    )


class Product(_Strict):
    """What is sold."""

    id: Name
    title: Annotated[str, Field(max_length=500)] = ""
    category: Name = Field(description="A name from GET /v1/categories.", examples=["cosmetics"])
    hs: HsCode | None = Field(None, description="Harmonized System code, digits only.")
    origin: Word | None = Field(None, description="Country of origin, ISO 3166-1 alpha-2.")
    attributes: Attributes = Field(
        default_factory=dict,
        description="Facts about the product, by attribute name (GET /v1/categories/{name}). "
        "A fact that is left out or null is not declared; where a rule needs it, the "
        "verdict is needs_facts and names it.",
    )


class Offer(_Strict):
    """How it is sold and how it comes in."""

    import_mode: Word | None = Field(
        None,
        description="commercial, personal_parcel or cbec; null: every mode that a market knows is "
        "judged, and its mildest verdict counts.",
    )
    units_per_consignment: int | None = Field(None, ge=1)
    shipped_by: Word | None = Field(None, description="post, express or freight.")
    importer: Word | None = Field(None, description="consumer, seller or local_company.")
    stock_located_in_market: bool | None = None
    first_placed_on_market: Date | None = None
    attributes: Attributes = Field(default_factory=dict)


class Evidence(_Strict):
    """A paper that the seller holds."""

    type: Name = Field(description="A name from GET /v1/evidence-types.")
    valid_from: Date
    valid_to: Date | None = Field(None, description="The last day on which it holds; null: no end.")
    reference: Annotated[str, Field(min_length=1, max_length=500)] = Field(
        description="Its number or where it is kept."
    )


class EligibilityRequest(_Strict):
    """Where may this seller sell this product, on this date, with this evidence?"""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "as_of": "2026-11-22",
                    "seller": {"id": "s-1", "established_in": "US", "kind": "creator"},
                    "product": {
                        "id": "p-1",
                        "title": "Matte lipstick",
                        "category": "cosmetics",
                        "hs": "330410",
                        "origin": "US",
                        "attributes": {"contains_tpo": False},
                    },
                    "offer": {
                        "import_mode": None,
                        "units_per_consignment": 1,
                        "shipped_by": "express",
                    },
                    "markets": ["FR", "GB"],
                    "evidence": [],
                }
            ]
        },
    )

    as_of: Date | None = Field(
        None, description="Day of the sale: the law of that day is applied. Null: today (UTC)."
    )
    seller: Seller
    product: Product
    offer: Offer = Field(default_factory=Offer)
    markets: Markets = Field(
        description='ISO 3166-1 alpha-2 codes, or "all": every market of GET /v1/markets.'
    )
    evidence: Annotated[list[Evidence], Field(max_length=200)] = Field(default_factory=list)


class SourceOut(BaseModel):
    """The page on which a legal fact was read."""

    citation: str
    url: str
    rank: str
    read_on: str
    certainty: Literal["high", "medium", "low"]


class FindingOut(BaseModel):
    """A rule that says something about the sale, or would if a fact were declared."""

    rule: str
    title: str
    effect: Effect
    state: Literal["fires", "undetermined"]
    imposed_by: str | None = Field(description="Country, region or bloc; null: classification.")
    source: SourceOut


class ReasonOut(BaseModel):
    """One reason against the sale, in words that can be shown to the seller."""

    code: str
    message: str


class MissingEvidenceOut(BaseModel):
    """A paper that would be needed."""

    type: str
    title: str
    description: str
    asked_by: list[str] = Field(description="The rules that ask for it.")


class MissingFactOut(BaseModel):
    """An attribute to declare; `pointer` is where in the request."""

    attribute: str
    title: str
    pointer: str
    asked_by: list[str]


class ObligationOut(BaseModel):
    """A duty that does not bar the sale."""

    rule: str
    title: str
    deadline: dict[str, Any] | None = Field(description='{"days": 10, "after": "first sale"}')


class ImportModeOut(BaseModel):
    """The verdict for one way in."""

    import_mode: str
    verdict: Verdict
    reasons: list[ReasonOut]
    missing_evidence: list[MissingEvidenceOut]
    missing_facts: list[MissingFactOut]
    obligations: list[ObligationOut]
    findings: list[FindingOut]


class RegionOut(BaseModel):
    """A region whose verdict differs from its country's (ISO 3166-2)."""

    region: str
    verdict: Verdict
    import_mode: str
    import_modes: list[ImportModeOut]


class MarketOut(BaseModel):
    """The verdict for a market: that of its mildest way in."""

    market: str
    verdict: Verdict
    import_mode: str
    import_modes: list[ImportModeOut]
    regions: list[RegionOut]


class EligibilityAnswer(BaseModel):
    """A verdict a market, with every reason; it is on the record under `decision_id`."""

    decision_id: str
    as_of: str
    release: str
    categories: list[str] = Field(
        description="What the product was judged as: the declared category and derived ones."
    )
    markets: list[MarketOut]
