"""The demo's made-up history: the same every time, marked as such, and enough of it."""

import json
from collections import Counter
from datetime import timedelta

import pytest

from governance.demo.drop import DAY
from governance.demo.flows import DAYS, FLOWS
from governance.demo.history import SOURCE, made_up_events
from governance.demo.timeline import end_of
from governance.providers.commands import SAMPLE
from governance.providers.documents import ProviderDocument
from governance.providers.reading import Source, read_documents
from governance.releases.content import read_tree
from governance.rules.library import load_library
from governance.settings import Settings

END = end_of(DAY)


@pytest.fixture(scope="module")
def starter_set() -> list[ProviderDocument]:
    shipped = Settings()
    files = read_tree(shipped.rulesets_dir, shipped.policies_dir).files
    rulesets = {
        path.removeprefix("rulesets/"): text
        for path, text in files.items()
        if path.startswith("rulesets/")
    }
    sources = [Source(file.name, file.read_text("utf-8")) for file in sorted(SAMPLE.glob("*.yaml"))]
    return read_documents(sources, load_library(rulesets).vocabulary)


def test_the_same_happens_every_time(starter_set: list[ProviderDocument]) -> None:
    assert made_up_events(starter_set, END) == made_up_events(starter_set, END)


def test_it_lasts_120_days_and_ends_with_the_demo(starter_set: list[ProviderDocument]) -> None:
    events = made_up_events(starter_set, END)
    assert [one.at for one in events] == sorted(one.at for one in events)
    assert END - timedelta(days=DAYS) <= events[0].at < END - timedelta(days=DAYS - 1)
    assert END - timedelta(days=1) < events[-1].at <= END
    shipments = {json.loads(one.body)["data"].get("shipment") for one in events}
    assert 10_000 <= len(shipments) <= 30_000


def test_every_event_says_that_it_is_made_up_and_has_an_id_of_its_own(
    starter_set: list[ProviderDocument],
) -> None:
    events = [json.loads(one.body) for one in made_up_events(starter_set, END)]
    assert {one["source"] for one in events} == {SOURCE}
    assert "made-up" in SOURCE
    assert Counter(one["id"] for one in events).most_common(1)[0][1] == 1


def test_nothing_is_shipped_that_a_provider_does_not_offer(
    starter_set: list[ProviderDocument],
) -> None:
    assert set(FLOWS) == {one.id for one in starter_set}
    for document in starter_set:
        offered = {one.service: set(one.markets) for one in document.services}
        for flow in FLOWS[document.id]:
            assert set(flow.markets) <= offered[flow.service], (document.id, flow)
