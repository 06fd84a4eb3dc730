"""Services of providers are in the same vocabulary as goods, and nobody can sell one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import Service, assert_problem, served
from tiny_library import ask

from governance.settings import Settings


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service over the rulesets that we ship."""
    folder: Path = tmp_path_factory.mktemp("shipped")
    with served(Settings(data_dir=folder)) as service:
        yield service


def test_the_catalogue_lists_goods_only(shipped: Service) -> None:
    names = {one["category"] for one in shipped.get("/v1/categories").json()}
    assert "cosmetics" in names
    assert names.isdisjoint({"logistics_services", "fulfilment", "last_mile"})
    assert_problem(shipped.get("/v1/categories/last_mile"), 404, "not-found")
    assert_problem(shipped.get("/v1/rules?category=last_mile"), 422, "invalid-request")


def test_the_papers_that_can_be_handed_in_hold_no_proof_by_counts(shipped: Service) -> None:
    types = {one["type"] for one in shipped.get("/v1/evidence-types").json()}
    assert "us.licence.customs_broker" in types
    assert not [name for name in types if name.startswith("performance.")]


@pytest.mark.parametrize("category", ["last_mile", "logistics_services"])
def test_a_sale_of_a_service_is_answered_as_an_unknown_category_is(
    shipped: Service, category: str
) -> None:
    asked = ask("DE", category=category)
    asked["product"]["attributes"] = {}
    unknown = ask("DE", category="spells")
    unknown["product"]["attributes"] = {}
    for request, name in ((asked, category), (unknown, "spells")):
        problem = shipped.ask(request)
        assert_problem(problem, 422, "invalid-request")
        messages = [error["message"] for error in problem.json()["errors"]]
        assert f"unknown category `{name}`" in messages
