"""The files connector reads a provider's folder strictly, and puts orders there."""

import json
import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from connector_stand_ins import IN_GERMANY, order

from governance.providers.connectors.amounts import LeadDays, Money
from governance.providers.connectors.answers import (
    Coverage,
    Milestone,
    Observed,
    PlacementOption,
    Rate,
    Stock,
)
from governance.providers.connectors.credentials import Credential
from governance.providers.connectors.files import connect
from governance.providers.connectors.protocol import (
    COVERAGE,
    CREATE_ORDER,
    INVENTORY,
    PERFORMANCE,
    PLACEMENT_OPTIONS,
    QUOTE,
    TRACK,
    Capability,
    Level,
)
from governance.providers.connectors.questions import (
    InventoryQuestion,
    PerformanceQuestion,
    PlacementQuestion,
    QuoteQuestion,
    TrackingQuestion,
)
from governance.providers.connectors.resilience import Guarded
from governance.providers.models import Service

COVERAGE_YAML = """\
coverage:
  - {market: DE, services: [last_mile, returns]}
  - market: NO
    services: returns
"""
RATES_CSV = """\
lane,service,from_country,to_market,up_to_grams,minor_units,currency,lead_days_p10,lead_days_p50,lead_days_p90,modes,refuses
road,last_mile,NL,DE,2000,990,EUR,1,2,3.5,road,
road,last_mile,NL,DE,500,490,EUR,1,2,3.5,road,
post,last_mile,NL,DE,2000,390,EUR,2,3,6,road air,fragrance lithium_cells_loose
north,last_mile,NL,NO,2000,1990,NOK,3,4,9,sea,
"""
INVENTORY_CSV = """\
node,sku,on_hand,available,counted_at
ams-1,scent,120,100,2026-11-20T08:00:00+01:00
ams-1,shirt,7,7,2026-11-20T08:00:00+01:00
"""
NODES_YAML = """\
nodes:
  - {node: ams-1, country: NL, markets: DE FR, free_units: 500, inbound_minor_units: 25,
     currency: EUR, lead_days_p10: 1, lead_days_p50: 2, lead_days_p90: 4}
  - {node: osl-1, country: NO, markets: NO, free_units: 900, inbound_minor_units: 250,
     currency: NOK, lead_days_p10: 1, lead_days_p50: 2, lead_days_p90: 4}
"""
TRACKING_CSV = """\
shipment,milestone,at
S1,delivered,2026-11-21T10:00:00Z
S1,shipped,2026-11-19T10:00:00Z
S2,shipped,2026-11-20T10:00:00Z
"""
PERFORMANCE_JSON = json.dumps(
    {
        "performance": [
            {
                "service": "last_mile",
                "market": "DE",
                "metric": "on_time_delivery",
                "successes": 970,
                "trials": 1000,
                "first_day": "2026-10-01",
                "last_day": "2026-10-31",
            }
        ]
    }
)
PARCEL = QuoteQuestion(Service.LAST_MILE, "NL", "DE", weight_grams=500)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "acme"
    (folder / "orders").mkdir(parents=True)
    (folder / "coverage.yaml").write_text(COVERAGE_YAML)
    (folder / "rates.csv").write_text(RATES_CSV)
    (folder / "inventory.csv").write_text(INVENTORY_CSV)
    (folder / "nodes.yaml").write_text(NODES_YAML)
    (folder / "tracking.csv").write_text(TRACKING_CSV)
    (folder / "performance.json").write_text(PERFORMANCE_JSON)
    return folder


def opened(folder: Path) -> Guarded:
    return Guarded("acme", connect("acme", {"folder": str(folder)}, {}))


def test_it_supports_what_there_are_files_for(folder: Path) -> None:
    assert opened(folder).capabilities == set(Capability)
    (folder / "rates.csv").unlink()
    (folder / "orders").rmdir()
    missing = set(Capability) - opened(folder).capabilities
    assert missing == {Capability.QUOTE, Capability.CREATE_ORDER}


def test_coverage_is_of_the_market_and_norway_is_no_boolean(folder: Path) -> None:
    acme = opened(folder)
    both = (Service.LAST_MILE, Service.RETURNS)
    assert acme.ask(COVERAGE, IN_GERMANY) == (Coverage("DE", both), ())
    assert acme.ask(COVERAGE, replace(IN_GERMANY, market="NO")) == (
        Coverage("NO", (Service.RETURNS,)),
        (),
    )
    assert acme.ask(COVERAGE, replace(IN_GERMANY, market="FR")) == (Coverage("FR", ()), ())


@pytest.mark.parametrize(("grams", "price"), [(1, 490), (500, 490), (501, 990), (2000, 990)])
def test_a_quote_takes_the_lightest_weight_break_that_will_do(
    folder: Path, grams: int, price: int
) -> None:
    details, said = opened(folder).ask(QUOTE, replace(PARCEL, weight_grams=grams))
    assert details is not None
    assert said == ()
    assert details.rates[0] == Rate("road", Money(price, "EUR"), LeadDays(1, 2, 3.5), ("road",))
    assert details.rates[1].modes == ("road", "air")


def test_a_lane_that_does_not_take_the_parcel_says_why(folder: Path) -> None:
    acme = opened(folder)
    details, (message,) = acme.ask(QUOTE, replace(PARCEL, goods=("fragrance",)))
    assert details is not None
    assert [rate.lane for rate in details.rates] == ["road"]
    assert message.level is Level.INFO
    assert message.sentence == "acme (quote): lane post refuses fragrance"
    details, said = acme.ask(QUOTE, replace(PARCEL, weight_grams=2001))
    assert details is not None
    assert details.rates == ()
    assert [one.sentence.partition(": ")[2] for one in said] == [
        "lane road takes up to 2,000 g",
        "lane post takes up to 2,000 g",
    ]


def test_inventory_and_placement_come_node_by_node(folder: Path) -> None:
    acme = opened(folder)
    stock, _ = acme.ask(INVENTORY, InventoryQuestion(("scent", "unheard-of")))
    counted = datetime(2026, 11, 20, 7, tzinfo=UTC)
    assert stock is not None
    assert stock.stock == (Stock("ams-1", "scent", 120, 100, counted),)
    assert stock.stock[0].counted_at.tzinfo is UTC
    placement, _ = acme.ask(PLACEMENT_OPTIONS, PlacementQuestion("FR", units=500))
    assert placement is not None
    assert placement.options == (
        PlacementOption("ams-1", "NL", 500, Money(25, "EUR"), LeadDays(1, 2, 4)),
    )
    assert acme.ask(PLACEMENT_OPTIONS, PlacementQuestion("FR", units=501))[0] is not None


def test_milestones_come_oldest_first_and_an_unknown_shipment_is_said(folder: Path) -> None:
    acme = opened(folder)
    tracking, _ = acme.ask(TRACK, TrackingQuestion("S1"))
    assert tracking is not None
    assert tracking.milestones == (
        Milestone("shipped", datetime(2026, 11, 19, 10, tzinfo=UTC)),
        Milestone("delivered", datetime(2026, 11, 21, 10, tzinfo=UTC)),
    )
    details, (message,) = acme.ask(TRACK, TrackingQuestion("S3"))
    assert (details, message.code) == (None, "unknown-shipment")


def test_performance_is_of_the_service_in_the_market(folder: Path) -> None:
    question = PerformanceQuestion(Service.LAST_MILE, "DE")
    details, _ = opened(folder).ask(PERFORMANCE, question)
    assert details is not None
    days = date(2026, 10, 1), date(2026, 10, 31)
    assert details.metrics == (Observed("on_time_delivery", 970, 1000, *days),)


def test_an_order_is_a_file_that_only_its_owner_reads(folder: Path) -> None:
    details, said = opened(folder).ask(CREATE_ORDER, order())
    assert details is not None
    assert said == ()
    (path,) = (folder / "orders").iterdir()
    assert path.name == f"{details.order_id}.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text())["order"]["recipient"]["city"] == "Berlin"


def test_the_same_key_places_one_order_however_many_send_it_at_once(folder: Path) -> None:
    acme = connect("acme", {"folder": str(folder)}, {})
    together = threading.Barrier(8)
    taken = []

    def send() -> None:
        together.wait()
        taken.append(acme.create_order(order("key-1")))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 8
    assert len(set(taken)) == 1
    assert taken[0][0] is not None
    assert len(list((folder / "orders").iterdir())) == 1


def test_a_key_that_placed_another_order_is_refused(folder: Path) -> None:
    acme = opened(folder)
    acme.ask(CREATE_ORDER, order("key-1"))
    details, (message,) = acme.ask(CREATE_ORDER, order("key-1", reference="drop-8"))
    assert (details, message.code) == (None, "idempotency-key-reused")
    assert len(list((folder / "orders").iterdir())) == 1


def test_orders_without_a_key_are_orders_of_their_own(folder: Path) -> None:
    acme = opened(folder)
    ids = {str(acme.ask(CREATE_ORDER, order())[0]) for _ in range(3)}
    assert len(ids) == len(list((folder / "orders").iterdir())) == 3


def test_an_order_file_that_was_tampered_with_is_not_taken_for_an_answer(folder: Path) -> None:
    acme = opened(folder)
    acme.ask(CREATE_ORDER, order("key-1"))
    (path,) = (folder / "orders").iterdir()
    path.write_text("{}")
    details, (message,) = acme.ask(CREATE_ORDER, order("key-1"))
    assert (details, message.code) == (None, "corrupt-order")


def changed(old: str, new: str) -> Callable[[str], bytes]:
    def change(text: str) -> bytes:
        assert old in text
        return text.replace(old, new, 1).encode()

    return change


FAULTS = [
    ("2000,990", "2_000,990", "rates.csv, line 2, field 'up_to_grams': Write a whole number"),
    ("2000,990", "2000,9.9", "rates.csv, line 2, field 'minor_units': Write a whole number"),
    ("490,EUR", "490,EURO", "rates.csv, line 3, field 'currency': 'EURO' is not a currency"),
    ("490,EUR,1,2,3.5", "490,EUR,1,5,3.5", "rates.csv, line 3: Lead times ascend"),
    ("1,2,3.5", "nan,2,3.5", "rates.csv, line 2, field 'lead_days_p10': Input should be a finite"),
    ("last_mile", "last mile", "rates.csv, line 2, field 'service': Input should be 'fulfilment'"),
    ("NL,DE", "Netherlands,DE", "rates.csv, line 2, field 'from_country': String should match"),
    ("lane,", "lane,lane,", "rates.csv, line 1: name each field once"),
    ("refuses\n", "declines\n", "rates.csv, line 2, field 'refuses': Field required"),
    ("road,\n", "road\n", "rates.csv, line 2: has 11 cells, and the header has 12"),
    ("2000,990", "500,990", "rates.csv, lane 'road', field 'up_to_grams': the same weight twice"),
    ("490,EUR", "490,USD", "rates.csv, lane 'road': its rows differ in more than up_to_grams"),
    ("road,last", '"road,last', "rates.csv, line 5: unexpected end of data"),
]


@pytest.mark.parametrize(("old", "new", "said"), FAULTS, ids=[fault[2] for fault in FAULTS])
def test_a_fault_in_a_csv_file_is_named_by_place_and_field(
    folder: Path, old: str, new: str, said: str
) -> None:
    (folder / "rates.csv").write_bytes(changed(old, new)(RATES_CSV))
    details, messages = opened(folder).ask(QUOTE, PARCEL)
    assert details is None
    assert messages[0].code == "unreadable-file"
    assert messages[0].sentence.startswith(f"acme (quote): {said}")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"coverage: [{market: DE}]", "coverage.yaml, entry 1, field 'services': Field required"),
        (b"coverage: [DE]", "coverage.yaml, entry 1: is not a mapping of fields"),
        (b"markets: []", "coverage.yaml: has one key, 'coverage', and a list below it"),
        (b"coverage: &a [*a]", "coverage.yaml, line 1: anchor `&a` is not allowed"),
        (b"\xff", "coverage.yaml: is not UTF-8 at byte 0"),
        (b"coverage: []\n" + b"#" * 10_000_000, "coverage.yaml: has more than 10,000,000 bytes"),
    ],
)
def test_a_fault_in_a_yaml_file_is_named(folder: Path, content: bytes, said: str) -> None:
    (folder / "coverage.yaml").write_bytes(content)
    details, messages = opened(folder).ask(COVERAGE, IN_GERMANY)
    assert details is None
    assert messages[0].sentence.startswith(f"acme (coverage): {said}")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("970", '"970"', "performance.json, entry 1, field 'successes': Input should be a valid"),
        ("970", "1001", "performance.json, entry 1: There are no more successes than trials"),
        ("970", "NaN", "performance.json, entry 1, field 'successes': "),
        ("2026-10-31", "2026-09-01", "performance.json, entry 1: The last day is not before"),
        ('"trials"', '"successes"', "performance.json: is not JSON (a key stands twice"),
        ("}]}", "}]", "performance.json: is not JSON ("),
    ],
)
def test_a_fault_in_a_json_file_is_named(folder: Path, old: str, new: str, said: str) -> None:
    (folder / "performance.json").write_bytes(changed(old, new)(PERFORMANCE_JSON))
    question = PerformanceQuestion(Service.LAST_MILE, "DE")
    details, messages = opened(folder).ask(PERFORMANCE, question)
    assert details is None
    assert messages[0].sentence.startswith(f"acme (performance): {said}")


def test_a_file_gone_since_is_said(folder: Path) -> None:
    acme = opened(folder)
    (folder / "tracking.csv").unlink()
    details, (message,) = acme.ask(TRACK, TrackingQuestion("S1"))
    assert (details, message.code) == (None, "unreadable-file")


def test_a_file_full_of_faults_names_the_first_twenty(folder: Path) -> None:
    rows = "S1,shipped,yesterday\n" * 50
    (folder / "tracking.csv").write_text("shipment,milestone,at\n" + rows)
    _, messages = opened(folder).ask(TRACK, TrackingQuestion("S1"))
    assert len(messages) == 20


def test_a_spreadsheets_byte_order_mark_is_no_fault(folder: Path) -> None:
    (folder / "rates.csv").write_text("\ufeff" + RATES_CSV)
    assert opened(folder).ask(QUOTE, PARCEL)[1] == ()


@pytest.mark.parametrize("options", [{}, {"folder": "/nowhere/at/all"}, {"folder": ".", "x": "1"}])
def test_it_takes_a_folder_and_nothing_else(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="folder"):
        connect("acme", options, {})
    with pytest.raises(ValueError, match="no credentials"):
        connect("acme", {"folder": "."}, {"key": Credential("12345678")})
