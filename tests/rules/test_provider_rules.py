"""Rules about providers: services and goods do not mix, and what is shipped hangs together."""

from datetime import date

import pytest
import real_library
import small_library
from small_library import CATEGORIES, EVIDENCE, files, problems, rule, rules

from governance.rules.conditions import Literal, literals
from governance.rules.model import Library, Rule

SERVICES = """\
  logistics_services: {title: All logistics services}
  last_mile: {parent: logistics_services, title: Last mile}
"""
LATENESS = """\
attributes:
  on_time_low: {of: provider, type: number, minimum: 0, maximum: 1, title: Share on time}
"""
PROOF = "  performance.on_time: {title: Proof}\n"
GOOD = {
    "id": "de.on-time.proven",
    "category": "last_mile",
    "when": "{on_time_low: {lt: 0.9}}",
    "evidence": "[performance.on_time]",
    "cases": "{fires: [{on_time_low: 0.5}], silent: [{on_time_low: 0.9}], undetermined: [{}]}",
}
PROVIDER, SALE = "provider/DE/delivery.yaml", small_library.SALE
DAY = date(2026, 11, 23)
BROKERS = ("CA", "GB", "JP", "AU", "SG", "IN", "BR", "MX", "NZ", "KR", "SA", "AE", "CH", "ZA")
"""Where the law on customs brokers is researched, beside the US and the EU."""


def found(path: str, *texts: str) -> list[str]:
    library = files(categories=CATEGORIES + SERVICES, evidence=EVIDENCE + PROOF)
    library |= {"vocabulary/attributes/provider.yaml": LATENESS, path: rules(*texts)}
    return [problem.message for problem in problems(library)]


def test_a_rule_about_a_service_is_clean_where_providers_are_judged() -> None:
    assert found(PROVIDER, rule(**GOOD)) == []
    assert found(PROVIDER, rule(**GOOD | {"category": "logistics_services"})) == []


def test_a_rule_about_providers_speaks_of_no_goods_and_of_no_product() -> None:
    assert found(PROVIDER, rule(**GOOD | {"category": "gadgets"})) == [
        "`de.on-time.proven` is for provider, but `gadgets` is not a service"
    ]
    about_product = {
        "when": "{contains_radio: true}",
        "cases": "{fires: [{contains_radio: true}], silent: [{contains_radio: false}], "
        "undetermined: [{}]}",
    }
    assert found(PROVIDER, rule(**GOOD | about_product)) == [
        "`de.on-time.proven` is for provider, which never knows `contains_radio`"
    ]


def test_a_rule_about_sales_speaks_of_no_service_and_of_no_provider() -> None:
    assert found(SALE, rule(**GOOD)) == [
        "`de.on-time.proven` asks for `performance.on_time`, which nobody can hand in",
        "`de.on-time.proven` is for sale, but `last_mile` is not goods",
        "`de.on-time.proven` is for sale, which never knows `on_time_low`",
    ]


def test_coverage_is_of_goods() -> None:
    row = "{category: last_mile, researched_on: 2026-11-22, from: 2026-01-01, certainty: high}"
    library = files(categories=CATEGORIES + SERVICES) | {
        SALE: f"coverage:\n  - {row}\n" + rules(rule())
    }
    assert [problem.message for problem in problems(library)] == [
        "coverage is of goods, but `last_mile` is a service"
    ]


@pytest.fixture(scope="module")
def shipped() -> Library:
    return real_library.library()


def limits(library: Library, service: str, market: str) -> dict[tuple[str, str], list[float]]:
    """The thresholds in force for a service in a market, by metric and effect."""
    jurisdictions = library.vocabulary.jurisdictions(market, DAY)
    lineage = library.vocabulary.lineage(service)
    by_metric: dict[tuple[str, str], list[float]] = {}
    for one in library.rules["provider"]:
        if not one.in_force_on(DAY) or not one.binds(market, jurisdictions):
            continue
        if set(lineage).isdisjoint(one.categories):
            continue
        for literal in thresholds(one):
            metric = literal.attribute.rpartition("_")[0]
            by_metric.setdefault((metric, one.effect), []).append(float(literal.values[0]))
    return by_metric


def thresholds(one: Rule) -> list[Literal]:
    return [
        literal for literal in literals(one.condition) if not literal.attribute.endswith("_sample")
    ]


@pytest.mark.parametrize("market", ["US", "DE", "GB", "JP", "CA", "CN", "BR", "NO"])
@pytest.mark.parametrize("service", ["fulfilment", "line_haul", "last_mile", "returns"])
def test_each_metric_has_one_threshold_and_proof_and_breach_share_it(
    shipped: Library, market: str, service: str
) -> None:
    found = limits(shipped, service, market)
    assert [metric for metric, effect in found if effect == "require"]
    for (metric, effect), values in found.items():
        assert len(values) == 1, (metric, effect)
        if effect == "require":
            assert found[metric, "review"] == values
        if effect == "prohibit":
            assert found[metric, "review"] != values


def about_brokers(library: Library, market: str) -> list[Rule]:
    """The rules on who may be a customs broker in a market, whatever is counted of it."""
    jurisdictions = library.vocabulary.jurisdictions(market, DAY)
    return [
        one
        for one in library.rules["provider"]
        if "customs_brokerage" in one.categories
        and not one.attributes
        and one.binds(market, jurisdictions)
    ]


@pytest.mark.parametrize("market", ["US", "DE", *BROKERS, "CN", "HK", "TR", "NO"])
def test_brokers_are_judged_only_where_the_law_on_them_is_researched(
    shipped: Library, market: str
) -> None:
    researched = bool(about_brokers(shipped, market))
    proofs = limits(shipped, "customs_brokerage", market)
    assert (("customs_within_48h", "require") in proofs) is researched
    assert researched is (market not in ("CN", "HK", "TR", "NO"))


@pytest.mark.parametrize("market", BROKERS)
def test_what_a_broker_has_to_show_is_named_after_its_market(shipped: Library, market: str) -> None:
    asked = [name for one in about_brokers(shipped, market) for name in one.evidence]
    assert asked == ([] if market == "CH" else [f"{market.lower()}.licence.customs_broker"])


def test_where_no_licence_exists_the_duties_of_brokers_are_told(shipped: Library) -> None:
    for market in ("GB", "CH"):
        assert "oblige" in {one.effect for one in about_brokers(shipped, market)}


def test_nobody_is_found_in_breach_on_a_handful_of_shipments(shipped: Library) -> None:
    for one in shipped.rules["provider"]:
        if one.effect in ("review", "prohibit"):
            (least,) = [x for x in literals(one.condition) if x.attribute.endswith("_sample")]
            assert least.comparison == "gte"
            assert least.values[0] >= (11 if one.effect == "review" else 5)


def test_services_are_no_goods(shipped: Library) -> None:
    vocabulary = shipped.vocabulary
    assert set(vocabulary.services) == {
        "fulfilment",
        "line_haul",
        "customs_brokerage",
        "last_mile",
        "returns",
    }
    assert set(vocabulary.goods) == (
        set(vocabulary.categories)
        - set(vocabulary.services)
        - {"logistics_services", "creator_drops"}
    )
    assert not [name for name in vocabulary.papers if name.startswith("performance.")]
