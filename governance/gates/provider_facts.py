"""The facts of the provider gate: a request, checked, and what its counts prove."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from governance.errors import FieldError, InvalidRequest
from governance.markets.countries import country_codes, suggest_country
from governance.planning.beta import Beta
from governance.planning.certainty import CONFIDENCE, wilson_lower
from governance.problems import field_errors
from governance.rules.conditions import FactValue
from governance.rules.problems import did_you_mean
from governance.rules.values import parse_date
from governance.rules.vocabulary import Vocabulary

# Rates of what should not happen: their counts are of failures.
LOWER_IS_BETTER = frozenset({"cancellation", "loss_damage"})
_SUFFIXES = ("_low", "_high", "_sample")
_MILLION = 1_000_000

Day = Annotated[str, AfterValidator(lambda day: parse_date(day).isoformat())]
Standing = Literal[
    "applicant", "provisional", "active", "probation", "suspended", "reinstated", "delisted"
]
Severity = Literal["minor", "major", "grave"]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class Counts(_Strict):
    """How often a metric's event happened, out of how many shipments (or counts, claims, returns).

    Whole, unfaded counts. Of cancellation and loss the successes are the cancelled and the lost.
    """

    successes: int = Field(ge=0)
    trials: int = Field(ge=0)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.successes > self.trials:
            raise ValueError(f"{self.successes} successes are more than {self.trials} trials")
        return self


class CellEntry(_Strict):
    """A service in a market with what was counted there.

    A metric of which nothing happened yet has zero trials; one that is left out is not known.
    """

    service: str
    market: str
    metrics: dict[str, Counts]


class LicenceEntry(_Strict):
    """A licence by its word in the registry, or by its evidence type; last day included."""

    type: str
    jurisdiction: str
    valid_from: Day
    valid_to: Day | None


class Incident(_Strict):
    """Something that went wrong: open from its day until, and without, the day it is closed on."""

    severity: Severity
    opened_on: Day
    closed_on: Day | None = None


class Promise(_Strict):
    """What a provider declares: a metric's rate for a service in a market (`*` for all).

    A metric that is no rate (hours, days) cannot be held against counts and is passed over.
    """

    service: str
    market: str
    metric: str
    value: float = Field(ge=0)


class ProviderEntry(_Strict):
    """The provider as the registry has it; `sample` marks one that is made up."""

    id: str
    standing: Standing
    sample: bool = False


class ProviderRequest(_Strict):
    """A vetting: everything that its result depends on beside the release."""

    as_of: Day
    provider: ProviderEntry
    cells: list[CellEntry]
    licences: list[LicenceEntry] = []
    incidents: list[Incident] = []
    declared: list[Promise] = []
    reinstatement_requested: bool = False
    delisting_requested: bool = False


class Bounds(NamedTuple):
    """Between which two rates a metric certainly lies, and on how many trials that rests."""

    low: float
    high: float
    sample: int


@dataclass(frozen=True)
class Cell:
    """A checked cell: its bounds by metric, its facts, and the promises that are broken."""

    service: str
    market: str
    bounds: Mapping[str, Bounds]
    facts: Mapping[str, FactValue]
    broken: tuple[str, ...]


def read_request(request: Mapping[str, Any], vocabulary: Vocabulary) -> ProviderRequest:
    """The request, checked in its form and against the vocabulary.

    Raises:
        InvalidRequest: every field that is wrong or names something unknown.
    """
    try:
        asked = ProviderRequest.model_validate(request)
    except ValidationError as error:
        errors: Sequence[FieldError] = field_errors(error.errors())
        raise InvalidRequest(errors[0].message, errors=errors) from error
    errors = list(_unknown(asked, vocabulary))
    if errors:
        raise InvalidRequest(errors[0].message, errors=errors)
    return asked


def cells(asked: ProviderRequest) -> list[Cell]:
    """The cells with what their counts prove."""
    return [_cell(entry, asked.declared) for entry in asked.cells]


def papers(asked: ProviderRequest, vocabulary: Vocabulary) -> list[dict[str, Any]]:
    """The licences as evidence: by type and days, in the jurisdiction's name and in its blocs'.

    `customs_broker` of BE is be.licence.customs_broker and, while BE is a member,
    eu.licence.customs_broker; a type of the vocabulary stays what it is.
    """
    day = date.fromisoformat(asked.as_of)
    return [
        {"type": name, "valid_from": licence.valid_from, "valid_to": licence.valid_to}
        for licence in asked.licences
        for name in _names(licence, vocabulary, day)
    ]


def open_incidents(asked: ProviderRequest) -> list[Severity]:
    """The severities of the incidents that are open on the day."""
    return sorted(
        incident.severity
        for incident in asked.incidents
        if incident.opened_on <= asked.as_of
        and (incident.closed_on is None or asked.as_of < incident.closed_on)
    )


def bounds_of(successes: int, trials: int, *, lower_is_better: bool = False) -> Bounds:
    """The bounds of what is certain of a rate, each at one-sided 95 %.

    That a provider does well is proven by Wilson's bound, that it does badly by the exact binomial
    distribution: the same two proofs as `certainty.assess`, turned to the rate that they prove.
    Rounded to a millionth, away from any proof, so that a replay elsewhere cannot differ.
    """
    good = trials - successes if lower_is_better else successes
    low = floor(wilson_lower(good, trials) * _MILLION)
    high = _MILLION
    if good < trials:
        (exact,) = Beta(good + 1, trials - good).quantiles([CONFIDENCE])
        high = ceil(exact * _MILLION)
    if lower_is_better:
        low, high = _MILLION - high, _MILLION - low
    return Bounds(low / _MILLION, high / _MILLION, trials)


def contradicts(found: Bounds, promised: float, *, lower_is_better: bool) -> bool:
    """Whether what is certain of a rate leaves no room for what was promised of it."""
    return found.low > promised if lower_is_better else found.high < promised


def metrics(vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """The metrics that rules can look at, each with its attributes."""
    names = [a.name for a in vocabulary.attributes.values() if a.of == "provider"]
    known = [name.removesuffix("_low") for name in names if name.endswith("_low")]
    return {metric: tuple(metric + suffix for suffix in _SUFFIXES) for metric in known}


def _cell(entry: CellEntry, declared: Iterable[Promise]) -> Cell:
    bounds = {
        metric: bounds_of(
            counts.successes, counts.trials, lower_is_better=metric in LOWER_IS_BETTER
        )
        for metric, counts in sorted(entry.metrics.items())
    }
    facts: dict[str, FactValue] = {
        metric + suffix: value
        for metric, found in bounds.items()
        for suffix, value in zip(_SUFFIXES, found, strict=True)
    }
    broken = {
        promise.metric
        for promise in declared
        if promise.service == entry.service
        and promise.market in ("*", entry.market)
        and promise.metric in bounds
        and contradicts(
            bounds[promise.metric],
            promise.value,
            lower_is_better=promise.metric in LOWER_IS_BETTER,
        )
    }
    return Cell(entry.service, entry.market, bounds, facts, tuple(sorted(broken)))


def _names(licence: LicenceEntry, vocabulary: Vocabulary, day: date) -> Iterator[str]:
    if licence.type in vocabulary.papers:
        yield licence.type
        return
    for place in (licence.jurisdiction, *vocabulary.blocs_of(licence.jurisdiction, day)):
        yield f"{place.lower()}.licence.{licence.type}"


def _unknown(asked: ProviderRequest, vocabulary: Vocabulary) -> Iterator[FieldError]:
    known = metrics(vocabulary)
    seen: set[tuple[str, str]] = set()
    for number, cell in enumerate(asked.cells):
        at = f"/cells/{number}"
        if cell.service not in vocabulary.services:
            hint = did_you_mean(cell.service, vocabulary.services)
            hint = hint or f"one of: {', '.join(vocabulary.services)}"
            yield FieldError(f"{at}/service", f"unknown service `{cell.service}`", hint)
        if cell.market not in country_codes():
            suggestion = suggest_country(cell.market)
            hint = f"did you mean {suggestion}?" if suggestion else "ISO 3166-1 alpha-2, as in FR"
            yield FieldError(f"{at}/market", f"unknown market `{cell.market}`", hint)
        if (cell.service, cell.market) in seen:
            message = f"`{cell.service}` in {cell.market} stands there twice"
            yield FieldError(at, message, "add up what was counted")
        seen.add((cell.service, cell.market))
        for metric in cell.metrics:
            if metric not in known:
                hint = did_you_mean(metric, known) or f"one of: {', '.join(known)}"
                yield FieldError(f"{at}/metrics/{metric}", f"unknown metric `{metric}`", hint)
