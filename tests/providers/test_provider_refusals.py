"""What a provider's document may not say: every refusal with its pointer and a hint."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from provider_documents import lane, small, whole
from test_registry import VOCABULARY

from governance.errors import FieldError, InvalidRequest
from governance.providers.checks import MOST_ERRORS
from governance.providers.reading import Source, read_documents


def refused(document: Any) -> list[FieldError]:
    with pytest.raises(InvalidRequest) as error:
        read_documents([Source("body", json.dumps(document), is_json=True)], VOCABULARY)
    return list(error.value.errors)


def at(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Puts a value where the pointer says; `-` adds to a list."""

    def change(document: dict[str, Any]) -> None:
        *way, last = path.split("/")[1:]
        place: Any = document
        for part in way:
            place = place[int(part)] if isinstance(place, list) else place[part]
        if last == "-":
            place.append(value)
        elif isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value

    return change


BREAK = {"up_to_grams": 500, "minor_units": 1}
RETURNS = {"service": "returns", "markets": ["DE"]}
SLA = {"service": "fulfilment", "market": "*", "metric": "on_time_delivery", "value": 0.9}
CASES: list[tuple[str, Any, str, str, str]] = [
    # what is changed, to what, the pointer of the error, words of its message and of its hint
    ("/id", "Acme", "/id", "no id", "small letters"),
    ("/id", "a--b", "/id", "no id", "single dashes"),
    ("/id", "acme\n", "/id", "no id", "small letters"),
    ("/name", " ", "/name", "one line", "control"),
    ("/name", "a\u0000", "/name", "one line", "control"),
    ("/description", "a\u0007", "/description", "cannot be read", "control"),
    ("/website", "acme.example", "/website", "no address", "https://"),
    ("/website", "javascript:alert(1)", "/website", "no address", "https://"),
    ("/website", "http://[", "/website", "no address", "https://"),
    ("/sample", "yes", "/sample", "boolean", "true or false"),
    ("/standing", "active", "/standing", "not a field", "leave it out"),
    ("/services", [], "/services", "at least 1", ""),
    ("/services/0/service", "fulfillment", "/services/0/service", "unknown", "`fulfilment`"),
    ("/services/0/service", "x", "/services/0/service", "unknown service", "line_haul"),
    ("/services/-", RETURNS, "/services/2/service", "twice", "one of them"),
    ("/services/0/markets/0", "UK", "/services/0/markets/0", "`UK`", "`GB`"),
    ("/services/0/markets/0", "Germany", "/services/0/markets/0", "`Germany`", "`DE`"),
    ("/services/0/markets/0", "ZZ", "/services/0/markets/0", "`ZZ`", "two capital"),
    ("/services/0/markets/-", "FR", "/services/0/markets/3", "twice", "one of them"),
    ("/nodes/0/latitude", 90.01, "/nodes/0/latitude", "out of range", "-90 to 90"),
    ("/nodes/0/longitude", -181, "/nodes/0/longitude", "out of range", "-180 to 180"),
    ("/nodes/0/longitude", "13.4", "/nodes/0/longitude", "number", ""),
    ("/nodes/0/capacity_units", -1, "/nodes/0/capacity_units", "out of range", "0 to"),
    ("/nodes/0/capacity_units", 1.5, "/nodes/0/capacity_units", "integer", "whole"),
    ("/nodes/0/capacity_units", True, "/nodes/0/capacity_units", "integer", "whole"),
    ("/nodes/0/country", "Austia", "/nodes/0/country", "unknown country", "`AT`"),
    ("/nodes/0/region", "US-CA", "/nodes/0/region", "not lie in DE", "one of the two"),
    ("/nodes/0/region", "DE-XX", "/nodes/0/region", "ISO 3166-2", "DE-"),
    ("/nodes/0/dangerous_goods/0", "10", "/nodes/0/dangerous_goods/0", "UN class", ""),
    ("/nodes/0/dangerous_goods/0", 3, "/nodes/0/dangerous_goods/0", "string", "quotes"),
    ("/nodes/0/dangerous_goods/0", "9", "/nodes/0/dangerous_goods/1", "twice", "one of"),
    ("/nodes/0/temperatures/0", "cold", "/nodes/0/temperatures/0", "unknown", "chilled"),
    ("/nodes/1/temperatures/-", "ambient", "/nodes/1/temperatures/1", "twice", "one of"),
    ("/nodes/1/id", "berlin", "/nodes/1/id", "twice", "one of them"),
    ("/lanes/1/id", "berlin-fr", "/lanes/1/id", "twice", "one of them"),
    ("/lanes/0/from_node", "berlim", "/lanes/0/from_node", "no node", "`berlin`"),
    ("/lanes/0/from_node", None, "/lanes/0/from_node", "one of the two", "from_country"),
    ("/lanes/0/from_country", "DE", "/lanes/0/from_node", "one of the two", "from_node"),
    ("/lanes/1/from_country", "pl", "/lanes/1/from_country", "unknown", "`PL`"),
    ("/lanes/1/to_market", "BR", "/lanes/1/service", "not offered in BR", "/services"),
    ("/lanes/0/to_region", "DE-BE", "/lanes/0/to_region", "not lie in FR", "one of"),
    ("/lanes/0/modes", [], "/lanes/0/modes", "at least 1", ""),
    ("/lanes/0/modes/0", "airplane", "/lanes/0/modes/0", "unknown mode", "air_cargo"),
    ("/lanes/0/modes/0", "post", "/lanes/0/modes/1", "twice", "one of them"),
    ("/lanes/0/currency", "eur", "/lanes/0/currency", "ISO 4217", "`EUR`"),
    ("/lanes/0/currency", "Euro", "/lanes/0/currency", "ISO 4217", "as in EUR"),
    ("/lanes/0/costs", [], "/lanes/0/costs", "at least 1", ""),
    ("/lanes/0/costs/0/minor_units", -1, "/lanes/0/costs/0/minor_units", "range", "0 to"),
    ("/lanes/0/costs/0/minor_units", 4.99, "/lanes/0/costs/0/minor_units", "integer", "whole"),
    ("/lanes/0/costs/0/up_to_grams", 0, "/lanes/0/costs/0/up_to_grams", "range", "1 to"),
    ("/lanes/0/costs/1", BREAK, "/lanes/0/costs/1/up_to_grams", "ascend", "lightest"),
    ("/lanes/0/costs/-", BREAK, "/lanes/0/costs/2/up_to_grams", "ascend", "lightest"),
    ("/lanes/0/lead_days/p10", 3, "/lanes/0/lead_days/p50", "less than p10", "p10 <= p50"),
    ("/lanes/0/lead_days/p90", 1, "/lanes/0/lead_days/p90", "less than p50", "p50 <= p90"),
    ("/lanes/0/lead_days/p10", -1, "/lanes/0/lead_days/p10", "range", "0 to"),
    ("/lanes/0/lead_days", {"p10": 1, "p90": 2}, "/lanes/0/lead_days/p50", "missing", "add"),
    ("/lanes/0/refuses/0", "laser", "/lanes/0/refuses/0", "neither", "`lasers`"),
    ("/lanes/0/refuses/0", "lithium_cells", "/lanes/0/refuses/0", "neither", "`lithium_cells_"),
    ("/lanes/0/refuses/0", "zzz", "/lanes/0/refuses/0", "neither", "as in aerosols"),
    ("/lanes/0/refuses/0", "perfume", "/lanes/0/refuses/1", "twice", "one of them"),
    ("/licences/1/id", "broker", "/licences/1/id", "twice", "one of them"),
    ("/licences/0/type", "custom_broker", "/licences/0/type", "licence", "`customs_broker`"),
    ("/licences/0/jurisdiction", "UK", "/licences/0/jurisdiction", "`UK`", "`GB`"),
    ("/licences/0/valid_from", "2027-01-01", "/licences/0/valid_to", "before it begins", "null"),
    ("/licences/0/valid_to", "2026-02-30", "/licences/0/valid_to", "no date", "YYYY"),
    ("/licences/0/valid_to", "20261231", "/licences/0/valid_to", "no date", "YYYY"),
    ("/slas/0/metric", "on_time", "/slas/0/metric", "unknown metric", ""),
    ("/slas/0/metric", "on_time_deliver", "/slas/0/metric", "metric", "`on_time_delivery`"),
    ("/slas/0/value", 95, "/slas/0/value", "no rate", "0.97 for 97 %"),
    ("/slas/0/value", -0.1, "/slas/0/value", "no rate", "0 to 1"),
    ("/slas/1/value", -1, "/slas/1/value", "out of range", "hours"),
    ("/slas/0/market", "XX", "/slas/0/market", "unknown country", ""),
    ("/slas/0/market", "BR", "/slas/0/service", "not offered in BR", "/services"),
    ("/slas/0/service", "last_mile", "/slas/0/service", "not offered", "/services"),
    ("/slas/-", SLA, "/slas/2/metric", "twice", "one of them"),
]


@pytest.mark.parametrize(
    ("change", "value", "pointer", "says", "hint"), CASES, ids=[f"{c[0]}-{c[1]}" for c in CASES]
)
def test_what_is_wrong_is_named_by_its_pointer(
    change: str, value: Any, pointer: str, says: str, hint: str
) -> None:
    document = whole()
    at(change, value)(document)
    (error,) = refused(document)
    assert error.field == pointer
    assert says in error.message
    assert hint in (error.hint or "")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_no_number_that_is_none_is_taken(number: str) -> None:
    text = json.dumps(whole()).replace("52.52", number)
    with pytest.raises(InvalidRequest):
        read_documents([Source("body", text, is_json=True)], VOCABULARY)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    document = whole()
    at("/nodes/0/latitude", 91)(document)
    at("/lanes/0/currency", "EURO")(document)
    at("/slas/0/metric", "speed")(document)
    fields = [error.field for error in refused(document)]
    assert fields == ["/nodes/0/latitude", "/lanes/0/currency", "/slas/0/metric"]


def test_of_very_many_errors_the_first_are_told() -> None:
    lanes = [lane(f"l{number}", "DE", "unheard_of") for number in range(MOST_ERRORS + 50)]
    errors = refused(small("acme", lanes=lanes))
    assert len(errors) == MOST_ERRORS
    assert errors[-1].field == f"/lanes/{MOST_ERRORS - 1}/refuses/0"
