"""The facts of the sale gate: a request, checked against the vocabulary of the release."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

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


@dataclass(frozen=True)
class SaleFacts:
    """A checked request. `values` holds no import mode: `under_mode` adds one."""

    day: date
    category: str
    markets: tuple[str, ...]
    import_mode: str | None
    values: Mapping[str, FactValue]
    declared: Mapping[str, Any]
    evidence: tuple[Mapping[str, Any], ...]

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
    if category not in vocabulary.categories:
        hint = did_you_mean(category, vocabulary.categories) or "GET /v1/categories lists them"
        errors.append(FieldError("/product/category", f"unknown category `{category}`", hint))
    values: dict[str, FactValue] = {}
    declared: dict[str, Any] = {}
    for pointer, name, value in _declared(request):
        attribute = vocabulary.attributes.get(name)
        namespace = pointer.split("/")[1]
        if attribute is None or attribute.of != namespace:
            message = f"unknown {namespace} attribute `{name}`"
            hint = _attribute_hint(name, namespace, vocabulary)
            errors.append(FieldError(pointer, message, hint))
            continue
        if "/attributes/" in pointer and name in request[namespace]:
            # Declared at two places, one of them would be ignored.
            message = f"`{name}` has a field of its own"
            errors.append(FieldError(pointer, message, f"declare it at /{namespace}/{name}"))
            continue
        try:
            check(value, attribute)
        except WrongValue as wrong:
            errors.append(FieldError(pointer, str(wrong), wrong.hint))
            continue
        values[name] = fact(value, attribute, vocabulary, day)
        declared[name] = value
    markets = tuple(_markets(request["markets"], library, errors.append))
    mode = request["offer"].get("import_mode")
    _check_mode(mode, markets, vocabulary, errors.append)
    evidence = tuple(request["evidence"])
    for index, held in enumerate(evidence):
        errors.extend(_evidence_errors(f"/evidence/{index}", held, vocabulary))
    if errors:
        raise InvalidRequest(errors[0].message, errors=errors)
    values.pop("import_mode", None)
    return SaleFacts(day, category, markets, mode, values, declared, evidence)


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
    if elsewhere is not None:
        return f"it is a fact about the {elsewhere.of}: declare it at /{elsewhere.of}"
    known = [a.name for a in vocabulary.attributes.values() if a.of == namespace]
    return did_you_mean(name, known) or "GET /v1/categories/{category} lists the facts"


def _declared(request: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Every declared fact: its JSON pointer, its attribute, its value. Null is not declared."""
    for namespace, identity in _IDENTITY.items():
        part = request[namespace]
        for name, value in part.items():
            if name not in identity and value is not None:
                yield f"/{namespace}/{name}", name, value
        for name, value in (part.get("attributes") or {}).items():
            if value is not None:
                escaped = name.replace("~", "~0").replace("/", "~1")
                yield f"/{namespace}/attributes/{escaped}", name, value


def _markets(
    asked: list[str] | str, library: Library, report: Callable[[FieldError], None]
) -> Iterator[str]:
    if asked == "all":
        yield from library.covered_markets
        return
    seen: set[str] = set()
    for index, code in enumerate(asked):
        pointer = f"/markets/{index}"
        if code in country_codes():
            if code not in seen:
                yield code
            seen.add(code)
        elif is_region(code):
            country = country_of(code)
            message = f"`{code}` is a region: ask for `{country}`"
            report(FieldError(pointer, message, "its regions are in the answer for the country"))
        else:
            suggestion = suggest_country(code)
            hint = f"did you mean {suggestion}?" if suggestion else "ISO 3166-1 alpha-2, as in FR"
            report(FieldError(pointer, f"unknown market `{code}`", hint))


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


def _evidence_errors(
    pointer: str, held: Mapping[str, Any], vocabulary: Vocabulary
) -> Iterator[FieldError]:
    known = vocabulary.evidence_types.get(held["type"])
    if known is None:
        hint = did_you_mean(held["type"], vocabulary.evidence_types)
        yield FieldError(
            f"{pointer}/type",
            f"unknown evidence type `{held['type']}`",
            hint or "GET /v1/evidence-types lists them",
        )
    if held.get("valid_to") is not None and held["valid_to"] < held["valid_from"]:
        yield FieldError(f"{pointer}/valid_to", "ends before it begins", "the last day it holds")
