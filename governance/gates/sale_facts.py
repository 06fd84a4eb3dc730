"""The facts of the sale gate: a request, checked against the vocabulary of the release."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from governance.errors import FieldError, InvalidRequest
from governance.markets.countries import country_codes, country_of, is_region, suggest_country
from governance.rules.conditions import FactValue
from governance.rules.model import Library
from governance.rules.patterns import matches
from governance.rules.problems import did_you_mean
from governance.rules.values import WrongValue, check, fact, parse_date
from governance.rules.vocabulary import Vocabulary

# Keys of a request that are no facts about the sale.
_IDENTITY = {
    "seller": ("id", "attributes"),
    "product": ("id", "title", "category", "attributes"),
    "offer": ("attributes",),
}

# A personal parcel is imported by its buyer and does not come from stock in the market.
_MEANT_BY: Mapping[str, Mapping[str, FactValue]] = {
    "personal_parcel": {"importer": "consumer", "stock_located_in_market": False}
}


class Paper(NamedTuple):
    """Evidence as it is judged: by its type and its days (ISO 8601, both included)."""

    type: str
    valid_from: str
    valid_to: str | None


@dataclass(frozen=True)
class SaleFacts:
    """A checked request. `values` holds no import mode: `under_mode` adds one.

    `as_of` is the day as it is written, `papers` the evidence held by its type.
    """

    as_of: str
    day: date
    category: str
    markets: tuple[str, ...]
    import_mode: str | None
    values: Mapping[str, FactValue]
    declared: Mapping[str, Any]
    papers: Mapping[str, Sequence[Paper]]

    def under_mode(self, mode: str) -> dict[str, FactValue]:
        """The facts under one way in; what the way in means need not be declared."""
        return dict(_MEANT_BY.get(mode, {})) | dict(self.values) | {"import_mode": mode}

    def contradicting(self, mode: str) -> list[str]:
        """The declared attributes that say otherwise than the way in means."""
        meant = _MEANT_BY.get(mode, {})
        return [name for name, value in meant.items() if self.values.get(name, value) != value]


def read_facts(request: Mapping[str, Any], library: Library) -> SaleFacts:
    """The facts of a request whose structure is checked already.

    Raises:
        InvalidRequest: every field that names something unknown or has a wrong value.
    """
    vocabulary = library.vocabulary
    errors: list[FieldError] = []
    day = parse_date(request["as_of"])
    category = request["product"]["category"]
    if category not in vocabulary.goods:
        hint = did_you_mean(category, vocabulary.goods) or "GET /v1/categories lists them"
        errors.append(FieldError("/product/category", f"unknown category `{category}`", hint))
    values: dict[str, FactValue] = {}
    declared: dict[str, Any] = {}
    for namespace, above, name, value in _declared(request):
        attribute = vocabulary.attributes.get(name)
        if attribute is None or attribute.of != namespace:
            message = f"unknown {namespace} attribute `{name}`"
            hint = _attribute_hint(name, namespace, vocabulary)
            errors.append(FieldError(_pointer(above, name), message, hint))
            continue
        if above.endswith("/attributes") and name in request[namespace]:
            # Declared at two places, one of them would be ignored.
            message = f"`{name}` has a field of its own"
            hint = f"declare it at /{namespace}/{name}"
            errors.append(FieldError(_pointer(above, name), message, hint))
            continue
        try:
            check(value, attribute)
        except WrongValue as wrong:
            errors.append(FieldError(_pointer(above, name), str(wrong), wrong.hint))
            continue
        values[name] = fact(value, attribute, vocabulary, day)
        declared[name] = value
    markets = tuple(dict.fromkeys(_markets(request["markets"], library, errors.append)))
    mode = request["offer"].get("import_mode")
    _check_mode(mode, markets, vocabulary, errors.append)
    papers: dict[str, list[Paper]] = {}
    for paper in _papers(request["evidence"], vocabulary, errors.append):
        papers.setdefault(paper.type, []).append(paper)
    if errors:
        raise InvalidRequest(errors[0].message, errors=errors)
    values.pop("import_mode", None)
    return SaleFacts(day.isoformat(), day, category, markets, mode, values, declared, papers)


def check_references(request: Mapping[str, Any], library: Library) -> None:
    """Check the numbers of the papers; apart from the facts, for the gate never sees a number.

    Raises:
        InvalidRequest: every number that has not the form of its type.
    """
    errors = []
    for index, held in enumerate(request["evidence"]):
        known = library.vocabulary.evidence_types.get(held["type"])
        pattern = known.reference_pattern if known else None
        if known and pattern and not matches(pattern, held["reference"]):
            message = f"`{held['reference']}` is no number of a {known.title}"
            pointer = f"/evidence/{index}/reference"
            errors.append(FieldError(pointer, message, f"it has the form {pattern}"))
    if errors:
        raise InvalidRequest(errors[0].message, errors=errors)


def _attribute_hint(name: str, namespace: str, vocabulary: Vocabulary) -> str:
    elsewhere = vocabulary.attributes.get(name)
    if elsewhere is not None and elsewhere.of in _IDENTITY:
        return f"it is a fact about the {elsewhere.of}: declare it at /{elsewhere.of}"
    known = [a.name for a in vocabulary.attributes.values() if a.of == namespace]
    return did_you_mean(name, known) or "GET /v1/categories/{category} lists the facts"


def _declared(request: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """Every declared fact: its namespace, the pointer above it, its attribute, its value.

    Null is not declared.
    """
    for namespace, identity in _IDENTITY.items():
        part = request[namespace]
        above = f"/{namespace}"
        for name, value in part.items():
            if value is not None and name not in identity:
                yield namespace, above, name, value
        above = f"/{namespace}/attributes"
        for name, value in (part.get("attributes") or {}).items():
            if value is not None:
                yield namespace, above, name, value


def _pointer(above: str, name: str) -> str:
    return f"{above}/{name.replace('~', '~0').replace('/', '~1')}"


def _markets(
    asked: list[str] | str, library: Library, report: Callable[[FieldError], None]
) -> Iterator[str]:
    if asked == "all":
        yield from library.covered_markets
        return
    countries = country_codes()
    for index, code in enumerate(asked):
        if code in countries:
            yield code
        elif is_region(code):
            message = f"`{code}` is a region: ask for `{country_of(code)}`"
            hint = "its regions are in the answer for the country"
            report(FieldError(f"/markets/{index}", message, hint))
        else:
            suggestion = suggest_country(code)
            hint = f"did you mean {suggestion}?" if suggestion else "ISO 3166-1 alpha-2, as in FR"
            report(FieldError(f"/markets/{index}", f"unknown market `{code}`", hint))


def _check_mode(
    mode: str | None,
    markets: tuple[str, ...],
    vocabulary: Vocabulary,
    report: Callable[[FieldError], None],
) -> None:
    if mode is None or mode not in vocabulary.import_modes:
        return  # an unknown word was reported with the attributes
    known = vocabulary.import_modes[mode].markets
    unknown = [market for market in markets if known is not None and market not in known]
    if unknown:
        message = f"`{mode}` is no way into {', '.join(unknown[:5])}"
        report(FieldError("/offer/import_mode", message, "leave it null: every way is judged"))


def _papers(
    evidence: Iterable[Mapping[str, Any]],
    vocabulary: Vocabulary,
    report: Callable[[FieldError], None],
) -> Iterator[Paper]:
    for index, held in enumerate(evidence):
        paper = Paper(held["type"], held["valid_from"], held["valid_to"])
        if paper.type not in vocabulary.papers:
            message = f"unknown evidence type `{paper.type}`"
            hint = did_you_mean(paper.type, vocabulary.papers)
            hint = hint or "GET /v1/evidence-types lists them"
            report(FieldError(f"/evidence/{index}/type", message, hint))
        if paper.valid_to is not None and paper.valid_to < paper.valid_from:
            pointer = f"/evidence/{index}/valid_to"
            report(FieldError(pointer, "ends before it begins", "the last day it holds"))
        yield paper
