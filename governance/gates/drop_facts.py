"""The facts of the drop gate: a request, checked in itself and against the vocabulary."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from governance.errors import FieldError, InvalidRequest
from governance.gates.provider_facts import Day, Standing
from governance.markets.countries import country_codes, suggest_country
from governance.problems import field_errors
from governance.rules.conditions import FactValue
from governance.rules.model import Library
from governance.rules.problems import did_you_mean
from governance.rules.values import WrongValue, check, fact, parse_date
from governance.rules.vocabulary import Vocabulary

Tier = Literal["new", "established", "star"]
Verdict = Literal[
    "prohibited", "unknown", "needs_review", "needs_facts", "needs_evidence", "allowed"
]


def _named(text: str) -> str:
    if not text.strip():
        raise ValueError("it must not be empty")
    return text


Name = Annotated[str, AfterValidator(_named)]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class DropEntry(_Strict):
    """The drop; creator and title are personal, so the gate sees commitments in their place."""

    id: Name
    creator: Name
    title: Name
    tier: Tier


class Stale(_Strict):
    """Something that the plan rests on and that changed since it was made."""

    what: Literal["release", "standing", "document", "evidence", "exchange_rates", "registry"]
    which: Name


class SaleVerdict(_Strict):
    """What the sale gate said of a product in a market for a day."""

    as_of: Day
    verdict: Verdict
    decision_id: Name


class ServiceCell(_Strict):
    """Something that a provider does on the way, with its standing and the cell's verdict."""

    provider: Name
    service: Name
    market: str
    standing: Standing
    verdict: Verdict


class MarketEntry(_Strict):
    """A product in a market: what may be sold there, and how the plan brings it.

    `sale` is of the first and of the last day (the same day twice for a sale of one day).
    `import_modes` are those that the plan uses, `import_modes_allowed` those of them that the sale
    gate allows on both days. `evidence_ends` are types of evidence that end before the sale does.
    `refused_by_lane` and `refused_by_node` are the lanes (`provider/lane`) and the stockrooms
    (`provider/node`) of the plan that refuse the goods. Days to the door are those that nine
    parcels of ten need at most, and the limit that the creator set; null is no limit.
    """

    market: str
    product: Name
    units: int = Field(ge=0)
    sale: list[SaleVerdict] = Field(min_length=2, max_length=2)
    import_modes: list[str]
    import_modes_allowed: list[str]
    evidence_ends: list[Name]
    providers: list[ServiceCell]
    refused_by_lane: list[Name]
    refused_by_node: list[Name]
    clearance_open: bool
    lead_days_p90: float = Field(ge=0, allow_inf_nan=False)
    lead_days_limit: float | None = Field(gt=0, allow_inf_nan=False)


class NodeEntry(_Strict):
    """A stockroom: the units that the plan puts there, and how many it takes."""

    node: Name
    units: int = Field(ge=0)
    capacity: int = Field(ge=0)


class ApprovalEntry(_Strict):
    """An approval of reasons of a plan; `independent` of who asks for the drop."""

    approver: Name
    independent: bool
    plan: str
    reasons: list[str]


class DropRequest(_Strict):
    """A plan that wants to go live: everything that its verdict depends on beside the release."""

    as_of: Day
    judged_on: Day
    plan: Name
    drop: DropEntry
    facts: dict[str, Any]
    stale: list[Stale]
    markets: list[MarketEntry]
    nodes: list[NodeEntry]
    approvals: list[ApprovalEntry]


def read_request(request: Mapping[str, Any], library: Library) -> DropRequest:
    """The request, checked in its form, in itself and against the vocabulary.

    Raises:
        InvalidRequest: every field that is wrong, contradicts another or names something unknown.
    """
    try:
        asked = DropRequest.model_validate(request)
    except ValidationError as error:
        errors: Sequence[FieldError] = field_errors(error.errors())
        raise InvalidRequest(errors[0].message, errors=errors) from error
    errors = [
        *_wrong_facts(asked, library.vocabulary),
        *_wrong_markets(asked, library.vocabulary),
        *_twice("/nodes", [one.node for one in asked.nodes]),
    ]
    if errors:
        raise InvalidRequest(errors[0].message, errors=errors)
    return asked


def facts(asked: DropRequest, vocabulary: Vocabulary) -> dict[str, FactValue]:
    """The checked facts as rules see them."""
    day = date.fromisoformat(asked.as_of)
    return {
        name: fact(value, vocabulary.attributes[name], vocabulary, day)
        for name, value in asked.facts.items()
    }


def _wrong_facts(asked: DropRequest, vocabulary: Vocabulary) -> Iterator[FieldError]:
    known = [one.name for one in vocabulary.attributes.values() if one.of == "drop"]
    for name, value in asked.facts.items():
        pointer = f"/facts/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in known:
            hint = did_you_mean(name, known) or f"one of: {', '.join(known)}"
            yield FieldError(pointer, f"unknown drop attribute `{name}`", hint)
            continue
        try:
            if value is None:
                raise WrongValue(f"`{name}` is null", "leave out what is not known")
            check(value, vocabulary.attributes[name])
        except WrongValue as wrong:
            yield FieldError(pointer, str(wrong), wrong.hint)
            continue
        if name == "creator_tier" and value != asked.drop.tier:
            message = f"`creator_tier` is {value}, but /drop/tier is {asked.drop.tier}"
            yield FieldError(pointer, message, "the two are one")


def _wrong_markets(asked: DropRequest, vocabulary: Vocabulary) -> Iterator[FieldError]:
    last_day = max((one.sale[-1].as_of for one in asked.markets), default=asked.as_of)
    for number, entry in enumerate(asked.markets):
        at = f"/markets/{number}"
        yield from _unknown_country(f"{at}/market", entry.market)
        for place, cell in enumerate(entry.providers):
            yield from _unknown_country(f"{at}/providers/{place}/market", cell.market)
        for field in ("import_modes", "import_modes_allowed"):
            for place, mode in enumerate(getattr(entry, field)):
                if mode not in vocabulary.import_modes:
                    hint = did_you_mean(mode, vocabulary.import_modes)
                    hint = hint or f"one of: {', '.join(vocabulary.import_modes)}"
                    yield FieldError(f"{at}/{field}/{place}", f"unknown way in `{mode}`", hint)
        for place, day in enumerate((asked.as_of, last_day)):
            judged = parse_date(entry.sale[place].as_of)
            if judged != parse_date(day):
                which = "first" if place == 0 else "last"
                message = f"the {which} day of the sale is {day}, not {judged}"
                hint = "first the verdict for /as_of, then that for the last day of the sale"
                yield FieldError(f"{at}/sale/{place}/as_of", message, hint)
    yield from _twice("/markets", [(one.market, one.product) for one in asked.markets])


def _unknown_country(pointer: str, code: str) -> Iterator[FieldError]:
    if code not in country_codes():
        suggestion = suggest_country(code)
        hint = f"did you mean {suggestion}?" if suggestion else "ISO 3166-1 alpha-2, as in FR"
        yield FieldError(pointer, f"unknown market `{code}`", hint)


def _twice(at: str, names: Sequence[object]) -> Iterator[FieldError]:
    seen: set[object] = set()
    for number, name in enumerate(names):
        if name in seen:
            shown = " in ".join(reversed(name)) if isinstance(name, tuple) else name
            yield FieldError(
                f"{at}/{number}", f"{shown} stands there twice", "once, with all units"
            )
        seen.add(name)
