"""Provider documents for the tests: one with everything in it, small ones, and generated ones."""

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from governance.providers.documents import ProviderDocument
from governance.providers.models import Service
from governance.providers.words import DANGEROUS_GOODS, METRICS, MODES, TEMPERATURES, UN_CLASSES

WHOLE: dict[str, Any] = {
    "id": "acme",
    "name": "Acme Lógistics",
    "description": "Two warehouses.\nAnd a bicycle.",
    "website": "https://acme.example/about",
    "sample": False,
    "services": [
        {"service": "fulfilment", "markets": ["DE", "FR", "NO"]},
        {"service": "returns", "markets": ["DE"]},
    ],
    "nodes": [
        {
            "id": "berlin",
            "name": "Berlin",
            "country": "DE",
            "region": "DE-BE",
            "latitude": 52.52,
            "longitude": 13.4,
            "capacity_units": 1000,
            "dangerous_goods": ["3", "9"],
            "temperatures": ["ambient", "chilled"],
            "bonded": True,
        },
        {
            "id": "oslo",
            "name": "Oslo",
            "country": "NO",
            "region": None,
            "latitude": 59.9,
            "longitude": 10.75,
            "capacity_units": 0,
            "dangerous_goods": [],
            "temperatures": ["ambient"],
            "bonded": False,
        },
    ],
    "lanes": [
        {
            "id": "berlin-fr",
            "service": "fulfilment",
            "from_node": "berlin",
            "from_country": None,
            "to_market": "FR",
            "to_region": "FR-IDF",
            "modes": ["road", "post"],
            "currency": "EUR",
            "costs": [
                {"up_to_grams": 500, "minor_units": 499},
                {"up_to_grams": 2000, "minor_units": 899},
            ],
            "lead_days": {"p10": 1.0, "p50": 2.0, "p90": 4.5},
            "refuses": ["lasers", "perfume"],
        },
        {
            "id": "pl-de",
            "service": "returns",
            "from_node": None,
            "from_country": "PL",
            "to_market": "DE",
            "to_region": None,
            "modes": ["air_passenger"],
            "currency": "PLN",
            "costs": [{"up_to_grams": 1000, "minor_units": 0}],
            "lead_days": {"p10": 2.0, "p50": 2.0, "p90": 2.0},
            "refuses": [],
        },
    ],
    "licences": [
        {
            "id": "broker",
            "type": "customs_broker",
            "jurisdiction": "EU",
            "number": "B-1",
            "valid_from": "2026-01-01",
            "valid_to": "2026-12-31",
        },
        {
            "id": "register",
            "type": "de.register",
            "jurisdiction": "DE",
            "number": "R-1",
            "valid_from": "2026-01-01",
            "valid_to": None,
        },
    ],
    "slas": [
        {"service": "fulfilment", "market": "*", "metric": "on_time_delivery", "value": 0.95},
        {"service": "fulfilment", "market": "FR", "metric": "customs_dwell_hours", "value": 30.0},
    ],
}
"""A document with everything in it, in the order in which the registry gives it out; its words are
those of the tiny library."""


def whole(**changes: Any) -> dict[str, Any]:
    """The whole document, with other values for fields at its top."""
    return deepcopy(WHOLE) | changes


def small(provider_id: str, *markets: str, service: str = "last_mile", **more: Any) -> Any:
    """A document with one service and nothing else but `more`."""
    services = [{"service": service, "markets": list(markets) or ["DE"]}]
    return {"id": provider_id, "name": provider_id.title(), "services": services} | more


def lane(lane_id: str, market: str, *refuses: str, service: str = "last_mile") -> dict[str, Any]:
    """A lane from Poland."""
    return {
        "id": lane_id,
        "service": service,
        "from_country": "PL",
        "to_market": market,
        "modes": ["road"],
        "currency": "PLN",
        "costs": [{"up_to_grams": 1000, "minor_units": 900}],
        "lead_days": {"p10": 1, "p50": 2, "p90": 3},
        "refuses": list(refuses),
    }


_COUNTRIES = st.sampled_from(["DE", "FR", "NO", "JP", "US", "BR"])
_SERVICES = st.sampled_from([service.value for service in Service])
_IDS = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,4})?", fullmatch=True)
_PRINTABLE = st.characters(codec="utf-8", exclude_categories=("C", "Z")) | st.just(" ")
_LINES = st.text(_PRINTABLE, min_size=1, max_size=20).filter(
    lambda text: bool(text.isprintable() and text.strip())
)
_DAYS = st.lists(st.floats(0, 700), min_size=3, max_size=3).map(sorted)


def _some(of: Any, most: int = 4) -> Any:
    return st.lists(st.sampled_from([*of]), unique=True, max_size=most)


@st.composite
def documents(draw: st.DrawFn, provider_id: str) -> ProviderDocument:
    """Any document of this provider that the registry takes."""
    offered = draw(
        st.dictionaries(_SERVICES, st.lists(_COUNTRIES, unique=True, min_size=1), min_size=1)
    )
    pairs = [(service, market) for service, markets in offered.items() for market in markets]
    nodes = draw(st.lists(_IDS, unique=True, max_size=3))
    promises = draw(st.lists(st.tuples(st.sampled_from(pairs), st.sampled_from([*METRICS]))))
    return ProviderDocument.model_validate(
        {
            "id": provider_id,
            "name": draw(_LINES),
            "description": draw(st.one_of(st.just(""), _LINES)),
            "sample": draw(st.booleans()),
            "services": [{"service": name, "markets": places} for name, places in offered.items()],
            "nodes": [
                {
                    "id": node,
                    "name": draw(_LINES),
                    "country": draw(_COUNTRIES),
                    "latitude": draw(st.floats(-90, 90)),
                    "longitude": draw(st.floats(-180, 180)),
                    "capacity_units": draw(st.integers(0, 1_000_000_000)),
                    "dangerous_goods": draw(_some(UN_CLASSES)),
                    "temperatures": draw(_some(TEMPERATURES)) or ["frozen"],
                    "bonded": draw(st.booleans()),
                }
                for node in nodes
            ],
            "lanes": [
                _lane(draw, lane_id, nodes, draw(st.sampled_from(pairs)))
                for lane_id in draw(st.lists(_IDS, unique=True, max_size=3))
            ],
            "licences": [
                {
                    "id": licence,
                    "type": "customs_broker",
                    "jurisdiction": draw(_COUNTRIES),
                    "number": draw(_LINES),
                    "valid_from": draw(st.dates()).isoformat(),
                    "valid_to": draw(st.sampled_from([None, "9999-12-31"])),
                }
                for licence in draw(st.lists(_IDS, unique=True, max_size=2))
            ],
            "slas": [
                {"service": service, "market": market, "metric": metric, "value": draw(_RATES)}
                for (service, market), metric in dict.fromkeys(promises)
            ],
        }
    )


_RATES = st.floats(0, 1)


def _lane(draw: st.DrawFn, lane_id: str, nodes: list[str], way: tuple[str, str]) -> dict[str, Any]:
    node = draw(st.sampled_from([*nodes, None]))
    weights = draw(st.lists(st.integers(1, 10**8), unique=True, min_size=1, max_size=4))
    p10, p50, p90 = draw(_DAYS)
    return {
        "id": lane_id,
        "service": way[0],
        "from_node": node,
        "from_country": draw(_COUNTRIES) if node is None else None,
        "to_market": way[1],
        "modes": draw(_some(MODES)) or ["sea"],
        "currency": draw(st.sampled_from(["EUR", "JPY", "TND"])),
        "costs": [
            {"up_to_grams": grams, "minor_units": draw(st.integers(0, 10**11))}
            for grams in sorted(weights)
        ],
        "lead_days": {"p10": p10, "p50": p50, "p90": p90},
        "refuses": draw(_some(DANGEROUS_GOODS)),
    }
