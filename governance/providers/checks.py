"""What must fit together in a provider's document, and with the words of the release in force."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice, pairwise

from governance.errors import FieldError, InvalidRequest
from governance.markets.countries import country_codes, country_of, is_region
from governance.providers.documents import LaneEntry, ProviderDocument
from governance.providers.words import DANGEROUS_GOODS, LICENCES, METRICS
from governance.rules.problems import did_you_mean
from governance.rules.reading import suggest_place
from governance.rules.vocabulary import Vocabulary

MOST_ERRORS = 100
"""More than these are not told at once: nobody mends them at once."""


def check(document: ProviderDocument, vocabulary: Vocabulary) -> None:
    """Refuse a document that does not hold together. Raises InvalidRequest, with pointers."""
    errors = faults(document, vocabulary)
    if errors:
        raise InvalidRequest(errors[0].message, errors=errors)


def faults(document: ProviderDocument, vocabulary: Vocabulary) -> list[FieldError]:
    """What is wrong in a document whose fields are right one by one; at most `MOST_ERRORS`."""

    def found() -> Iterator[FieldError]:
        yield from _duplicates(document)
        yield from _nodes(document)
        yield from _lanes(document, vocabulary)
        yield from _licences(document, vocabulary)
        yield from _slas(document)

    return list(islice(found(), MOST_ERRORS))


def _duplicates(document: ProviderDocument) -> Iterator[FieldError]:
    yield from _twice([one.service for one in document.services], "/services", "/service")
    for number, one in enumerate(document.services):
        yield from _twice(one.markets, f"/services/{number}/markets")
    for number, node in enumerate(document.nodes):
        yield from _twice(node.dangerous_goods, f"/nodes/{number}/dangerous_goods")
        yield from _twice(node.temperatures, f"/nodes/{number}/temperatures")
    for number, lane in enumerate(document.lanes):
        yield from _twice(lane.modes, f"/lanes/{number}/modes")
        yield from _twice(lane.refuses, f"/lanes/{number}/refuses")
    yield from _twice([one.id for one in document.nodes], "/nodes", "/id")
    yield from _twice([one.id for one in document.lanes], "/lanes", "/id")
    yield from _twice([one.id for one in document.licences], "/licences", "/id")
    promised = [f"{one.service} {one.market} {one.metric}" for one in document.slas]
    yield from _twice(promised, "/slas", "/metric")


def _twice(values: Iterable[str], of: str, field: str = "") -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            message = f"`{value}` stands there twice"
            yield FieldError(f"{of}/{index}{field}", message, "keep one of them")
        seen.add(value)


def _nodes(document: ProviderDocument) -> Iterator[FieldError]:
    for number, node in enumerate(document.nodes):
        yield from _region(f"/nodes/{number}/region", node.region, node.country)


def _region(at: str, region: str | None, country: str) -> Iterator[FieldError]:
    if region is None:
        return
    if not is_region(region):
        yield FieldError(
            at, f"unknown region `{region}`: it is no ISO 3166-2 code", f"as in {country}-…"
        )
    elif country_of(region) != country:
        yield FieldError(at, f"`{region}` does not lie in {country}", "mend one of the two")


def _lanes(document: ProviderDocument, vocabulary: Vocabulary) -> Iterator[FieldError]:
    nodes = {node.id for node in document.nodes}
    offered = _offered(document)
    refusable = {**vocabulary.goods, **DANGEROUS_GOODS}
    for number, lane in enumerate(document.lanes):
        at = f"/lanes/{number}"
        if (lane.from_node is None) == (lane.from_country is None):
            message = "a lane begins at a node or in a country: one of the two"
            yield FieldError(f"{at}/from_node", message, "give `from_node` or `from_country`")
        if lane.from_node is not None and lane.from_node not in nodes:
            message = f"there is no node `{lane.from_node}` in this document"
            hint = did_you_mean(lane.from_node, nodes) or "add it to /nodes"
            yield FieldError(f"{at}/from_node", message, hint)
        yield from _region(f"{at}/to_region", lane.to_region, lane.to_market)
        if (lane.service, lane.to_market) not in offered:
            yield _not_offered(f"{at}/service", lane.service, lane.to_market)
        yield from _ascending(at, lane)
        for index, word in enumerate(lane.refuses):
            if word not in refusable:
                hint = did_you_mean(word, refusable) or f"as in {', '.join(DANGEROUS_GOODS)}"
                message = f"`{word}` is neither a category nor a word for dangerous goods"
                yield FieldError(f"{at}/refuses/{index}", message, hint)


def _ascending(at: str, lane: LaneEntry) -> Iterator[FieldError]:
    weights = [one.up_to_grams for one in lane.costs]
    for index, (lighter, heavier) in enumerate(pairwise(weights), 1):
        if lighter >= heavier:
            message = f"{heavier} grams come after {lighter}: weight breaks must ascend"
            yield FieldError(f"{at}/costs/{index}/up_to_grams", message, "the lightest first")
    days = lane.lead_days
    quantiles = [("p10", days.p10), ("p50", days.p50), ("p90", days.p90)]
    for (below, fewer), (above, more) in pairwise(quantiles):
        if fewer > more:
            message = f"{above} ({more} days) is less than {below} ({fewer} days)"
            yield FieldError(f"{at}/lead_days/{above}", message, "p10 <= p50 <= p90")


def _licences(document: ProviderDocument, vocabulary: Vocabulary) -> Iterator[FieldError]:
    known = {**vocabulary.papers, **LICENCES}
    for number, licence in enumerate(document.licences):
        at = f"/licences/{number}"
        if licence.type not in known:
            hint = did_you_mean(licence.type, known) or f"as in {', '.join(LICENCES)}"
            yield FieldError(f"{at}/type", f"unknown licence `{licence.type}`", hint)
        place = licence.jurisdiction
        if not (place in country_codes() or is_region(place) or place in vocabulary.blocs):
            hint = suggest_place(place, vocabulary.blocs)
            yield FieldError(f"{at}/jurisdiction", f"unknown jurisdiction `{place}`", hint)
        begins, ends = licence.valid_from, licence.valid_to
        if ends is not None and date.fromisoformat(ends) < date.fromisoformat(begins):
            message = f"the licence ends ({ends}) before it begins ({begins})"
            yield FieldError(f"{at}/valid_to", message, "null where it has no end")


def _slas(document: ProviderDocument) -> Iterator[FieldError]:
    offered = _offered(document)
    services = {one.service for one in document.services}
    for number, sla in enumerate(document.slas):
        at = f"/slas/{number}"
        everywhere = sla.market == "*" and sla.service in services
        if not everywhere and (sla.service, sla.market) not in offered:
            yield _not_offered(f"{at}/service", sla.service, sla.market)
        if METRICS[sla.metric] == "rate" and not 0 <= sla.value <= 1:
            hint = "a fraction from 0 to 1: 0.97 for 97 %"
            yield FieldError(f"{at}/value", f"{sla.value} is no rate", hint)
        elif not 0 <= sla.value <= 10_000:
            unit = METRICS[sla.metric]
            yield FieldError(f"{at}/value", f"{sla.value} is out of range", f"0 to 10,000 {unit}")


def _offered(document: ProviderDocument) -> set[tuple[str, str]]:
    return {(one.service, market) for one in document.services for market in one.markets}


def _not_offered(at: str, service: str, market: str) -> FieldError:
    message = f"`{service}` is not offered in {market}"
    return FieldError(at, message, "add the market to the service in /services")
