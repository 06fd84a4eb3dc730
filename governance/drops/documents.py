"""A drop as its creator's portal hands it in, and the sale gate's question for each product."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.config import JsonDict

from governance.eligibility.schemas import Attributes, Date, Evidence, Markets, Product
from governance.eligibility.schemas import Word as FreeWord
from governance.gates.pipeline import canonical
from governance.markets.money import currency_codes, is_currency
from governance.providers.fields import Country, Line, Strict, UnClass, between
from governance.rules.problems import did_you_mean
from governance.rules.values import WrongValue

MOST_MINOR_UNITS = 10**12
_MOST_PEOPLE = 10**10  # more than there are: whether so many live there is checked apart


def _currency(code: str) -> str:
    if not is_currency(code):
        hint = did_you_mean(code.upper(), currency_codes()) or "three capital letters, as in EUR"
        raise WrongValue(f"unknown currency `{code}`: it is no ISO 4217 code", hint)
    return code


def _inside(low: float, high: float, words: str) -> Callable[[Any], Any]:
    """A check that a number lies between two, neither included."""

    def check(value: float) -> float:
        if not low < value < high:
            raise WrongValue(f"{value} is out of range", words)
        return value

    return check


def _whole(low: int, high: int) -> Any:
    return Field(json_schema_extra={"minimum": low, "maximum": high})


Currency = Annotated[
    str,
    Field(max_length=100, description="ISO 4217; every amount is in it.", examples=["EUR"]),
    AfterValidator(_currency),
]
Amount = Annotated[
    int,
    _whole(1, MOST_MINOR_UNITS),
    AfterValidator(between(1, MOST_MINOR_UNITS, "minor units")),
]
AmountOrNone = Annotated[
    int,
    _whole(0, MOST_MINOR_UNITS),
    AfterValidator(between(0, MOST_MINOR_UNITS, "minor units")),
]
Salvage = Annotated[
    int,
    _whole(-MOST_MINOR_UNITS, MOST_MINOR_UNITS),
    AfterValidator(between(-MOST_MINOR_UNITS, MOST_MINOR_UNITS, "minor units")),
]
ParcelGrams = Annotated[
    int, _whole(1, 100_000), AfterValidator(between(1, 100_000, "grams, of one unit"))
]
People = Annotated[int, _whole(0, _MOST_PEOPLE), AfterValidator(between(0, _MOST_PEOPLE, "people"))]
Rate = Annotated[
    float,
    Field(json_schema_extra={"minimum": 0, "maximum": 1}),
    AfterValidator(between(0, 1, "(a fraction: 0.03 for 3 %)")),
]
Share = Annotated[
    float,
    Field(json_schema_extra={"exclusiveMinimum": 0, "maximum": 1}),
    AfterValidator(_inside(0, 1 + 1e-12, "a fraction above 0, at most 1: 0.25 for a quarter")),
]
InStock = Annotated[
    float,
    Field(json_schema_extra={"exclusiveMinimum": 0, "exclusiveMaximum": 1}),
    AfterValidator(_inside(0, 1, "a chance above 0 and below 1: 0.95 for 95 %")),
]
LeadDays = Annotated[
    float,
    Field(json_schema_extra={"exclusiveMinimum": 0, "maximum": 730}),
    AfterValidator(_inside(0, 730 + 1e-9, "days above 0, at most 730")),
]
Percent = Annotated[
    float,
    Field(json_schema_extra={"minimum": 0, "maximum": 1000}),
    AfterValidator(between(0, 1000, "percent")),
]


class Creator(Strict):
    """Who sells: the seller whom the sale gate judges."""

    id: Line
    established_in: Country
    kind: FreeWord | None = Field(
        None, description="creator, brand, retailer or manufacturer.", examples=["creator"]
    )
    tier: Literal["new", "established", "star"]
    attributes: Attributes = Field(default_factory=dict)


class DropProduct(Product):
    """One of the products of a drop; amounts in minor units of the drop's currency, for one unit.

    The price is net of tax: value-added and sales tax come on top and are the buyer's. Duty, fees
    and freight are borne by the seller (delivered duty paid).
    """

    offer_attributes: Attributes = Field(
        default_factory=dict, description="Further facts about the offer, by attribute name."
    )
    shipped_by: FreeWord | None = Field(None, description="post, express or freight.")
    evidence: Annotated[list[Evidence], Field(max_length=200)] = Field(
        default_factory=list, description="Papers for this product, beside those of the drop."
    )
    price: Amount
    unit_cost: Amount
    salvage: Salvage = Field(0, description="What an unsold unit fetches; less than it costs.")
    resale: AmountOrNone = Field(0, description="What a returned unit fetches.")
    return_cost: AmountOrNone = Field(0, description="What taking back a unit costs.")
    weight_grams: ParcelGrams
    share: Share | None = Field(
        None, description="Share of the orders. Null for all: equal shares; else they sum to 1."
    )
    dangerous_goods: UnClass | None = None
    ships_from: Country = Field(description="Where the stock is taken from.")
    duty_rates: dict[Country, Percent] = Field(
        default_factory=dict,
        max_length=250,
        description="Ad valorem duty in percent by market, as the seller or its broker declares.",
    )


class Followers(Strict):
    """Who follows the creator in a country."""

    followers: People
    usual_views: People | None = None
    engagement_rate: Rate | None = None


class Reach(Strict):
    """How many people the drop will reach, as judged by a person: 1 in 10 chances are below p10."""

    p10: People
    p50: People
    p90: People


class ServiceLevel(Strict):
    """What the drop promises its buyers; null: nothing."""

    in_stock: InStock | None = Field(None, description="The chance that stock lasts.")
    lead_days_p90: LeadDays | None = Field(
        None, description="Days from order to delivery that 9 of 10 parcels keep."
    )


_EXAMPLE: JsonDict = {
    "examples": [
        {
            "title": "Holiday lipstick",
            "creator": {
                "id": "creator-1",
                "established_in": "US",
                "kind": "creator",
                "tier": "established",
            },
            "currency": "USD",
            "products": [
                {
                    "id": "lipstick",
                    "title": "Matte lipstick",
                    "category": "cosmetics",
                    "hs": "330410",
                    "origin": "US",
                    "attributes": {"contains_tpo": False},
                    "price": 2400,
                    "unit_cost": 600,
                    "salvage": 150,
                    "weight_grams": 60,
                    "ships_from": "US",
                    "duty_rates": {"FR": 0, "GB": 0},
                }
            ],
            "audience": {
                "US": {"followers": 1_200_000, "usual_views": 300_000},
                "GB": {"followers": 250_000},
                "FR": {"followers": 90_000, "engagement_rate": 0.04},
            },
            "channel": "live",
            "sale_from": "2026-12-01",
            "sale_to": "2026-12-07",
            "budget": 9_000_000,
            "service_level": {"in_stock": 0.95, "lead_days_p90": 10},
            "markets": ["US", "GB", "FR"],
        }
    ]
}


class DropDocument(Strict):
    """A drop: who sells what to whom, when, and with how much money behind it."""

    model_config = ConfigDict(strict=True, extra="forbid", json_schema_extra=_EXAMPLE)

    title: Line
    creator: Creator
    currency: Currency
    products: Annotated[list[DropProduct], Field(min_length=1, max_length=10)]
    audience: Annotated[dict[Country, Followers], Field(min_length=1, max_length=250)]
    reach: Reach | None = Field(None, description="Null: learnt from past drops.")
    channel: Literal["live", "feed"]
    sale_from: Date
    sale_to: Date = Field(description="The last day; at most 366 days in all.")
    budget: Amount = Field(description="The most that stock may cost.")
    service_level: ServiceLevel = Field(default_factory=ServiceLevel)
    markets: Markets = Field(
        description='Where to sell: country codes, or "all". Only those with an audience count.'
    )
    evidence: Annotated[list[Evidence], Field(max_length=200)] = Field(
        default_factory=list, description="Papers that hold for every product."
    )

    @property
    def as_text(self) -> str:
        """The document as it is kept: the same text for the same document."""
        return canonical(self.model_dump())

    @property
    def digest(self) -> str:
        """SHA-256 of the text: `sha256:…`."""
        return f"sha256:{sha256(self.as_text.encode()).hexdigest()}"


def candidate_markets(document: DropDocument, covered: Sequence[str]) -> list[str]:
    """Where the drop would be sold and has an audience, in the order of the alphabet.

    `all` stands for the `covered` markets, those of the release.
    """
    wanted = covered if document.markets == "all" else document.markets
    audience = document.audience
    return sorted(one for one in set(wanted) if one in audience and audience[one].followers)


def sale_request(
    document: DropDocument, product: DropProduct, as_of: str, markets: Sequence[str] | str
) -> dict[str, Any]:
    """The sale gate's request for a product on a day (ISO 8601): every way in, a unit a parcel."""
    creator = document.creator
    return {
        "as_of": as_of,
        "seller": {
            "id": creator.id,
            "established_in": creator.established_in,
            "kind": creator.kind,
            "attributes": creator.attributes,
        },
        "product": {
            "id": product.id,
            "title": product.title,
            "category": product.category,
            "hs": product.hs,
            "origin": product.origin,
            "attributes": product.attributes,
        },
        "offer": {
            "import_mode": None,
            "units_per_consignment": 1,
            "shipped_by": product.shipped_by,
            "attributes": product.offer_attributes,
        },
        "markets": markets if isinstance(markets, str) else list(markets),
        "evidence": [one.model_dump() for one in (*product.evidence, *document.evidence)],
    }
