"""The starter set: marked as made up, right by the words that we ship, and with ways to go."""

import pytest

from governance.providers.commands import SAMPLE
from governance.providers.documents import ProviderDocument
from governance.providers.reading import Source, read_documents
from governance.releases.content import read_tree
from governance.rules.library import load_library
from governance.settings import Settings

# fmt: off
MARKETS = {
    "US", "CA", "MX", "BR", "GB", "IE", "DE", "FR", "IT", "ES", "NL", "BE", "PL", "SE", "DK", "AT",
    "CH", "NO", "TR", "SA", "AE", "IL", "ZA", "NG", "IN", "ID", "MY", "PH", "SG", "TH", "VN", "CN",
    "HK", "TW", "JP", "KR", "AU", "NZ",
}
# fmt: on


@pytest.fixture(scope="module")
def starter_set() -> list[ProviderDocument]:
    shipped = Settings()
    files = read_tree(shipped.rulesets_dir, shipped.policies_dir).files
    rulesets = {
        path.removeprefix("rulesets/"): text
        for path, text in files.items()
        if path.startswith("rulesets/")
    }
    sources = [Source(file.name, file.read_text("utf-8")) for file in sorted(SAMPLE.iterdir())]
    return read_documents(sources, load_library(rulesets).vocabulary)


def test_every_provider_of_it_says_that_it_is_made_up(starter_set: list[ProviderDocument]) -> None:
    assert len(starter_set) == 5
    for one in starter_set:
        assert one.sample
        assert "made up" in one.description
        assert "nothing comes from" in one.description
        assert one.website is None
        assert all(licence.number.startswith("SAMPLE-") for licence in one.licences)


def test_it_goes_to_every_market_and_nowhere_else(starter_set: list[ProviderDocument]) -> None:
    offered = {m for one in starter_set for service in one.services for m in service.markets}
    reached = {lane.to_market for one in starter_set for lane in one.lanes}
    assert offered == reached == MARKETS


def test_no_lane_by_post_takes_perfume_nor_one_by_passenger_aircraft_loose_cells(
    starter_set: list[ProviderDocument],
) -> None:
    lanes = [lane for one in starter_set for lane in one.lanes]
    by_post = [lane for lane in lanes if "post" in lane.modes]
    by_passenger_aircraft = [lane for lane in lanes if "air_passenger" in lane.modes]
    assert by_post
    assert by_passenger_aircraft
    assert all("perfume" in lane.refuses for lane in by_post)
    assert all("lithium_cells_loose" in lane.refuses for lane in by_passenger_aircraft)


def test_heavier_parcels_cost_more_and_no_two_nodes_share_a_place(
    starter_set: list[ProviderDocument],
) -> None:
    for one in starter_set:
        for lane in one.lanes:
            prices = [price.minor_units for price in lane.costs]
            assert prices == sorted(set(prices)), lane.id
        positions = [(node.latitude, node.longitude) for node in one.nodes]
        assert len(set(positions)) == len(positions)
