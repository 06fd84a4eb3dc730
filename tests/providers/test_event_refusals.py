"""A bad event is set aside with its line, its place, the reason and a hint, and the rest lands."""

import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from event_cases import NOW, ago, counted, event, foreign, lines, register
from sqlalchemy import Engine
from sqlmodel import select

from governance.db import transaction
from governance.providers.events.ingest import ingest
from governance.providers.events.lines import Line, Splitter, TooLong, lines_of
from governance.providers.events.observation import Milestone
from governance.providers.performance.models import ProviderEvent, SetAsideEvent, Shipment


def without(made: dict[str, Any], *path: str) -> dict[str, Any]:
    inner = made
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return made


BAD: dict[str, tuple[Any, str, str]] = {
    "no JSON": (b'{"id": ', "broken-json", ""),
    "no UTF-8": (b'{"specversion":"1.0","x":"\xff"}', "broken-json", ""),
    "nested too deep": (b'{"data":' + b"[" * 5_000, "broken-json", ""),
    "no object": (b"[]", "wrong-value", ""),
    "no envelope": (b"{}", "missing-field", "/specversion"),
    "another CloudEvents": (event() | {"specversion": "0.3"}, "other-version", "/specversion"),
    "no id": (without(event(), "id"), "missing-field", "/id"),
    "empty id": (event(id=""), "wrong-value", "/id"),
    "control character": (event(id="a\x00b"), "wrong-value", "/id"),
    "no time": (without(event(), "time"), "missing-field", "/time"),
    "time without offset": (event(time="2026-11-21T10:00:00"), "wrong-value", "/time"),
    "time as number": (event(time=1_700_000_000), "wrong-value", "/time"),
    "in the future": (event(time=ago(minutes=-6)), "in-the-future", "/time"),
    "unknown type": (event("deliverd"), "unknown-type", "/type"),
    "another version": (
        event() | {"type": "governance.shipment.delivered.v2"},
        "other-version",
        "/type",
    ),
    "EPCIS 1": (foreign("org.gs1.epcis.event.v1", {}), "other-version", "/type"),
    "no data": (without(event(), "data"), "missing-field", "/data"),
    "data null": (event() | {"data": None}, "wrong-value", "/data"),
    "no shipment": (without(event(), "data", "shipment"), "missing-field", "/data/shipment"),
    "unknown field": (event(weight=3), "unknown-field", "/data/weight"),
    "market as number": (event(market=49), "wrong-value", "/data/market"),
    "unknown market": (event(market="UK"), "unknown-market", "/data/market"),
    "unknown service": (event(service="drone"), "wrong-value", "/data/service"),
    "unknown provider": (event(provider="nobody"), "unknown-provider", "/data/provider"),
    "who cancelled": (
        without(event("cancelled"), "data", "by"),
        "missing-field",
        "/data/by",
    ),
    "wrong unit": (counted(unit="kg"), "wrong-value", "/data/unit"),
    "count as text": (counted(counted="9"), "wrong-value", "/data/counted"),
    "count below 0": (counted(counted=-1), "wrong-value", "/data/counted"),
    "count not whole": (counted(counted=1.5), "wrong-value", "/data/counted"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_event_is_named_and_its_neighbours_land(sqlite_engine: Engine, name: str) -> None:
    bad, reason, pointer = BAD[name]
    register(sqlite_engine, "acme")
    report = ingest(sqlite_engine, lines([event(), bad, event()]), NOW)
    assert report.accepted == 2
    (found,) = report.set_aside
    assert (found.line, found.reason, found.pointer) == (2, reason, pointer)
    assert found.message
    if reason not in ("broken-json", "wrong-value"):
        assert found.hint
    with transaction(sqlite_engine) as session:
        kept = session.exec(select(SetAsideEvent)).one()
        assert len(session.exec(select(ProviderEvent.id)).all()) == 2
    assert (kept.line, kept.reason, kept.pointer) == (2, reason, pointer)
    assert kept.hint == found.hint


def test_bad_events_of_every_kind_are_kept_in_either_database(engine: Engine) -> None:
    register(engine, "acme")
    report = ingest(engine, lines([bad for bad, _, _ in BAD.values()]), NOW)
    assert (report.accepted, report.set_aside_total) == (0, len(BAD))
    assert [one.line for one in report.set_aside] == list(range(1, len(BAD) + 1))


@pytest.mark.parametrize("name", ["unit", "market", "time"])
def test_the_hint_says_how_to_mend_it(sqlite_engine: Engine, name: str) -> None:
    bad, mend = {
        "unit": (counted(unit="kg"), "whole units"),
        "market": (event(market="UK"), "did you mean GB?"),
        "time": (event(time="yesterday"), "RFC 3339"),
    }[name]
    register(sqlite_engine, "acme")
    (found,) = ingest(sqlite_engine, lines([bad]), NOW).set_aside
    assert mend in (found.hint or "")


def test_a_clock_that_is_five_minutes_ahead_is_forgiven(sqlite_engine: Engine) -> None:
    register(sqlite_engine, "acme")
    assert ingest(sqlite_engine, lines([event(time=ago(minutes=-5))]), NOW).accepted == 1


def test_a_line_of_100_mb_is_refused_without_being_gathered(sqlite_engine: Engine) -> None:
    register(sqlite_engine, "acme")
    good = lines([event()])[0].body

    def pieces() -> Iterator[bytes]:
        yield good + b'\n{"data":"'
        for _ in range(1_600):
            yield b"x" * 65_536
        yield b'"}\n' + good.replace(b"event-", b"again-") + b"\n"

    tracemalloc.start()
    try:
        report = ingest(sqlite_engine, lines_of(pieces()), NOW)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 20_000_000
    assert report.accepted == 2
    (found,) = report.set_aside
    assert (found.line, found.reason) == (2, "line-too-long")
    assert "104,857," in found.message
    assert found.body.startswith('{"data":"xxx')
    assert len(found.body) == 2_000


@pytest.mark.parametrize("size", [1, 3, 7, 64, 1_000])
def test_lines_are_the_same_however_the_text_is_cut(size: int) -> None:
    text = b"one\n\n  two \r\n" + b"x" * 50 + b"\n" + b"y" * 51 + b"\nz" + b"z" * 200 + b"\nlast"
    splitter = Splitter(most=50)
    found = [
        line for at in range(0, len(text), size) for line in splitter.feed(text[at : at + size])
    ]
    found += splitter.end()
    assert [one.number for one in found] == [1, 3, 4, 5, 6, 7]
    assert [one.body for one in found if isinstance(one, Line)] == [
        b"one",
        b"two",
        b"x" * 50,
        b"last",
    ]
    long = [one for one in found if isinstance(one, TooLong)]
    assert [one.length for one in long] == [51, 201]
    assert [one.beginning[:51] for one in long] == [b"y" * 51, b"z" * 51]
    assert long[0].digest != long[1].digest


EPCIS = {
    "type": "ObjectEvent",
    "eventTime": ago(days=2),
    "eventTimeZoneOffset": "+00:00",
    "action": "OBSERVE",
    "epcList": ["urn:epc:id:sscc:0614141.1234567890"],
}


@pytest.mark.parametrize(
    ("said", "milestone"),
    [
        ({"bizStep": "shipping", "disposition": "in_transit"}, Milestone.SHIPPED),
        ({"bizStep": "departing"}, Milestone.TRACKED),
        ({"bizStep": "arriving"}, Milestone.TRACKED),
        ({"bizStep": "receiving", "disposition": "in_progress"}, Milestone.DELIVERED),
        ({"bizStep": "receiving", "disposition": "damaged"}, Milestone.DAMAGED),
        ({"bizStep": "inspecting", "disposition": "stolen"}, Milestone.LOST),
        ({"bizStep": "shipping", "disposition": "returned"}, Milestone.RETURNED),
        ({"bizStep": "receiving", "disposition": "returned"}, Milestone.RETURN_COMPLETED),
    ],
)
def test_a_step_of_epcis_is_a_milestone(
    sqlite_engine: Engine, said: dict[str, str], milestone: Milestone
) -> None:
    assert milestone_of(sqlite_engine, "org.gs1.epcis.event.v2", EPCIS | said) == milestone


@pytest.mark.parametrize(
    ("said", "reason", "pointer"),
    [
        ({}, "not-mapped", "/data/bizStep"),
        ({"bizStep": "void_shipping"}, "not-mapped", "/data/bizStep"),
        ({"bizStep": "cycle_counting"}, "not-mapped", "/data/bizStep"),
        ({"bizStep": "departing", "disposition": "returned"}, "not-mapped", "/data/bizStep"),
        ({"type": "TransformationEvent"}, "not-mapped", "/data/type"),
        (
            {"bizStep": "shipping", "errorDeclaration": {"declarationTime": ago(days=1)}},
            "not-mapped",
            "/data/errorDeclaration",
        ),
        ({"bizStep": "urn:epcglobal:cbv:bizstep:shipping"}, "other-version", "/data/bizStep"),
        ({"bizStep": "shipping", "eventTime": ago(days=-1)}, "in-the-future", "/data/eventTime"),
    ],
)
def test_what_epcis_says_beyond_our_milestones_is_set_aside(
    sqlite_engine: Engine, said: dict[str, Any], reason: str, pointer: str
) -> None:
    register(sqlite_engine, "acme")
    sent = foreign("org.gs1.epcis.event.v2", EPCIS | said)
    (found,) = ingest(sqlite_engine, lines([sent]), NOW).set_aside
    assert (found.reason, found.pointer) == (reason, pointer)


def dcsa(kind: str = "EQUIPMENT", code: str = "LOAD", **payload: Any) -> dict[str, Any]:
    name = {"EQUIPMENT": "equipment", "TRANSPORT": "transport", "SHIPMENT": "shipment"}[kind]
    return {
        "metadata": {"eventID": "84db923d", "eventType": kind},
        "payload": {
            "eventClassifierCode": "ACT",
            "eventDateTime": ago(days=2),
            f"{name}EventTypeCode": code,
            "emptyIndicatorCode": "LADEN",
        }
        | payload,
    }


@pytest.mark.parametrize(
    ("said", "milestone"),
    [
        (dcsa("SHIPMENT", "CONF", documentTypeCode="BKG"), Milestone.ACCEPTED),
        (dcsa(code="LOAD"), Milestone.SHIPPED),
        (dcsa("TRANSPORT", "ARRI"), Milestone.TRACKED),
        (dcsa(code="CUSS"), Milestone.TRACKED),
        (dcsa(code="CUSI"), Milestone.TRACKED),
        (dcsa(code="CUSR"), Milestone.CUSTOMS_RELEASED),
        (dcsa(code="DROP"), Milestone.DELIVERED),
    ],
)
def test_a_code_of_dcsa_is_a_milestone(
    sqlite_engine: Engine, said: dict[str, Any], milestone: Milestone
) -> None:
    assert milestone_of(sqlite_engine, "org.dcsa.tnt.event.v3", said) == milestone


@pytest.mark.parametrize(
    ("said", "reason", "pointer"),
    [
        (dcsa(eventClassifierCode="EST"), "not-mapped", "/data/payload/eventClassifierCode"),
        (dcsa(code="STRP"), "not-mapped", "/data/payload/equipmentEventTypeCode"),
        (dcsa(emptyIndicatorCode="EMPTY"), "not-mapped", "/data/payload/emptyIndicatorCode"),
        (
            dcsa("SHIPMENT", "CONF", documentTypeCode="TRD"),
            "not-mapped",
            "/data/payload/documentTypeCode",
        ),
        (
            {"metadata": {"eventID": "b", "eventType": "TRANSPORT", "retractedEventID": "a"}},
            "not-mapped",
            "/data/metadata/retractedEventID",
        ),
        (
            {"metadata": {"eventID": "b", "eventType": "TRANSPORT"}},
            "missing-field",
            "/data/payload",
        ),
    ],
)
def test_what_dcsa_says_beyond_our_milestones_is_set_aside(
    sqlite_engine: Engine, said: dict[str, Any], reason: str, pointer: str
) -> None:
    register(sqlite_engine, "acme")
    (found,) = ingest(sqlite_engine, lines([foreign("org.dcsa.tnt.event.v3", said)]), NOW).set_aside
    assert (found.reason, found.pointer) == (reason, pointer)


@pytest.mark.parametrize("name", ["provider", "subject", "service", "market"])
def test_a_foreign_event_names_provider_shipment_service_and_market(
    sqlite_engine: Engine, name: str
) -> None:
    register(sqlite_engine, "acme")
    sent = without(foreign("org.dcsa.tnt.event.v3", dcsa()), name)
    (found,) = ingest(sqlite_engine, lines([sent]), NOW).set_aside
    assert (found.reason, found.pointer) == ("missing-field", f"/{name}")


def milestone_of(engine: Engine, kind: str, data: dict[str, Any]) -> Milestone:
    """The one milestone of the shipment of which only this event was told."""
    register(engine, "acme")
    report = ingest(engine, lines([foreign(kind, data)]), NOW)
    assert report.accepted == 1, report.set_aside
    with transaction(engine) as session:
        row = session.exec(select(Shipment)).one().model_dump()
    (found,) = [one for one in Milestone if row[f"{one}_at"] is not None]
    return found
