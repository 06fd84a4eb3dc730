"""The report of a drop plan: true to the plan, whole without network or scripts, and escaped."""

import json
import re
from itertools import pairwise
from typing import Any

import plan_made_up as made_up
import pytest
from html_outline import Element, Outline, outline

from governance.drops.report.page import render_plan
from governance.drops.report.words import NBSP, VERDICTS, count, gravest, mildest
from governance.markets.countries import place_name

HOSTILE = "\"'><script>alert(1)</script>{{ 7*7 }}&amp;"
MOST_BYTES = 1_000_000


@pytest.fixture(scope="module")
def plan() -> dict[str, Any]:
    return made_up.plan()


@pytest.fixture(scope="module")
def html(plan: dict[str, Any]) -> str:
    return render_plan(plan, made_up.document(), made_up.decision(), made_up.changes())


@pytest.fixture(scope="module")
def page(html: str) -> Outline:
    return parsed(html)


@pytest.fixture(scope="module")
def empty() -> Outline:
    return parsed(render_plan(made_up.plan(nowhere=True), made_up.document(), None, []))


def parsed(html: str) -> Outline:
    """The page's elements, with spaces where cells and paragraphs begin, so that words part."""
    return outline(re.sub(r"(?=<(?:td|th|dd|p|li|small|summary|details|ul)\b)", " ", html))


def said(element: Element) -> str:
    return " ".join(element.text.replace(NBSP, " ").split())


def section(page: Outline, name: str) -> str:
    (found,) = (one for one in page.all("section") if one.attributes.get("aria-labelledby") == name)
    return said(found)


def rows(page: Outline, caption: str) -> list[str]:
    """The texts of the rows of the tables whose caption begins so."""
    return [
        said(row)
        for table in page.all("table")
        if said(table).startswith(caption)
        for row in page.all("tr")
        if row.text and row.text in table.text
    ]


def test_it_says_first_how_the_drop_stands_and_what_would_change_that(page: Outline) -> None:
    gate = section(page, "gate")
    assert "This drop waits for a person’s review" in gate
    assert "More than USD 250,000 is at stake." in gate
    assert "The smallest changes that would pass Have it reviewed" in gate
    assert made_up.DECISION in gate
    head = said(page.all("header", "top")[0])
    assert "On sale 27 Nov 2026 to 24 Dec 2026" in head
    assert "State needs review" in head
    assert "Made up, so nothing to rely on: past drops, exchange rates, providers." in head


def test_what_has_changed_since_the_gate_judged_is_told(plan: dict[str, Any]) -> None:
    stale = [{"what": "release", "message": "Another release is in force."}]
    decision = made_up.decision() | {"stale": stale, "verdict": "allowed", "reasons": []}
    page = parsed(render_plan(plan, made_up.document(), decision, made_up.changes()))
    assert "Changed since: Another release is in force." in section(page, "gate")
    assert "Nothing stands against the plan as it is." in section(page, "gate")


def test_real_figures_are_not_called_made_up(plan: dict[str, Any]) -> None:
    real = json.loads(json.dumps(plan))
    real["forecast"]["rests_on"]["sample_drops"] = 0
    real["lineage"]["exchange_rates"]["sample"] = False
    real["lineage"]["standings"]["cainiao"]["sample"] = False
    page = render_plan(real, made_up.document(), None, [])
    assert "Sample data" not in page
    assert "made up" not in page


def test_the_eight_answers_are_those_of_the_plan(page: Outline, plan: dict[str, Any]) -> None:
    answers = section(page, "answers")
    figures = [said(one) for one in page.all("p", "figure")]
    assert len(figures) == 8
    countries = plan["forecast"]["countries"]
    best = max(countries, key=lambda one: one["ordered_rate"][1])
    assert figures[1] == f"{100 * best['ordered_rate'][1]:.1f} % {place_name(best['country'])}"
    assert figures[2] == f"{count(plan['totals']['units'])} units"
    held = {one["node"]: one["units"] for one in plan["nodes"]}
    assert figures[5] == f"{len(held)} locations"
    assert figures[6].startswith(count(max(held.values())))
    used = {
        step["provider"] for one in plan["products"] for w in one["ways"] for step in w["chain"]
    }
    assert figures[7] == f"{len(used)} providers"
    assert "of 38 markets" in answers


def expected_verdict(plan: dict[str, Any], market: str) -> str:
    """The verdict of a market, worked out apart: the gate objects to hoodies in Brazil."""
    brought = [
        "needs_review" if (one["product"], market) == ("hoodie", "BR") else "allowed"
        for one in plan["products"]
        if any(way["market"] == market for way in one["ways"])
    ]
    if brought:
        return gravest(brought)
    offered = [made_up.verdict_of(one["product"], market) for one in plan["products"]]
    return mildest(["not_served" if verdict == "allowed" else verdict for verdict in offered])


def test_map_table_and_legend_say_the_same_of_every_market(
    page: Outline, plan: dict[str, Any]
) -> None:
    expected = {one: expected_verdict(plan, one) for one in made_up.CANDIDATES}
    assert set(expected.values()) >= {
        "allowed",
        "not_served",
        "needs_review",
        "unknown",
        "prohibited",
    }
    titles = {said(one) for one in page.all("title")[1:]}
    table = rows(page, "The first markets") + rows(page, "The other markets")
    for market, verdict in expected.items():
        name, word = place_name(market), VERDICTS[verdict]
        assert any(title.startswith(f"{name}: {word}; ") for title in titles), name
        assert any(row.startswith(f"{name} {word} ") for row in table), name
    legend = said(page.all("ul", "legend")[0])
    for verdict in set(expected.values()):
        assert f"{list(expected.values()).count(verdict)} {VERDICTS[verdict]}" in legend
    assert "California (United States) needs review for Plush toy" in section(page, "where")


def test_a_verdict_on_the_plan_as_a_whole_does_not_colour_every_market(page: Outline) -> None:
    assert any("Germany: open" in one.text for one in page.all("title"))


def test_the_forecast_has_the_plans_ranges(page: Outline, plan: dict[str, Any]) -> None:
    total = rows(page, "The whole drop")
    for stage in ("reached", "visits", "orders", "returns"):
        figures = " ".join(map(count, plan["forecast"]["total"][stage]))
        assert any(row.endswith(figures) for row in total), stage
    countries = rows(page, "Forecast")
    for one in plan["forecast"]["countries"]:
        low, middle, high = map(count, one["orders"])
        name = place_name(one["country"])
        assert any(
            row.startswith(name) and f" {middle} {low} to {high} " in row for row in countries
        ), name
    assert "160 past drops, all of them made up" in section(page, "forecast")


def test_stock_and_places_have_the_plans_units(page: Outline, plan: dict[str, Any]) -> None:
    stock = rows(page, "Units of each product")
    for one in plan["products"]:
        text = next(row for row in stock if row.startswith(one["title"]))
        assert f" {count(one['stock']['quantity'])} " in text
    assert "a sale missed costs 3.6 times what a unit left over does" in section(page, "stock")
    assert "This is more, to be in stock as often as was asked for." in section(page, "stock")
    places = rows(page, "Stockrooms")
    for node in plan["nodes"]:
        name = made_up.NODES[node["node"]][0]
        text = next(row for row in places if name in row)
        assert f" {count(node['units'])} " in text
        assert f" of {count(node['capacity'])} " in text


def test_every_ring_on_the_maps_is_a_place_in_the_table(page: Outline) -> None:
    rings = {said(one) for one in page.all("title") if re.match(r"[A-Z]: ", one.text)}
    pins = {one.text for one in page.all("span", "pin")}
    assert {ring[0] for ring in rings} == pins
    assert f"A: Dallas, United States, {count(_units('amazon-mcf/dallas'))} units" in rings


def _units(node: str) -> int:
    (units,) = (one["units"] for one in made_up.plan()["nodes"] if one["node"] == node)
    return int(units)


def test_landed_costs_name_their_parts_the_scheme_and_those_refused(page: Outline) -> None:
    text = section(page, "costs")
    assert "Simplified courier entry; thinly researched" in text
    assert "Registered seller: The seller holds no registration there." in text
    bars = [one.attributes["aria-label"].replace(NBSP, " ") for one in page.all("svg", "stack")]
    assert "goods USD 21.00, freight USD 5.70, duty USD 2.52, tax USD 4.20, fees USD 0.35" in bars


def test_chains_name_everybody_and_what_else_there_is(page: Outline) -> None:
    text = section(page, "providers")
    assert "Line haul maersk → then Customs flexport → then Last mile cainiao" in text
    assert "maersk provisional Line haul" in text
    assert re.search(r"Last mile cainiao for [^:]+: USD 0\.23 more, 12 to 19 days", text)


def test_what_is_closed_says_why_and_what_would_open_it(page: Outline) -> None:
    text = section(page, "closed")
    assert "Malta Hoodie, Plush toy No way there arrives within 12 days. Allow 15 days." in text
    assert "The gate says: prohibited. Nothing that can be handed in." in text
    assert "The sale gate allows no import mode" not in text


def test_the_lineage_names_all_that_the_plan_rests_on(page: Outline, plan: dict[str, Any]) -> None:
    text = section(page, "lineage")
    lineage = plan["lineage"]
    for one in (plan["digest"], lineage["release"], lineage["facts"]):
        assert one in text
    for standing in lineage["standings"].values():
        assert standing["decision_id"] in text
    assert lineage["forecast"]["history_digest"] in text
    assert "of 2026-11-21, made-up rates (made up)" in text
    assert "planned → needs review by portal Submitted." in text
    assert "Nothing here is legal advice" in said(page.all("footer")[0])
    assert "GeoNames" in said(page.all("footer")[0])


def test_hostile_words_are_shown_and_do_nothing(plan: dict[str, Any]) -> None:
    hostile = _with_hostile_words(plan)
    document = made_up.document() | {"title": HOSTILE}
    document["creator"] = document["creator"] | {"id": HOSTILE}
    decision = json.loads(json.dumps(made_up.decision()))
    decision["reasons"][0]["message"] = HOSTILE
    changes = [one | {"reason": HOSTILE, "actor": HOSTILE} for one in made_up.changes()]
    html = render_plan(hostile, document, decision, changes)
    page = parsed(html)
    assert "<script" not in html
    assert page.all("h1")[0].text == HOSTILE
    assert any(HOSTILE in one.attributes.get("title", "") for one in page.all("span"))
    assert any(HOSTILE in one.attributes.get("aria-label", "") for one in page.all("div"))
    handlers = {name for one in page.elements for name in one.attributes if name.startswith("on")}
    assert handlers == set()


def _with_hostile_words(plan: dict[str, Any]) -> dict[str, Any]:
    hostile: dict[str, Any] = json.loads(json.dumps(plan))
    hostile["assumptions"] = [HOSTILE]
    for product in hostile["products"]:
        product["title"] = HOSTILE
        for node in product["nodes"]:
            node["name"] = node["provider"] = HOSTILE
        for way in product["ways"]:
            way["reason"] = way["import_mode"] = HOSTILE
            for scheme in way["schemes"]:
                scheme["title"] = HOSTILE
        for one in product["closed"]:
            one["why"] = one["would_open"] = [HOSTILE]
    return hostile


def test_it_needs_nothing_from_elsewhere(html: str, page: Outline) -> None:
    assert not {one.tag for one in page.elements} & {"link", "img", "iframe", "script", "object"}
    assert not any("src" in one.attributes for one in page.elements)
    assert "@import" not in html
    assert "url(" not in html
    links = {one.attributes["href"] for one in page.all("a") + page.all("use")}
    ids = {one.attributes["id"] for one in page.elements if "id" in one.attributes}
    assert {link.removeprefix("#") for link in links} <= ids
    policy = next(one for one in page.all("meta") if "http-equiv" in one.attributes)
    assert policy.attributes["content"].startswith("default-src 'none'")


def test_five_products_in_38_markets_stay_small(html: str) -> None:
    assert len(html.encode()) < MOST_BYTES


def test_its_tables_and_headings_can_be_followed_without_seeing_them(
    page: Outline, empty: Outline
) -> None:
    for one in (page, empty):
        assert len(one.all("caption")) == len(one.all("table"))
        assert all("scope" in cell.attributes for cell in one.all("th"))
        levels = [int(el.tag[1]) for el in one.elements if re.fullmatch("h[1-6]", el.tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        assert [len(one.all(tag)) for tag in ("main", "footer")] == [1, 1]
        for drawn in one.all("svg"):
            assert "aria-hidden" in drawn.attributes or drawn.attributes.get("aria-label")


def test_a_plan_without_any_open_market_is_still_a_report(empty: Outline) -> None:
    assert "The drop gate has not judged this plan yet" in section(empty, "gate")
    answers = section(empty, "answers")
    assert "0 of 38 markets" in answers
    assert "38 not researched" in answers
    assert "There is no stock to place." in section(empty, "stock")
    assert "Nothing is shipped, so nothing arrives." in section(empty, "costs")
    assert "38 markets" in section(empty, "closed")
    assert empty.all("g", "marker") == []


def test_a_plan_of_one_product_in_another_currency_counts_in_it() -> None:
    plan = made_up.plan(products=1) | {"currency": "JPY"}
    page = render_plan(plan, made_up.document("JPY", 1), None, made_up.changes()[:1])
    assert f"JPY{NBSP}6,900" in page
    assert "USD" not in page
