"""The page of the store: made by the real pipeline, escaped, well formed, and true to the log."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from html_outline import Element, Outline, outline
from sqlmodel import Session

from governance.db import transaction
from governance.decisions import service as decisions
from governance.demo.drop import DAY
from governance.demo.page import render
from governance.demo.store import Store, read_store
from governance.demo.timeline import end_of, play
from governance.demo.words import VERDICTS
from governance.gates.pipeline import Pipeline, open_pipeline
from governance.planning.certainty import fewest_flawless
from governance.providers.commands import SAMPLE
from governance.providers.documents import ProviderDocument
from governance.providers.reading import Source, read_documents
from governance.providers.vetting.explanation import explain
from governance.settings import Settings

HOSTILE = "\"'><script>alert(1)</script>{{ 7*7 }}&amp;"
STANDINGS = {
    "amazon-mcf": "active",
    "maersk": "provisional",
    "flexport": "probation",
    "shopify-fulfilment": "suspended",
    "cainiao": "applicant",
}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """The demo's history over the real rules, with one more provider, whose names are hostile."""
    pipeline = open_pipeline(Settings(data_dir=tmp_path_factory.mktemp("store")))
    sources = [Source(file.name, file.read_text("utf-8")) for file in sorted(SAMPLE.glob("*.yaml"))]
    with transaction(pipeline.engine) as session:
        documents = read_documents(sources, pipeline.gates(session).library.vocabulary)
    content = documents[0].model_dump() | {"id": "hostile", "name": HOSTILE, "description": HOSTILE}
    content["nodes"] = [node | {"name": HOSTILE} for node in content["nodes"]]
    play(pipeline, [*documents, ProviderDocument.model_validate(content)], end_of(DAY))
    yield pipeline
    pipeline.engine.dispose()


@pytest.fixture(scope="module")
def store(played: Pipeline) -> Store:
    with transaction(played.engine) as session:
        return read_store(session, played, end_of(DAY))


@pytest.fixture(scope="module")
def html(store: Store) -> str:
    return render(store)


@pytest.fixture(scope="module")
def page(html: str) -> Outline:
    return outline(html)


def article(page: Outline, provider: str) -> Element:
    (found,) = (
        one for one in page.all("article") if one.attributes["id"] == f"provider-{provider}"
    )
    return found


def said(element: Element) -> str:
    return " ".join(element.text.replace("\u00a0", " ").split())


def test_every_sample_provider_is_in_it_with_its_standing(page: Outline) -> None:
    for provider, standing in STANDINGS.items():
        text = said(article(page, provider))
        assert re.search(rf"\b{standing} since \d", text), (provider, text[:200])
    assert "made up" in said(page.all("p", "note")[0])


def test_each_stands_where_it_does_for_a_reason_that_is_named(page: Outline) -> None:
    reasons = {
        "amazon-mcf": "proven where it is allowed",
        "maersk": "no service is proven in any market yet",
        "flexport": "deliveries on time are below 97 %",
        "shopify-fulfilment": "above 20 %, a grave breach",
        "cainiao": "Not held, or run out: Customs representative in the EU",
    }
    for provider, reason in reasons.items():
        assert reason in said(article(page, provider)), provider


def test_what_would_prove_a_rate_is_what_the_statistics_say(store: Store, page: Outline) -> None:
    promised = re.search(
        r"Returns in Canada, France and Japan, in each: (\d+) more returns within 14 days would "
        r"prove at least 90 % done within 14 days",
        said(article(page, "amazon-mcf")),
    )
    assert promised is not None
    (lack,) = (
        one
        for card in store.cards
        for one in card.lacks
        if card.id == "amazon-mcf" and one.service == "Returns"
    )
    kept, completed = map(int, lack.counted.split(" of "))
    assert kept == completed
    assert int(promised[1]) == lack.more == fewest_flawless(0.9) - completed


def test_the_table_of_markets_says_what_the_latest_vettings_decided(
    played: Pipeline, store: Store, page: Outline
) -> None:
    titles = [one.attributes["title"] for one in page.all("td") if "title" in one.attributes]
    with transaction(played.engine) as session:
        expected = [
            (store.markets[cell["market"]], card.name, cell["verdict"])
            for card in store.cards
            for cell in explain(session, played, card.id)["vetting"]["cells"]
            if cell["market"] in store.markets
        ]
    shown = [re.split(", [^,]+, ", title, maxsplit=1) for title in titles]
    assert sorted(shown) == sorted(
        [market, f"{name}: {VERDICTS[verdict]}"] for market, name, verdict in expected
    )
    assert {verdict for *_, verdict in expected} == {
        "allowed",
        "needs_evidence",
        "needs_review",
        "prohibited",
    }


def test_every_decision_it_names_is_on_the_record(
    played: Pipeline, html: str, store: Store
) -> None:
    named = set(re.findall(r"decision <code>([0-9A-Z]{26})</code>", html))
    taken = {step.decision_id for card in store.cards for step in card.steps}
    assert named == taken | {card.decision_id for card in store.cards}
    with transaction(played.engine) as session:
        assert {gate_of(session, one) for one in named} == {"provider"}


def gate_of(session: Session, decision_id: str) -> str:
    return decisions.get(session, decision_id).gate


def test_hostile_names_are_shown_and_do_nothing(html: str, page: Outline) -> None:
    assert page.all("script") == []
    assert "<script" not in html
    heading = next(one for one in page.all("h3") if one.attributes["id"] == "provider-hostile-name")
    assert heading.text == HOSTILE
    assert any(HOSTILE in one.attributes.get("title", "") for one in page.all("td"))
    handlers = {name for one in page.elements for name in one.attributes if name.startswith("on")}
    assert handlers == set()


def test_it_needs_nothing_from_elsewhere(html: str, page: Outline) -> None:
    assert not {one.tag for one in page.elements} & {"link", "img", "iframe", "script", "object"}
    assert not any("src" in one.attributes for one in page.elements)
    assert "@import" not in html
    assert "url(" not in html
    links = {one.attributes["href"] for one in page.all("a")}
    assert all(link.startswith(("#", "https://", "http://")) for link in links)
    ids = {one.attributes["id"] for one in page.elements if "id" in one.attributes}
    assert {link[1:] for link in links if link.startswith("#")} <= ids


def test_its_tables_and_headings_can_be_followed_without_seeing_them(page: Outline) -> None:
    assert len(page.all("caption")) == len(page.all("table"))
    assert all("scope" in one.attributes for one in page.all("th"))
    levels = [int(one.tag[1]) for one in page.elements if re.fullmatch("h[1-6]", one.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert [len(page.all(one)) for one in ("main", "footer")] == [1, 1]
    for bar in page.all("svg"):
        assert "aria-hidden" in bar.attributes or bar.attributes.get("aria-label")


def test_a_page_without_providers_is_still_a_page(store: Store) -> None:
    empty = Store(as_of=store.as_of, release=store.release, markets=store.markets, cards=[])
    assert outline(render(empty)).all("article") == []
